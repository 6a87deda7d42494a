#pragma once

// Routes and dead letters as text.

#include <string>

#include "nexus/admin/v1/route.pb.h"
#include "nexus/core/position.h"

namespace nexus::cli {

// "running", "paused", "failed".
std::string RouteStateText(const admin::v1::RouteStatus& status);
std::string RouteJson(const admin::v1::Route& route);
std::string DeadLetterJson(const admin::v1::DeadLetter& letter);
// "waits", "retrying", "skipped".
std::string DeadLetterStateText(const admin::v1::DeadLetter& letter);

Timestamp TimeOf(const google::protobuf::Timestamp& time);
// "1.5s" of a message.
std::string DurationText(const google::protobuf::Duration& duration);

}  // namespace nexus::cli

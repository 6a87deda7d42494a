#pragma once

// Answers of a log as text, so that two logs can be compared and a difference can be read.

#include <string>

#include "absl/status/statusor.h"
#include "nexus/core/commit.h"
#include "nexus/port/event_reader.h"

namespace nexus::property {

std::string TextOf(const absl::StatusOr<CommitReceipt>& verdict);
std::string TextOf(const absl::StatusOr<EventBatch>& page);
std::string TextOf(const absl::StatusOr<StreamPage>& page);
std::string TextOf(const absl::StatusOr<StreamInfo>& info);

}  // namespace nexus::property

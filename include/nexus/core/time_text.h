#pragma once

// Points of time as text: RFC 3339 in UTC with six decimal places, "2026-01-31T12:00:00.000000Z".

#include <string>

#include "nexus/core/position.h"

namespace nexus {

// Of the years 0 to 9999; what lies outside is written as the first or last moment of them.
void AppendTime(std::string& out, Timestamp time);
std::string TimeText(Timestamp time);

}  // namespace nexus

#pragma once

// A stored event as text.

#include <string>
#include <vector>

#include "nexus/core/event.h"
#include "nexus/core/position.h"

namespace nexus::cli {

// One line. JSON data is embedded as it is, less its white space; other data as "data_base64".
std::string EventJson(const RecordedEvent& event);

std::vector<std::string> EventColumns();
std::vector<std::string> EventCells(const RecordedEvent& event);

}  // namespace nexus::cli

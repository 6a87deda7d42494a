#pragma once

// Which events, on the command line: what `read` and `tail` have in common.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "nexus/core/event_filter.h"
#include "nexus/core/position.h"

namespace nexus::cli {

struct FilterOptions {
  FilterItem item;
  std::string from_time;
  std::string to_time;
  std::optional<uint64_t> to;
};

void AddFilterOptions(CLI::App& command, FilterOptions& options);

// One item, or none if nothing is asked for.
EventFilter ToFilter(const FilterOptions& options);

// "2026-11-21T08:30:00Z", or so long before `now`: "90s", "15m", "36h". Nothing for empty text; a
// usage error that names `option` for any other.
absl::StatusOr<std::optional<Timestamp>> ParseTime(const std::string& text,
                                                   const std::string& option, Timestamp now);

}  // namespace nexus::cli

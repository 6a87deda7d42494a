#pragma once

// What the commands of `cost` are told in common: the price file, and how sinks are used.

#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/session.h"
#include "cost/price_list.h"
#include "cost/usage.h"

namespace nexus::cli {

struct CostOptions {
  std::string prices;
  std::string duplicates = "0";
  std::string compressed = "1";
  uint64_t consumers = 1;
  uint64_t batch = 10;
  uint64_t streams = 1;
};

void AddCostOptions(CLI::App& command, CostOptions& options);

// A decimal in millionths, from `min` to `max` millionths. A usage error names the option.
absl::StatusOr<uint64_t> ParseMillionths(absl::string_view option, absl::string_view text,
                                         uint64_t min, uint64_t max);

// All but the period.
absl::StatusOr<cost::Assumptions> AssumptionsOf(const CostOptions& options);

// Of the file; without one those that nexusctl was built with.
absl::StatusOr<cost::PriceList> PricesOf(Session& session, const CostOptions& options);

}  // namespace nexus::cli

#include "config/rate_text.h"

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace nexus::config {
namespace {

struct NamedRate {
  absl::string_view name;
  double RatesConfig::*field;
};

constexpr std::array kRates = {
    NamedRate{"requests_per_second", &RatesConfig::requests_per_second},
    NamedRate{"events_per_second", &RatesConfig::events_per_second},
    NamedRate{"bytes_per_second", &RatesConfig::bytes_per_second},
    NamedRate{"streams_per_second", &RatesConfig::streams_per_second},
    NamedRate{"subscriptions_per_minute", &RatesConfig::subscriptions_per_minute},
    NamedRate{"temporal_reads_per_minute", &RatesConfig::temporal_reads_per_minute},
};
constexpr absl::string_view kOpenMax = "subscriptions_open_max";

std::string Names() {
  std::string names;
  for (const NamedRate& rate : kRates) absl::StrAppend(&names, rate.name, ", ");
  return absl::StrCat(names, kOpenMax);
}

absl::Status Set(absl::string_view name, absl::string_view number, RatesConfig& rates) {
  const auto wrong = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("'", name, "=", number, "': ", why));
  };
  if (name == kOpenMax) {
    if (absl::SimpleAtoi(number, &rates.subscriptions_open_max)) return absl::OkStatus();
    return wrong("must be a whole number, 0 for no limit");
  }
  for (const NamedRate& rate : kRates) {
    if (rate.name != name) continue;
    double value = 0;
    if (!absl::SimpleAtod(number, &value) || !std::isfinite(value) || value < 0) {
      return wrong("must be a number, 0 for no limit");
    }
    rates.*rate.field = value;
    return absl::OkStatus();
  }
  return wrong(absl::StrCat("no such limit; there are ", Names()));
}

}  // namespace

absl::StatusOr<RatesConfig> ParseRates(absl::string_view text, const RatesConfig& of_all) {
  RatesConfig rates = of_all;
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text, absl::ByAnyChar(" ,\t\n"), absl::SkipEmpty());
  if (parts.empty()) return absl::InvalidArgumentError("names no limit");
  for (const absl::string_view part : parts) {
    const std::pair<absl::string_view, absl::string_view> sides =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (absl::Status set = Set(sides.first, sides.second, rates); !set.ok()) return set;
  }
  return rates;
}

}  // namespace nexus::config

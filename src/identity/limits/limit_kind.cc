#include "identity/limits/limit_kind.h"

namespace nexus::identity {

absl::string_view LimitKindName(LimitKind kind) {
  constexpr std::array<absl::string_view, kLimitKinds> kNames = {
      "requests", "events", "bytes", "streams", "subscriptions", "temporal_reads"};
  return kNames[static_cast<size_t>(kind)];
}

Rates DefaultRates() {
  constexpr double kTemporalReads = 10;
  constexpr double kMinute = 60;
  Rates rates;
  rates[static_cast<size_t>(LimitKind::kTemporalReads)] = {kTemporalReads / kMinute,
                                                           kTemporalReads};
  return rates;
}

}  // namespace nexus::identity

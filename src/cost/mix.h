#pragma once

// How much it saves to send a part of the events past the critical sink, for each part: where it
// begins to pay, where it saves as much as somebody wants, and whether it ever does.
//
// Both sinks run at every mix, at 0 and 1,000 permille too. Each is sized for its part of the peak;
// what everything is compared with is the critical sink sized for all of it.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cost/bill.h"
#include "cost/price_list.h"
#include "cost/usage.h"

namespace nexus::cost {

// By permille of critical events, 0 to 1,000: what a service costs as the sink of so much.
class CostCurve {
 public:
  static absl::StatusOr<CostCurve> Of(const PricedService& service, const Workload& workload,
                                      const Assumptions& assumptions);

  const std::string& service() const { return service_; }
  bool priced() const { return priced_; }
  Money at(uint64_t permille) const { return totals_[permille]; }
  // Its note at `permille`, which says where it cannot take so much.
  bool feasible(uint64_t permille) const { return feasible_[permille]; }

 private:
  std::string service_;
  bool priced_ = true;
  std::vector<Money> totals_;
  std::vector<bool> feasible_;
};

struct MixRange {
  uint64_t from = 0;  // permille of critical events, both included
  uint64_t to = 0;

  friend bool operator==(const MixRange&, const MixRange&) = default;
};

// "0.0 % to 61.3 %, 70.0 %"; "no mix". The first three; then how many more there are.
std::string MixText(const std::vector<MixRange>& ranges);

struct MixFindings {
  Money all_critical;
  std::vector<MixRange> saves;    // anything at all
  std::vector<MixRange> reaches;  // the target
  uint64_t best_permille = 0;     // where most is saved; the most critical of equal ones
  Money best_saving;              // may be negative: then no mix pays
};

// `target_basis_points`: of what everything on the critical sink would cost. A mix that one of the
// two cannot take saves nothing.
MixFindings FindMixes(const CostCurve& critical, const CostCurve& standard,
                      int64_t target_basis_points);

}  // namespace nexus::cost

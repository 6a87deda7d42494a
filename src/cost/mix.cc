#include "cost/mix.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"

namespace nexus::cost {
namespace {

constexpr size_t kRangesShown = 3;

void Include(uint64_t permille, std::vector<MixRange>& ranges) {
  if (!ranges.empty() && ranges.back().to + 1 == permille) {
    ranges.back().to = permille;
  } else {
    ranges.push_back({permille, permille});
  }
}

std::string ShareText(uint64_t permille) {
  return absl::StrCat(permille / 10, ".", permille % 10, " %");
}

}  // namespace

absl::StatusOr<CostCurve> CostCurve::Of(const PricedService& service, const Workload& workload,
                                        const Assumptions& assumptions) {
  PriceList one;
  one.services[service.name] = service;
  const std::set<uint64_t> sizes = PieceSizes(one);
  CostCurve curve;
  curve.service_ = service.name;
  for (uint64_t permille = 0; permille <= kWholePermille; ++permille) {
    NEXUS_ASSIGN_OR_RETURN(const Bill bill,
                           BillOf(service, UsageOf(workload, permille, sizes), assumptions));
    curve.priced_ = bill.priced;
    curve.totals_.push_back(bill.total());
    curve.feasible_.push_back(bill.note.empty());
  }
  return curve;
}

std::string MixText(const std::vector<MixRange>& ranges) {
  if (ranges.empty()) return "no mix";
  std::string text;
  for (size_t i = 0; i < ranges.size(); ++i) {
    if (i == kRangesShown) {
      return absl::StrCat(text, " and ", ranges.size() - i, " more");
    }
    absl::StrAppend(&text, i == 0 ? "" : ", ", ShareText(ranges[i].from));
    if (ranges[i].to != ranges[i].from) absl::StrAppend(&text, " to ", ShareText(ranges[i].to));
  }
  return text;
}

MixFindings FindMixes(const CostCurve& critical, const CostCurve& standard,
                      int64_t target_basis_points) {
  MixFindings findings;
  findings.all_critical = critical.at(kWholePermille);
  bool any = false;
  for (uint64_t permille = 0; permille <= kWholePermille; ++permille) {
    if (!critical.feasible(permille) || !standard.feasible(kWholePermille - permille)) continue;
    const Money saving =
        findings.all_critical - critical.at(permille) - standard.at(kWholePermille - permille);
    if (saving > Money()) Include(permille, findings.saves);
    // In whole numbers: a rounded percentage could reach what the saving does not.
    if (absl::int128(saving.micros) * 10'000 >=
        absl::int128(findings.all_critical.micros) * target_basis_points) {
      Include(permille, findings.reaches);
    }
    if (!any || saving >= findings.best_saving) {
      findings.best_permille = permille;
      findings.best_saving = saving;
    }
    any = true;
  }
  return findings;
}

}  // namespace nexus::cost

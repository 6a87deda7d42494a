// nexusctl cost estimate: a worked example, without a server.

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/cost_options.h"
#include "cli/cost_text.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cost/bill.h"
#include "cost/mix.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

using cost::CentsText;
using cost::CostCurve;
using cost::ExactText;
using cost::GroupedText;
using cost::Money;

struct EstimateOptions {
  CostOptions common;
  uint64_t events_per_second = 0;
  uint64_t events = 0;  // in the period, in place of those a second
  uint64_t peak = 0;    // in the busiest second, in place of the factor
  uint64_t event_bytes = 1'024;
  uint64_t hours = 730;
  std::string peak_factor = "1";
  std::string critical_share;
  std::string critical;
  std::string standard;
  std::string target = "73";
};

// What is asked, understood.
struct Estimate {
  cost::PriceList prices;
  cost::Assumptions assumed;
  cost::Workload load;
  int64_t target_basis_points = 0;
  std::vector<std::string> critical;  // services that carry the critical part
  std::vector<std::string> standard;
  uint64_t permille = 0;  // critical, of a mix that is asked for
  bool mixed = false;
};

absl::StatusOr<std::vector<std::string>> ServicesOf(const cost::PriceList& prices,
                                                    absl::string_view option,
                                                    const std::string& named) {
  std::vector<std::string> services;
  for (const auto& [name, service] : prices.services) {
    if (named.empty() || name == named) services.push_back(name);
  }
  if (services.empty()) {
    return UsageError(absl::StrCat(option, " ", named, ": the price file has no such service"));
  }
  return services;
}

absl::StatusOr<cost::Workload> LoadOf(const EstimateOptions& options) {
  constexpr uint64_t kPeakMax = 1'000 * cost::kMillionths;
  const uint64_t seconds = options.hours * 3'600;
  cost::Workload load;
  if ((options.events_per_second == 0) == (options.events == 0)) {
    return UsageError("--events-per-second or --events is needed, and not both");
  }
  load.events = options.events;
  uint64_t average = cost::ScaledUp(options.events, 1, seconds);
  if (options.events == 0) {
    average = options.events_per_second;
    load.events = cost::ScaledUp(average, seconds, 1);
  }
  load.event_bytes = options.event_bytes;
  NEXUS_ASSIGN_OR_RETURN(const uint64_t peak, ParseMillionths("--peak-factor", options.peak_factor,
                                                              cost::kMillionths, kPeakMax));
  load.peak_events =
      options.peak == 0 ? cost::ScaledUp(average, peak, cost::kMillionths) : options.peak;
  return load;
}

absl::StatusOr<Estimate> Understand(Session& session, const EstimateOptions& options) {
  Estimate asked;
  NEXUS_ASSIGN_OR_RETURN(asked.prices, PricesOf(session, options.common));
  NEXUS_ASSIGN_OR_RETURN(asked.assumed, AssumptionsOf(options.common));
  asked.assumed.seconds = options.hours * 3'600;
  NEXUS_ASSIGN_OR_RETURN(asked.load, LoadOf(options));
  NEXUS_ASSIGN_OR_RETURN(const uint64_t target, ParseMillionths("--target-saving", options.target,
                                                                0, 100 * cost::kMillionths));
  asked.target_basis_points = static_cast<int64_t>(target * 100 / cost::kMillionths);
  NEXUS_ASSIGN_OR_RETURN(asked.critical, ServicesOf(asked.prices, "--critical", options.critical));
  NEXUS_ASSIGN_OR_RETURN(asked.standard, ServicesOf(asked.prices, "--standard", options.standard));
  asked.mixed = !options.critical_share.empty();
  if (!asked.mixed) return asked;
  if (options.critical.empty() || options.standard.empty()) {
    return UsageError("--critical-share: --critical and --standard are needed with it");
  }
  NEXUS_ASSIGN_OR_RETURN(
      const uint64_t share,
      ParseMillionths("--critical-share", options.critical_share, 0, cost::kMillionths));
  asked.permille = share / 1'000;
  if (share % 1'000 != 0) return UsageError("--critical-share: at most 3 decimal places");
  return asked;
}

absl::StatusOr<ShownBill> BillAt(const Estimate& asked, const std::string& service,
                                 uint64_t permille) {
  NEXUS_ASSIGN_OR_RETURN(
      const cost::Bill bill,
      cost::BillOf(*asked.prices.Find(service),
                   cost::UsageOf(asked.load, permille, cost::PieceSizes(asked.prices)),
                   asked.assumed));
  return Shown(bill);
}

// One of two services: both carry their part, or each everything.
absl::StatusOr<std::vector<ShownBill>> BillsOf(const Estimate& asked) {
  std::vector<ShownBill> bills;
  const auto add = [&](const std::string& service, uint64_t permille) -> absl::Status {
    NEXUS_ASSIGN_OR_RETURN(ShownBill bill, BillAt(asked, service, permille));
    bills.push_back(std::move(bill));
    return absl::OkStatus();
  };
  if (asked.mixed) {
    NEXUS_RETURN_IF_ERROR(add(asked.critical.front(), cost::kWholePermille));
    NEXUS_RETURN_IF_ERROR(add(asked.critical.front(), asked.permille));
    NEXUS_RETURN_IF_ERROR(add(asked.standard.front(), cost::kWholePermille - asked.permille));
    bills[0].service += " (all)";
    return bills;
  }
  std::set<std::string> services(asked.critical.begin(), asked.critical.end());
  services.insert(asked.standard.begin(), asked.standard.end());
  for (const std::string& service : services) {
    NEXUS_RETURN_IF_ERROR(add(service, cost::kWholePermille));
  }
  return bills;
}

struct Pair {
  std::string critical;
  std::string standard;
  cost::MixFindings found;
};

// Every pair of priced services of which the first can carry everything.
absl::StatusOr<std::vector<Pair>> PairsOf(const Estimate& asked) {
  std::map<std::string, CostCurve> curves;
  for (const auto* side : {&asked.critical, &asked.standard}) {
    for (const std::string& service : *side) {
      if (curves.contains(service)) continue;
      NEXUS_ASSIGN_OR_RETURN(CostCurve curve,
                             CostCurve::Of(*asked.prices.Find(service), asked.load, asked.assumed));
      curves.emplace(service, std::move(curve));
    }
  }
  std::vector<Pair> pairs;
  for (const std::string& critical : asked.critical) {
    const CostCurve& one = curves.at(critical);
    if (!one.priced() || !one.feasible(cost::kWholePermille)) continue;
    for (const std::string& standard : asked.standard) {
      const CostCurve& other = curves.at(standard);
      if (critical == standard || !other.priced()) continue;
      pairs.push_back({critical, standard, FindMixes(one, other, asked.target_basis_points)});
    }
  }
  return pairs;
}

std::string TargetText(const Estimate& asked) {
  return cost::PercentText(asked.target_basis_points);
}

std::string BestText(const cost::MixFindings& found) {
  if (found.best_saving <= Money()) {
    return absl::StrCat("none: ", CentsText(found.best_saving), " at best");
  }
  return absl::StrCat(CentsText(found.best_saving), " (",
                      cost::PercentText(cost::BasisPoints(found.best_saving, found.all_critical)),
                      ") at ", cost::MixText({{found.best_permille, found.best_permille}}));
}

std::string SavingText(Money saving, Money whole) {
  const std::string share = cost::PercentText(cost::BasisPoints(saving, whole));
  if (saving < Money()) {
    return absl::StrCat(CentsText(saving), " (", share, "): the two cost MORE than one");
  }
  return absl::StrCat(CentsText(saving), " (", share, ")");
}

std::string PairJson(const Pair& pair) {
  const auto ranges = [](const std::vector<cost::MixRange>& all) {
    std::vector<std::string> items;
    for (const cost::MixRange& range : all) {
      items.push_back(
          JsonObject().Number("from_permille", range.from).Number("to_permille", range.to).Take());
    }
    return JsonArray(items);
  };
  JsonObject json;
  json.Text("critical", pair.critical).Text("standard", pair.standard);
  json.Text("all_critical", ExactText(pair.found.all_critical));
  json.Raw("saves", ranges(pair.found.saves)).Raw("reaches_target", ranges(pair.found.reaches));
  json.Text("best_saving", ExactText(pair.found.best_saving));
  return json.Number("best_permille", pair.found.best_permille).Take();
}

std::string EstimateJson(const Estimate& asked, const std::vector<ShownBill>& bills,
                         const std::vector<Pair>& pairs) {
  std::vector<std::string> bill_texts, pair_texts;
  for (const ShownBill& bill : bills) bill_texts.push_back(BillJson(bill));
  for (const Pair& pair : pairs) pair_texts.push_back(PairJson(pair));
  JsonObject json;
  json.Text("as_of", asked.prices.as_of).Text("region", asked.prices.region);
  json.Text("currency", asked.prices.currency);
  json.Number("events", asked.load.events).Number("event_bytes", asked.load.event_bytes);
  json.Number("peak_events", asked.load.peak_events).Number("seconds", asked.assumed.seconds);
  if (asked.mixed) json.Number("critical_permille", asked.permille);
  json.Raw("bills", JsonArray(bill_texts));
  if (asked.mixed && bills[0].priced && bills[1].priced && bills[2].priced) {
    json.Text("saving", ExactText(bills[0].total() - bills[1].total() - bills[2].total()));
  }
  json.Text("target_saving", TargetText(asked));
  return json.Raw("pairs", JsonArray(pair_texts)).Take();
}

void PrintHead(Session& session, const Estimate& asked, const std::vector<ShownBill>& bills) {
  std::vector<std::pair<std::string, std::string>> fields = {
      {"prices", absl::StrCat("of ", asked.prices.as_of, ", ", asked.prices.region, ", in ",
                              asked.prices.currency)},
      {"events",
       absl::StrCat(GroupedText(asked.load.events), " of ", GroupedText(asked.load.event_bytes),
                    " bytes in ", GroupedText(asked.assumed.seconds / 3'600), " h, at most ",
                    GroupedText(asked.load.peak_events), " a second")}};
  if (const std::string unchecked = UncheckedText(bills); !unchecked.empty()) {
    fields.emplace_back("careful", unchecked);
  }
  PrintObject(session.out(), session.style(), fields, "");
  session.out() << '\n';
}

void PrintPairs(Session& session, const Estimate& asked, const std::vector<Pair>& pairs) {
  if (pairs.empty()) return;
  session.out() << "\nshare of critical events at which two sinks cost less than the first alone\n";
  Listing listing(
      session.out(), session.style(),
      {"CRITICAL", "STANDARD", "ANY SAVING", absl::StrCat("SAVES ", TargetText(asked)), "MOST"});
  for (const Pair& pair : pairs) {
    listing.Add(
        [&]() -> std::vector<std::string> {
          return {pair.critical, pair.standard, cost::MixText(pair.found.saves),
                  cost::MixText(pair.found.reaches), BestText(pair.found)};
        },
        [] { return std::string(); });
  }
  listing.End();
}

void PrintMix(Session& session, const Estimate& asked, const std::vector<ShownBill>& bills) {
  if (!asked.mixed) return;
  std::string saving = "not known: one of them has no price";
  if (bills[0].priced && bills[2].priced) {
    saving = SavingText(bills[0].total() - bills[1].total() - bills[2].total(), bills[0].total());
  }
  session.out() << '\n';
  PrintObject(session.out(), session.style(),
              {{"critical", cost::MixText({{asked.permille, asked.permille}})}, {"saving", saving}},
              "");
}

absl::StatusOr<ExitCode> RunEstimate(Session& session, const EstimateOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const Estimate asked, Understand(session, options));
  NEXUS_ASSIGN_OR_RETURN(const std::vector<ShownBill> bills, BillsOf(asked));
  NEXUS_ASSIGN_OR_RETURN(const std::vector<Pair> pairs, PairsOf(asked));
  if (session.style().format != Format::kTable) {
    session.out() << EstimateJson(asked, bills, pairs) << '\n';
    return ExitCode::kOk;
  }
  PrintHead(session, asked, bills);
  PrintBills(session.out(), session.style(), bills);
  PrintMix(session, asked, bills);
  PrintPairs(session, asked, pairs);
  return ExitCode::kOk;
}

void AddEstimate(CLI::App& cost, Chosen& chosen) {
  auto options = std::make_shared<EstimateOptions>();
  CLI::App* estimate = cost.add_subcommand(
      "estimate", "What a load would cost with each service, and what two of them would save");
  const auto bounded = CLI::Range(uint64_t{1}, uint64_t{1'000'000'000'000});
  estimate->add_option("--events-per-second", options->events_per_second, "On average")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1'000'000'000}))
      ->type_name("N");
  estimate->add_option("--events", options->events, "Or in the whole period")
      ->check(bounded)
      ->type_name("N");
  estimate->add_option("--event-bytes", options->event_bytes, "With all that goes along; 1024")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 30))
      ->type_name("N");
  estimate->add_option("--hours", options->hours, "The period; default a month of 730")
      ->check(CLI::Range(uint64_t{1}, uint64_t{100'000}))
      ->type_name("N");
  estimate->add_option("--peak-factor", options->peak_factor,
                       "The busiest second over the average: 3; default 1");
  estimate->add_option("--peak", options->peak, "Or events in the busiest second")
      ->check(bounded)
      ->type_name("N");
  estimate->add_option("--critical", options->critical, "Service of the critical part")
      ->type_name("SERVICE");
  estimate->add_option("--standard", options->standard, "Service of the rest")
      ->type_name("SERVICE");
  estimate
      ->add_option("--critical-share", options->critical_share,
                   "Bills at this mix: 0.2; needs both services")
      ->type_name("SHARE");
  estimate
      ->add_option("--target-saving", options->target,
                   "In percent: at which mixes it is reached; default 73")
      ->type_name("PERCENT");
  AddCostOptions(*estimate, options->common);
  OnChosen(estimate, chosen, options, RunEstimate, Reach::kLocal);
}

}  // namespace

void AddCostCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* cost = app.add_subcommand("cost", "What delivery costs, and what it would otherwise");
  cost->require_subcommand(1);
  AddCostReportCommands(*cost, chosen);
  AddEstimate(*cost, chosen);
}

}  // namespace nexus::cli

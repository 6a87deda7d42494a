// nexusctl cost report, cost prices

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/commands.h"
#include "cli/cost_options.h"
#include "cli/cost_text.h"
#include "cli/event_text.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/filter_options.h"
#include "cli/json.h"
#include "cli/route_text.h"
#include "nexus/client/route.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

using cost::CentsText;
using cost::ExactText;
using cost::GroupedText;
using cost::Money;

constexpr uint64_t kMonthSeconds = 730 * 3'600;

struct CostReportOptions {
  CostOptions common;
  uint64_t from = 0;
  uint64_t to = 0;
  std::string from_time;
  std::string to_time;
  bool month = false;
  std::vector<std::string> routes;
  std::vector<std::string> sinks;
  std::string critical;
  std::string rules;
};

absl::Status TakePairs(absl::string_view option, const std::vector<std::string>& texts,
                       google::protobuf::Map<std::string, std::string>& out) {
  for (const std::string& text : texts) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(text, absl::MaxSplits('=', 1));
    if (pair.first.empty() || pair.second.empty()) {
      return UsageError(absl::StrCat(option, " ", text, ": NAME=SERVICE is needed"));
    }
    out[pair.first] = pair.second;
  }
  return absl::OkStatus();
}

absl::Status FillTime(const std::string& option, const std::string& text, Timestamp now,
                      google::protobuf::Timestamp* (admin::v1::ReportCostRequest::*field)(),
                      admin::v1::ReportCostRequest& request) {
  NEXUS_ASSIGN_OR_RETURN(const std::optional<Timestamp> time, ParseTime(text, option, now));
  if (!time.has_value()) return absl::OkStatus();
  google::protobuf::Timestamp& out = *(request.*field)();
  out.set_seconds(time->micros / 1'000'000);
  out.set_nanos(static_cast<int32_t>(time->micros % 1'000'000) * 1'000);
  return absl::OkStatus();
}

absl::StatusOr<admin::v1::ReportCostRequest> RequestFor(Session& session,
                                                        const CostReportOptions& options) {
  admin::v1::ReportCostRequest request;
  request.set_from_position(options.from);
  request.set_to_position(options.to);
  const Timestamp now = session.clock().Now();
  NEXUS_RETURN_IF_ERROR(FillTime("--from-time", options.from_time, now,
                                 &admin::v1::ReportCostRequest::mutable_from_time, request));
  NEXUS_RETURN_IF_ERROR(FillTime("--to-time", options.to_time, now,
                                 &admin::v1::ReportCostRequest::mutable_to_time, request));
  if (options.month) request.set_projected_seconds(kMonthSeconds);
  if (!options.common.prices.empty()) {
    NEXUS_ASSIGN_OR_RETURN(*request.mutable_prices(),
                           ReadSource(options.common.prices, session.in()));
  }
  if (!options.rules.empty()) {
    NEXUS_ASSIGN_OR_RETURN(*request.mutable_classification(),
                           ReadSource(options.rules, session.in()));
  }
  admin::v1::CostAssumptions& assumptions = *request.mutable_assumptions();
  NEXUS_RETURN_IF_ERROR(
      TakePairs("--route", options.routes, *assumptions.mutable_route_services()));
  NEXUS_RETURN_IF_ERROR(TakePairs("--sink", options.sinks, *assumptions.mutable_sink_services()));
  assumptions.set_critical_service(options.critical);
  NEXUS_ASSIGN_OR_RETURN(const cost::Assumptions assumed, AssumptionsOf(options.common));
  assumptions.set_duplicate_millionths(assumed.duplicate_millionths);
  assumptions.set_compressed_millionths(assumed.compressed_millionths);
  assumptions.set_consumers(assumed.consumers);
  assumptions.set_batch(assumed.batch);
  assumptions.set_streams(assumed.streams);
  return request;
}

ShownBill ShownOf(const admin::v1::CostBill& bill) {
  ShownBill shown;
  shown.service = bill.service();
  shown.priced = bill.priced();
  shown.note = bill.note();
  shown.units = bill.units();
  shown.events = bill.events();
  shown.fixed = {bill.fixed_micros()};
  shown.variable = {bill.variable_micros()};
  for (const admin::v1::CostLine& line : bill.lines()) {
    shown.lines.push_back({line.item(),
                           line.what(),
                           line.price(),
                           line.source(),
                           line.checked(),
                           line.fixed(),
                           {line.amount_micros()}});
  }
  return shown;
}

std::vector<ShownBill> BillsIn(const admin::v1::CostScenario& scenario) {
  std::vector<ShownBill> bills;
  for (const admin::v1::CostBill& bill : scenario.bills()) bills.push_back(ShownOf(bill));
  bills.push_back(ShownOf(scenario.all_critical()));
  bills.back().service += " (all)";
  return bills;
}

std::string RouteCostJson(const admin::v1::RouteCost& route) {
  JsonObject json;
  json.Text("route", route.route()).Text("service", route.service());
  json.Bool("priced", route.priced()).Number("events", route.events());
  json.Number("bytes", route.bytes()).Number("peak_events", route.peak_events());
  json.Number("peak_bytes", route.peak_bytes());
  if (route.priced()) {
    json.Text("fixed", ExactText({route.fixed_micros()}));
    json.Text("variable", ExactText({route.variable_micros()}));
  }
  return json.Take();
}

std::string ScenarioJson(const admin::v1::CostScenario& scenario) {
  std::vector<std::string> routes, bills;
  for (const admin::v1::RouteCost& route : scenario.routes()) {
    routes.push_back(RouteCostJson(route));
  }
  for (const admin::v1::CostBill& bill : scenario.bills()) bills.push_back(BillJson(ShownOf(bill)));
  JsonObject json;
  json.Number("critical", scenario.critical()).Number("unrouted", scenario.unrouted());
  json.Raw("routes", JsonArray(routes)).Raw("bills", JsonArray(bills));
  json.Text("actual", ExactText({scenario.actual_micros()}));
  json.Raw("all_critical", BillJson(ShownOf(scenario.all_critical())));
  json.Raw("unpriced", JsonTexts({scenario.unpriced().begin(), scenario.unpriced().end()}));
  json.Bool("comparable", scenario.comparable());
  if (scenario.comparable()) {
    json.Text("saving_now", ExactText({scenario.saving_now_micros()}));
    json.Text("saving_resized", ExactText({scenario.saving_resized_micros()}));
  }
  return json.Text("verdict", scenario.verdict()).Take();
}

std::string CostReportJson(const admin::v1::ReportCostResponse& answer) {
  JsonObject json;
  json.Text("as_of", answer.as_of()).Text("region", answer.region());
  json.Text("currency", answer.currency()).Text("prices_origin", answer.prices_origin());
  json.Number("from", answer.from_position()).Number("to", answer.to_position());
  json.Number("events", answer.events()).Number("measured_seconds", answer.measured_seconds());
  json.Number("billed_seconds", answer.billed_seconds());
  json.Raw("actual", ScenarioJson(answer.actual()));
  if (answer.has_what_if()) json.Raw("what_if", ScenarioJson(answer.what_if()));
  return json.Take();
}

void PrintRoutes(Session& session, const admin::v1::CostScenario& scenario) {
  Listing listing(session.out(), session.style(),
                  {"ROUTE", "BILLED AS", "EVENTS", "BYTES", "PEAK/S", "COST", "A MILLION EVENTS"});
  for (const admin::v1::RouteCost& route : scenario.routes()) {
    const Money total{route.fixed_micros() + route.variable_micros()};
    listing.Add(
        [&]() -> std::vector<std::string> {
          return {route.route(),
                  route.service().empty() ? "-" : route.service(),
                  GroupedText(route.events()),
                  GroupedText(route.bytes()),
                  GroupedText(route.peak_events()),
                  route.priced() ? CentsText(total) : "UNPRICED",
                  route.priced() ? CentsText(cost::PerMillion(total, route.events())) : "?"};
        },
        [] { return std::string(); });
  }
  listing.End();
}

void PrintScenario(Session& session, const admin::v1::CostScenario& scenario) {
  PrintRoutes(session, scenario);
  session.out() << '\n';
  PrintBills(session.out(), session.style(), BillsIn(scenario));
  session.out() << '\n';
  std::vector<std::pair<std::string, std::string>> fields = {
      {"critical", absl::StrCat(GroupedText(scenario.critical()), " events, ",
                                GroupedText(scenario.unrouted()), " to no route")},
      {"as routed", CentsText({scenario.actual_micros()})}};
  if (scenario.comparable()) {
    const Money all{scenario.all_critical().fixed_micros() +
                    scenario.all_critical().variable_micros()};
    fields.emplace_back("all critical", CentsText(all));
    fields.emplace_back("saved now", absl::StrCat(CentsText({scenario.saving_now_micros()}),
                                                  ", as long as no sink is made smaller"));
    fields.emplace_back("saved resized", CentsText({scenario.saving_resized_micros()}));
  }
  fields.emplace_back("so", scenario.verdict());
  PrintObject(session.out(), session.style(), fields, "");
}

absl::StatusOr<ExitCode> RunReport(Session& session, const CostReportOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const auto request, RequestFor(session, options));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const auto answer, client::RouteClient(*client).ReportCost(request));
  if (session.style().format != Format::kTable) {
    session.out() << CostReportJson(answer) << '\n';
    return ExitCode::kOk;
  }
  std::vector<std::pair<std::string, std::string>> fields = {
      {"prices", absl::StrCat("of ", answer.as_of(), ", ", answer.region(), ", in ",
                              answer.currency(), " (", answer.prices_origin(), ")")},
      {"period", absl::StrCat("positions ", answer.from_position(), " to ", answer.to_position(),
                              ", ", GroupedText(answer.events()), " events in ",
                              GroupedText(answer.measured_seconds()), " s, billed for ",
                              GroupedText(answer.billed_seconds()), " s")}};
  if (const std::string unchecked = UncheckedText(BillsIn(answer.actual())); !unchecked.empty()) {
    fields.emplace_back("careful", unchecked);
  }
  PrintObject(session.out(), session.style(), fields, "");
  session.out() << '\n';
  PrintScenario(session, answer.actual());
  if (answer.has_what_if()) {
    session.out() << "\nwhat if these rules had judged\n\n";
    PrintScenario(session, answer.what_if());
  }
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunPrices(Session& session, const CostOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const cost::PriceList prices, PricesOf(session, options));
  Listing listing(session.out(), session.style(),
                  {"SERVICE", "KIND", "ITEM", "PRICE", "CHECKED", "SOURCE"});
  for (const auto& [name, service] : prices.services) {
    const std::string kind(cost::FieldsOf(service.kind).name);
    if (service.prices.empty()) {
      listing.Add(
          [&, &service_name = name, &one = service]() -> std::vector<std::string> {
            return {service_name, kind, "-", "-", "-", one.comment};
          },
          [&, &service_name = name, &one = service] {
            return JsonObject()
                .Text("service", service_name)
                .Text("kind", kind)
                .Text("why", one.comment)
                .Take();
          });
    }
    for (const auto& [item, price] : service.prices) {
      listing.Add(
          [&, &service_name = name, &item_name = item, &one = price]() -> std::vector<std::string> {
            const std::string price_text = absl::StrCat(one.text, " ", prices.currency);
            return {service_name, kind, item_name, price_text, one.checked ? "yes" : "no",
                    one.source};
          },
          [&, &service_name = name, &item_name = item, &one = price] {
            JsonObject json;
            json.Text("service", service_name).Text("kind", kind).Text("item", item_name);
            json.Text("price", one.text).Text("currency", prices.currency);
            return json.Bool("checked", one.checked).Text("source", one.source).Take();
          });
    }
  }
  listing.End();
  session.Note(absl::StrCat("prices of ", prices.as_of, ", ", prices.region));
  return ExitCode::kOk;
}

}  // namespace

void AddCostReportCommands(CLI::App& cost, Chosen& chosen) {
  auto options = std::make_shared<CostReportOptions>();
  CLI::App* report = cost.add_subcommand(
      "report", "What the routes cost over a period, against everything the critical way");
  report->add_option("--from", options->from, "First position; default: the first of the log")
      ->type_name("N");
  report->add_option("--to", options->to, "Last position; default: the head")->type_name("N");
  report
      ->add_option("--from-time", options->from_time,
                   "Or recorded then or later: RFC 3339, or 15m ago")
      ->type_name("TIME");
  report->add_option("--to-time", options->to_time, "Recorded before")->type_name("TIME");
  report->add_flag("--month", options->month, "As if it went on like that for 730 h");
  report->add_option("--route", options->routes,
                     "What a route's sink is billed as: NAME=SERVICE; repeatable");
  report->add_option("--sink", options->sinks,
                     "What a kind of sinks is billed as: KIND=SERVICE; repeatable");
  report
      ->add_option("--critical", options->critical,
                   "Service that everything is compared with; default that of the critical route")
      ->type_name("SERVICE");
  report->add_option("--rules", options->rules, "What if this classification, in JSON, had judged")
      ->type_name("FILE");
  AddCostOptions(*report, options->common);
  OnChosen(report, chosen, options, RunReport);

  auto file = std::make_shared<CostOptions>();
  CLI::App* prices = cost.add_subcommand("prices", "Check a price file, and list what is in it");
  prices->add_option("FILE", file->prices, "A price file; default: what nexusctl was built with");
  OnChosen(prices, chosen, file, RunPrices, Reach::kLocal);
}

}  // namespace nexus::cli

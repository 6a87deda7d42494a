// nexusctl route reconcile

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "nexus/client/route.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

using Answer = admin::v1::ReconcileRouteResponse;

struct ReconcileOptions {
  std::string name;
  uint64_t from = 0;
  uint64_t to = 0;
  uint64_t seconds = 300;
  bool no_duplicates = false;
};

std::string AnswerJson(const Answer& answer) {
  std::vector<std::string> findings;
  for (const admin::v1::ReconcileFinding& finding : answer.findings()) {
    JsonObject one;
    one.Text("kind", finding.kind()).Number("position", finding.position());
    findings.push_back(one.Text("text", finding.text()).Take());
  }
  JsonObject json;
  json.Number("from", answer.from()).Number("to", answer.to()).Text("place", answer.place());
  json.Number("checkpoint", answer.checkpoint()).Number("records", answer.records());
  json.Number("events", answer.events()).Number("found", answer.found());
  json.Number("pending", answer.pending()).Number("held_back", answer.held_back());
  json.Number("given_up", answer.given_up()).Number("expired", answer.expired());
  json.Number("elsewhere", answer.elsewhere()).Number("unknown", answer.unknown());
  json.Number("order_unknown", answer.order_unknown()).Number("outside", answer.outside());
  json.Number("unmatched", answer.unmatched()).Number("missing", answer.missing());
  json.Number("reordered", answer.reordered()).Number("moved", answer.moved());
  json.Number("foreign", answer.foreign()).Number("duplicates", answer.duplicates());
  json.Number("duplicates_known", answer.duplicates_known());
  return json.Raw("findings", JsonArray(findings)).Take();
}

std::vector<std::pair<std::string, std::string>> FieldsOf(const Answer& answer) {
  std::vector<std::pair<std::string, std::string>> fields = {
      {"compared", absl::StrCat("positions ", answer.from(), " to ", answer.to(), " with ",
                                answer.records(), " records of ", answer.place())},
      {"events", absl::StrCat(answer.events())},
      {"found", absl::StrCat(answer.found())},
      {"missing", absl::StrCat(answer.missing())},
      {"reordered", absl::StrCat(answer.reordered())},
      {"moved", absl::StrCat(answer.moved())},
      {"foreign", absl::StrCat(answer.foreign())},
      {"duplicates", absl::StrFormat("%d, of which the ledger has %d", answer.duplicates(),
                                     answer.duplicates_known())}};
  // What there mostly is nothing of.
  const auto add = [&](const char* name, uint64_t count) {
    if (count > 0) fields.emplace_back(name, absl::StrCat(count));
  };
  add("pending", answer.pending());
  add("held back by dead letters", answer.held_back());
  add("given up", answer.given_up());
  add("removed by the broker", answer.expired());
  add("delivered elsewhere", answer.elsewhere());
  add("not known to be due", answer.unknown());
  add("order not known", answer.order_unknown());
  add("records outside the range", answer.outside());
  add("records of other routes", answer.unmatched());
  for (const admin::v1::ReconcileFinding& finding : answer.findings()) {
    fields.emplace_back(finding.kind(), Printable(finding.text(), 300));
  }
  return fields;
}

absl::StatusOr<ExitCode> Reconcile(Session& session, const ReconcileOptions& options) {
  admin::v1::ReconcileRouteRequest request;
  request.set_name(options.name);
  request.set_from(options.from);
  request.set_to(options.to);
  request.mutable_time_limit()->set_seconds(static_cast<int64_t>(options.seconds));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  std::unique_ptr<Progress> bar;
  const auto answer = client::RouteClient(*client).Reconcile(request, [&](const Answer& now) {
    if (session.settings().quiet) return;
    if (bar == nullptr) {
      bar = std::make_unique<Progress>(session.err(), session.surroundings().err_is_terminal,
                                       now.to(), session.clock());
    }
    bar->Update(now.reached(), now.records());
  });
  if (bar != nullptr) bar->End();
  if (!answer.ok()) return answer.status();
  PrintObject(session.out(), session.style(), FieldsOf(*answer), AnswerJson(*answer));
  const uint64_t faults =
      answer->missing() + answer->reordered() + answer->moved() + answer->foreign();
  const bool well = faults == 0 && (!options.no_duplicates || answer->duplicates() == 0);
  return well ? ExitCode::kOk : ExitCode::kDamaged;
}

}  // namespace

void AddRouteReconcileCommand(CLI::App& route, Chosen& chosen) {
  auto options = std::make_shared<ReconcileOptions>();
  CLI::App* reconcile =
      route.add_subcommand("reconcile", "Compare what the broker of a route holds with the log");
  reconcile->add_option("ROUTE", options->name, "Its name")->required();
  reconcile->add_option("--from", options->from, "First position; default: the newest 1,000,000")
      ->type_name("N");
  reconcile->add_option("--to", options->to, "Last position; default: the head of the log")
      ->type_name("N");
  reconcile->add_option("--seconds", options->seconds, "How long it may take; default: 300")
      ->type_name("N");
  reconcile->add_flag("--no-duplicates", options->no_duplicates,
                      "Events that are there twice are a fault too");
  OnChosen(reconcile, chosen, options, Reconcile);
}

}  // namespace nexus::cli

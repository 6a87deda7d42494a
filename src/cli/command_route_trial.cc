// nexusctl route test|simulate|trace

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/json.h"
#include "cli/route_text.h"
#include "cli/transform_preview.h"
#include "nexus/client/route.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

struct TrialOptions {
  uint64_t position = 0;
  std::string stream;
  std::string type;
  std::vector<std::string> tags;
  std::vector<std::string> metadata;
  std::string criticality;
  double impact = 0;
  bool ordering = false;
  uint32_t max_latency_ms = 0;
  uint64_t events = 0;
  std::vector<std::string> files;
  std::vector<std::string> removed;
  std::string rules;
  std::string data;
  std::string declaration;
};

struct TraceOptions {
  uint64_t number = 0;
  std::string stream;
};

absl::StatusOr<admin::v1::TestRouteRequest> RequestOf(const TrialOptions& options) {
  admin::v1::TestRouteRequest request;
  request.set_position(options.position);
  request.set_stream(options.stream);
  request.set_type(options.type);
  request.set_data(options.data);
  for (const std::string& tag : options.tags) request.add_tags(tag);
  for (const std::string& entry : options.metadata) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos) {
      return UsageError(absl::StrCat("--metadata ", entry, ": key=value is needed"));
    }
    (*request.mutable_metadata())[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  v1::RoutingHints& hints = *request.mutable_routing();
  if (options.criticality == "high") hints.set_criticality(v1::CRITICALITY_HIGH);
  if (options.criticality == "medium") hints.set_criticality(v1::CRITICALITY_MEDIUM);
  if (options.criticality == "low") hints.set_criticality(v1::CRITICALITY_LOW);
  hints.set_business_impact(options.impact);
  hints.set_requires_ordering(options.ordering);
  hints.set_max_latency_ms(options.max_latency_ms);
  return request;
}

using Previews = std::map<std::string, TransformPreview>;

// Of the routes that match a stored event, or of the one that is tried.
absl::StatusOr<Previews> PreviewsFor(Session& session, const TrialOptions& options,
                                     const admin::v1::TestRouteResponse& answer) {
  std::map<std::string, std::string> declarations;
  if (options.position == 0) return Previews();
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  if (!options.declaration.empty()) {
    NEXUS_ASSIGN_OR_RETURN(declarations[options.declaration],
                           ReadSource(options.declaration, session.in()));
    return PreviewTransforms(*client, options.position, declarations);
  }
  NEXUS_ASSIGN_OR_RETURN(const auto list, client::RouteClient(*client).List());
  for (const admin::v1::Route& route : list.routes()) {
    for (const admin::v1::RouteTrial& trial : answer.routes()) {
      if (trial.matches() && trial.route() == route.name()) {
        declarations[route.name()] = route.declaration();
      }
    }
  }
  return PreviewTransforms(*client, options.position, declarations);
}

std::string PreviewJson(const Previews& previews) {
  std::vector<std::string> items;
  for (const auto& [name, preview] : previews) {
    JsonObject one;
    one.Text("route", name).Text("transform", preview.transform);
    if (preview.refusal.empty()) {
      one.Raw("data", preview.data);
    } else {
      one.Text("refusal", preview.refusal);
    }
    items.push_back(one.Take());
  }
  return JsonArray(items);
}

void AddPreviews(const Previews& previews,
                 std::vector<std::pair<std::string, std::string>>& fields) {
  for (const auto& [name, preview] : previews) {
    fields.emplace_back(absl::StrCat("sent by ", Printable(name)),
                        preview.refusal.empty()
                            ? Printable(preview.data)
                            : absl::StrCat("nothing, a dead letter: ", preview.refusal));
  }
}

std::string TestJson(const admin::v1::TestRouteResponse& answer, const Previews& previews) {
  std::vector<std::string> terms;
  for (const admin::v1::ScoreTerm& term : answer.terms()) {
    terms.push_back(JsonObject()
                        .Text("name", term.name())
                        .Real("value", term.value())
                        .Real("weight", term.weight())
                        .Real("contribution", term.contribution())
                        .Take());
  }
  std::vector<std::string> routes;
  for (const admin::v1::RouteTrial& route : answer.routes()) {
    routes.push_back(JsonObject()
                         .Text("route", route.route())
                         .Bool("matches", route.matches())
                         .Text("why_not", route.why_not())
                         .Text("key", route.key())
                         .Bool("paused", route.paused())
                         .Take());
  }
  JsonObject json;
  json.Text("path", answer.path()).Real("score", answer.score()).Text("why", answer.why());
  json.Number("rules_version", answer.rules_version());
  json.Text("rules_revision", answer.rules_revision());
  if (!answer.model().empty()) {
    json.Text("model", answer.model()).Real("log_odds", answer.log_odds());
  }
  json.Raw("terms", JsonArray(terms)).Raw("routes", JsonArray(routes));
  json.Raw("transformed", PreviewJson(previews));
  return json.Take();
}

absl::StatusOr<ExitCode> Test(Session& session, const TrialOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const admin::v1::TestRouteRequest request, RequestOf(options));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const auto answer, client::RouteClient(*client).Test(request));
  NEXUS_ASSIGN_OR_RETURN(const Previews previews, PreviewsFor(session, options, answer));
  std::vector<std::pair<std::string, std::string>> fields = {
      {"path", absl::StrCat(answer.path(), ": ", answer.why())},
      {"score",
       absl::StrFormat("%.4g (rules version %d)", answer.score(), answer.rules_version())}};
  if (!answer.model().empty()) {
    fields.emplace_back("model", absl::StrFormat("%s: log-odds %.6f", answer.model().substr(0, 12),
                                                 answer.log_odds()));
  }
  for (const admin::v1::ScoreTerm& term : answer.terms()) {
    fields.emplace_back(
        absl::StrCat("  ", Printable(term.name())),
        absl::StrFormat("%.4g x %.4g = %.6f", term.value(), term.weight(), term.contribution()));
  }
  for (const admin::v1::RouteTrial& route : answer.routes()) {
    fields.emplace_back(absl::StrCat("route ", route.route()),
                        route.matches() ? absl::StrCat("yes, key ", Printable(route.key()),
                                                       route.paused() ? "; it is paused" : "")
                                        : absl::StrCat("no: ", route.why_not()));
  }
  AddPreviews(previews, fields);
  PrintObject(session.out(), session.style(), fields, TestJson(answer, previews));
  return ExitCode::kOk;
}

std::string SimulationJson(const admin::v1::SimulateRoutesResponse& answer) {
  std::vector<std::string> routes;
  for (const admin::v1::SimulatedRoute& route : answer.routes()) {
    JsonObject one;
    one.Text("route", route.name()).Number("before", route.before());
    one.Number("after", route.after()).Number("gained", route.gained());
    routes.push_back(one.Number("lost", route.lost()).Take());
  }
  std::vector<std::string> samples;
  for (const admin::v1::SimulatedEvent& event : answer.samples()) {
    JsonObject one;
    one.Number("position", event.position()).Text("stream", event.stream());
    one.Text("type", event.type()).Text("route", event.route());
    samples.push_back(one.Bool("gained", event.gained()).Take());
  }
  JsonObject json;
  json.Number("from", answer.from()).Number("to", answer.to()).Number("events", answer.events());
  json.Number("critical_before", answer.critical_before());
  json.Number("critical_after", answer.critical_after());
  json.Number("unrouted_before", answer.unrouted_before());
  json.Number("unrouted_after", answer.unrouted_after());
  json.Raw("routes", JsonArray(routes)).Raw("samples", JsonArray(samples));
  return json.Take();
}

absl::StatusOr<ExitCode> Simulate(Session& session, const TrialOptions& options) {
  admin::v1::SimulateRoutesRequest request;
  request.set_events(options.events);
  for (const std::string& file : options.files) {
    NEXUS_ASSIGN_OR_RETURN(*request.add_declarations(), ReadSource(file, session.in()));
  }
  for (const std::string& name : options.removed) request.add_removed_routes(name);
  if (!options.rules.empty()) {
    NEXUS_ASSIGN_OR_RETURN(*request.mutable_classification(),
                           ReadSource(options.rules, session.in()));
  }
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const auto answer, client::RouteClient(*client).Simulate(request));
  std::vector<std::pair<std::string, std::string>> fields = {
      {"events",
       absl::StrCat(answer.events(), " of positions ", answer.from(), " to ", answer.to())},
      {"critical", absl::StrCat(answer.critical_before(), " -> ", answer.critical_after())},
      {"unrouted", absl::StrCat(answer.unrouted_before(), " -> ", answer.unrouted_after())}};
  for (const admin::v1::SimulatedRoute& route : answer.routes()) {
    fields.emplace_back(absl::StrCat("route ", route.name()),
                        absl::StrCat(route.before(), " -> ", route.after(), " (+", route.gained(),
                                     " -", route.lost(), ")"));
  }
  for (const admin::v1::SimulatedEvent& event : answer.samples()) {
    fields.emplace_back(absl::StrCat("  position ", event.position()),
                        absl::StrCat(event.gained() ? "to " : "no longer to ", event.route(), ": ",
                                     Printable(event.stream()), " ", Printable(event.type())));
  }
  PrintObject(session.out(), session.style(), fields, SimulationJson(answer));
  return ExitCode::kOk;
}

std::string TraceJson(const admin::v1::TraceEventResponse& answer) {
  std::vector<std::string> deliveries;
  for (const admin::v1::EventDelivery& delivery : answer.deliveries()) {
    JsonObject one;
    one.Text("route", delivery.route()).Text("place", delivery.place());
    if (delivery.has_partition()) one.Number("partition", delivery.partition());
    if (delivery.has_number()) one.Number("number", delivery.number());
    one.Text("delivered", TimeText(TimeOf(delivery.delivered_time())));
    one.Bool("critical", delivery.critical()).Real("score", delivery.score());
    deliveries.push_back(one.Number("rules_version", delivery.rules_version()).Take());
  }
  std::vector<std::string> letters;
  for (const admin::v1::DeadLetter& letter : answer.dead_letters()) {
    letters.push_back(DeadLetterJson(letter));
  }
  JsonObject json;
  json.Number("position", answer.position()).Text("stream", answer.stream());
  json.Number("revision", answer.revision()).Text("event_id", answer.event_id());
  json.Text("type", answer.type());
  json.Raw("deliveries", JsonArray(deliveries)).Raw("dead_letters", JsonArray(letters));
  return json.Take();
}

absl::StatusOr<ExitCode> Trace(Session& session, const TraceOptions& options) {
  admin::v1::TraceEventRequest request;
  if (!options.stream.empty()) {
    request.set_stream(options.stream);
    request.set_revision(options.number);
  } else {
    request.set_position(options.number);
  }
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const auto answer, client::RouteClient(*client).Trace(request));
  std::vector<std::pair<std::string, std::string>> fields = {
      {"event", absl::StrCat(Printable(answer.stream()), " revision ", answer.revision(),
                             ", position ", answer.position())},
      {"type", Printable(answer.type())}};
  for (const admin::v1::EventDelivery& delivery : answer.deliveries()) {
    std::string where = Printable(delivery.place());
    if (delivery.has_partition()) absl::StrAppend(&where, "/", delivery.partition());
    if (delivery.has_number()) absl::StrAppend(&where, "/", delivery.number());
    fields.emplace_back(absl::StrCat("to ", delivery.route()),
                        absl::StrCat(where, " at ", TimeText(TimeOf(delivery.delivered_time()))));
  }
  for (const admin::v1::DeadLetter& letter : answer.dead_letters()) {
    fields.emplace_back(absl::StrCat("dead letter ", letter.id()),
                        absl::StrCat("of ", letter.route(), ": ", Printable(letter.error())));
  }
  if (fields.size() == 2) fields.emplace_back("deliveries", "none that is kept");
  PrintObject(session.out(), session.style(), fields, TraceJson(answer));
  return ExitCode::kOk;
}

}  // namespace

void AddRouteTrialCommands(CLI::App& route, Chosen& chosen) {
  auto options = std::make_shared<TrialOptions>();
  CLI::App* test = route.add_subcommand("test", "Where an event would go, and why");
  test->add_option("--position", options->position, "An event that is stored")->type_name("N");
  test->add_option("--stream", options->stream, "Or of one that might be: its stream");
  test->add_option("--type", options->type, "Its type");
  test->add_option("--declaration", options->declaration,
                   "A route in JSON: what it would send of the stored event");
  test->add_option("--data", options->data, "Its data; a model looks at the size");
  test->add_option("--tag", options->tags, "A tag; repeatable");
  test->add_option("--metadata", options->metadata, "key=value; repeatable");
  test->add_option("--criticality", options->criticality, "As it is declared")
      ->check(CLI::IsMember({"low", "medium", "high"}));
  test->add_option("--business-impact", options->impact, "0 to 1");
  test->add_flag("--requires-ordering", options->ordering, "It needs order");
  test->add_option("--max-latency-ms", options->max_latency_ms, "What it can wait");
  OnChosen(test, chosen, options, Test);

  CLI::App* simulate =
      route.add_subcommand("simulate", "What a change would do to the newest events");
  simulate->add_option("FILE", options->files, "Routes that are added or changed, in JSON");
  simulate->add_option("--remove", options->removed, "A route that is removed; repeatable");
  simulate->add_option("--rules", options->rules, "Another classification, in JSON");
  simulate->add_option("--events", options->events, "The newest so many positions; default 10000")
      ->type_name("N");
  OnChosen(simulate, chosen, options, Simulate);

  auto traced = std::make_shared<TraceOptions>();
  CLI::App* trace = route.add_subcommand("trace", "Where an event lies with the brokers");
  trace->add_option("POSITION", traced->number, "Its position; with --stream its revision")
      ->required();
  trace->add_option("--stream", traced->stream, "Its stream");
  OnChosen(trace, chosen, traced, Trace);
}

}  // namespace nexus::cli

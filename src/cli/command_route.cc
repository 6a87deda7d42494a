// nexusctl route ls|show|apply|rm|pause|resume|replay|rules

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/json.h"
#include "cli/route_text.h"
#include "nexus/client/route.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "route/declaration/classification.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::cli {
namespace {

constexpr size_t kRouteCellMax = 70;

struct RouteOptions {
  std::string name;
  std::vector<std::string> files;
  std::string comment;
  bool restart = false;
  bool check = false;
  uint64_t from = 1;
  uint64_t to = 0;
  std::string rules;
  std::string model;
  bool no_model = false;
  std::optional<double> threshold;

  bool changes_rules() const {
    return !rules.empty() || !model.empty() || no_model || threshold.has_value();
  }
};

void PrintRoute(Session& session, const admin::v1::Route& route) {
  PrintObject(session.out(), session.style(),
              {{"route", route.name()},
               {"state", route.paused() ? "paused" : RouteStateText(route.status())},
               {"revision", route.revision().substr(0, 12)},
               {"checkpoint", absl::StrCat(route.status().checkpoint())},
               {"delivered", absl::StrCat(route.status().delivered())},
               {"detail", Printable(route.status().detail())},
               {"declaration", route.declaration()}},
              RouteJson(route));
}

absl::StatusOr<ExitCode> ListRoutes(Session& session, const RouteOptions&) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const auto list, client::RouteClient(*client).List());
  Listing listing(session.out(), session.style(),
                  {"ROUTE", "STATE", "SINK", "CHECKPOINT", "LAG", "DELIVERED", "PARKED", "DETAIL"});
  for (const admin::v1::Route& route : list.routes()) {
    const admin::v1::RouteStatus& status = route.status();
    listing.Add(
        [&] {
          return std::vector<std::string>{
              route.name(),
              RouteStateText(status),
              status.sink(),
              absl::StrCat(status.checkpoint()),
              absl::StrCat(status.lag_events(), " (", DurationText(status.lag()), ")"),
              absl::StrCat(status.delivered()),
              absl::StrCat(status.parked_streams()),
              Printable(status.detail(), kRouteCellMax)};
        },
        [&] { return RouteJson(route); });
  }
  listing.End();
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> ShowRoute(Session& session, const RouteOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const auto list, client::RouteClient(*client).List());
  for (const admin::v1::Route& route : list.routes()) {
    if (route.name() != options.name) continue;
    PrintRoute(session, route);
    return ExitCode::kOk;
  }
  return MakeError(ErrorReason::kNotFound, absl::StrCat("there is no route ", options.name));
}

absl::StatusOr<ExitCode> ApplyRoutes(Session& session, const RouteOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  client::RouteClient routes(*client);
  for (const std::string& file : options.files) {
    admin::v1::ApplyRouteRequest request;
    NEXUS_ASSIGN_OR_RETURN(*request.mutable_declaration(), ReadSource(file, session.in()));
    request.set_comment(options.comment);
    request.set_restart(options.restart);
    request.set_validate_only(options.check);
    NEXUS_ASSIGN_OR_RETURN(const auto applied, routes.Apply(request));
    for (const std::string& warning : applied.warnings()) {
      session.Note(absl::StrCat("warning: ", warning));
    }
    PrintRoute(session, applied.route());
  }
  return ExitCode::kOk;
}

// Removes, pauses or resumes it: `Request` and `call` say which.
template <typename Request, auto call>
absl::StatusOr<ExitCode> ChangeRoute(Session& session, const RouteOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  Request request;
  request.set_name(options.name);
  request.set_comment(options.comment);
  client::RouteClient routes(*client);
  NEXUS_ASSIGN_OR_RETURN(const auto route, (routes.*call)(request));
  PrintRoute(session, route);
  return ExitCode::kOk;
}

constexpr auto kRemoveRoute =
    &ChangeRoute<admin::v1::RemoveRouteRequest, &client::RouteClient::Remove>;
constexpr auto kPauseRoute =
    &ChangeRoute<admin::v1::PauseRouteRequest, &client::RouteClient::Pause>;
constexpr auto kResumeRoute =
    &ChangeRoute<admin::v1::ResumeRouteRequest, &client::RouteClient::Resume>;

absl::StatusOr<ExitCode> ReplayRoute(Session& session, const RouteOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  admin::v1::ReplayRouteRequest request;
  request.set_name(options.name);
  request.set_from(options.from);
  request.set_to(options.to);
  request.set_comment(options.comment);
  NEXUS_ASSIGN_OR_RETURN(const auto route, client::RouteClient(*client).Replay(request));
  PrintRoute(session, route);
  return ExitCode::kOk;
}

// The rules of the file, or else of now, with what the options change.
absl::StatusOr<std::string> ChangedRules(Session& session, client::RouteClient& routes,
                                         const RouteOptions& options) {
  std::string text;
  if (!options.rules.empty()) {
    NEXUS_ASSIGN_OR_RETURN(text, ReadSource(options.rules, session.in()));
  } else {
    NEXUS_ASSIGN_OR_RETURN(const auto now, routes.GetClassification());
    text = now.classification();
  }
  if (options.model.empty() && !options.no_model && !options.threshold) return text;
  schema::SimdJsonReader json;
  NEXUS_ASSIGN_OR_RETURN(route::CriticalityRules rules, route::ParseClassification(text, json));
  if (options.no_model) rules.model = nullptr;
  if (!options.model.empty()) {
    NEXUS_ASSIGN_OR_RETURN(const std::string model, ReadSource(options.model, session.in()));
    NEXUS_ASSIGN_OR_RETURN(rules.model, route::ParseModel(model, json));
  }
  if (options.threshold) rules.threshold = *options.threshold;
  return route::ClassificationText(rules);
}

absl::StatusOr<ExitCode> Rules(Session& session, const RouteOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  client::RouteClient routes(*client);
  absl::StatusOr<admin::v1::Classification> rules;
  if (!options.changes_rules()) {
    rules = routes.GetClassification();
  } else {
    admin::v1::ApplyClassificationRequest request;
    NEXUS_ASSIGN_OR_RETURN(*request.mutable_classification(),
                           ChangedRules(session, routes, options));
    request.set_comment(options.comment);
    rules = routes.Classify(request);
  }
  if (!rules.ok()) return rules.status();
  JsonObject json;
  json.Number("version", rules->version()).Number("position", rules->position());
  json.Text("revision", rules->revision()).Raw("classification", rules->classification());
  PrintObject(session.out(), session.style(),
              {{"version", absl::StrCat(rules->version())},
               {"after position", absl::StrCat(rules->position())},
               {"rules", rules->classification()}},
              json.Take());
  return ExitCode::kOk;
}

void AddChanges(CLI::App* route, Chosen& chosen, const std::shared_ptr<RouteOptions>& options) {
  const auto named = [&](const char* name, const char* about) {
    CLI::App* command = route->add_subcommand(name, about);
    command->add_option("ROUTE", options->name, "Its name")->required();
    command->add_option("--comment", options->comment, "Why");
    return command;
  };
  OnChosen(named("rm", "Remove a route; its checkpoint is of no more use"), chosen, options,
           kRemoveRoute);
  OnChosen(named("pause", "Stop delivering; events wait in the log"), chosen, options, kPauseRoute);
  OnChosen(named("resume", "Go on where it stopped"), chosen, options, kResumeRoute);
  CLI::App* replay = named("replay", "Deliver a range of positions again");
  replay->add_option("--from", options->from, "First position")->required()->type_name("N");
  replay->add_option("--to", options->to, "Last position; default: the head of the log")
      ->type_name("N");
  OnChosen(replay, chosen, options, ReplayRoute);
}

}  // namespace

void AddRouteCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* route = app.add_subcommand("route", "Which events go to which broker");
  route->require_subcommand(1);
  auto options = std::make_shared<RouteOptions>();

  OnChosen(route->add_subcommand("ls", "All routes and how they stand"), chosen, options,
           ListRoutes);
  CLI::App* show = route->add_subcommand("show", "One route with its declaration");
  show->add_option("ROUTE", options->name, "Its name")->required();
  OnChosen(show, chosen, options, ShowRoute);

  CLI::App* apply = route->add_subcommand("apply", "Declare routes, or change them");
  apply->add_option("FILE", options->files, "A declaration in JSON; - is standard input")
      ->required();
  apply->add_flag("--restart", options->restart, "Begin anew where it says");
  apply->add_flag("--check", options->check, "Only say what is wrong");
  apply->add_option("--comment", options->comment, "Why");
  OnChosen(apply, chosen, options, ApplyRoutes);

  AddChanges(route, chosen, options);
  CLI::App* rules = route->add_subcommand("rules", "Show how events are classified, or declare it");
  rules->add_option("FILE", options->rules, "A classification in JSON; - is standard input");
  CLI::Option* model = rules->add_option("--model", options->model,
                                         "A model file, which scores in place of the weights");
  rules->add_flag("--no-model", options->no_model, "The weights score again")->excludes(model);
  rules->add_option("--threshold", options->threshold, "A higher score is critical");
  rules->add_option("--comment", options->comment, "Why");
  OnChosen(rules, chosen, options, Rules);
  AddRouteTrialCommands(*route, chosen);
  AddRouteTrainCommand(*route, chosen);
  AddRouteReconcileCommand(*route, chosen);
}

}  // namespace nexus::cli

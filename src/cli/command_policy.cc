// nexusctl policy check

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/event_options.h"
#include "cli/json.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

std::string VerdictJson(const client::PolicyVerdict& verdict) {
  std::vector<std::string> denials;
  for (const PolicyDenial& denial : verdict.denials) {
    JsonObject json;
    json.Text("rule", denial.rule).Text("message", denial.message);
    denials.push_back(json.Take());
  }
  JsonObject json;
  json.Bool("allowed", verdict.allowed).Raw("denials", JsonArray(denials));
  json.Text("policy_revision", verdict.policy_revision);
  return json.Take();
}

absl::StatusOr<ExitCode> CheckPolicy(Session& session, const EventOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const client::CommitDraft draft, ToDraft(options, session.in()));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(client::PolicyVerdict verdict, client->CheckPolicy(draft));
  PrintObject(
      session.out(), session.style(),
      {{"allowed", verdict.allowed ? "yes" : "no"}, {"policy revision", verdict.policy_revision}},
      VerdictJson(verdict));
  if (verdict.allowed) return ExitCode::kOk;
  ErrorDetails details;
  details.reason = ErrorReason::kPolicyDenied;
  details.denials = std::move(verdict.denials);
  return MakeError("the policy would refuse this event", details);
}

}  // namespace

void AddPolicyCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* policy = app.add_subcommand("policy", "Policies");
  policy->require_subcommand(1);
  auto options = std::make_shared<EventOptions>();
  CLI::App* check =
      policy->add_subcommand("check", "What schema and policy would say; nothing is stored");
  AddEventOptions(*check, *options);
  OnChosen(check, chosen, options, CheckPolicy);
}

}  // namespace nexus::cli

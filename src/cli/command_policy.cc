// nexusctl policy check, explain, build, eval; history, test and ls have files of their own

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/commands.h"
#include "cli/event_options.h"
#include "cli/files.h"
#include "cli/json.h"
#include "cli/json_parse.h"
#include "cli/local_policy.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/enforcement.h"
#include "policy/opa/bundle_build.h"
#include "policy/opa/opa_program.h"
#include "policy/shipped/load_policies.h"

namespace nexus::cli {
namespace {

std::string DenialsJson(const std::vector<PolicyDenial>& denials) {
  std::vector<std::string> rows;
  for (const PolicyDenial& denial : denials) {
    JsonObject json;
    json.Text("rule", denial.rule).Text("message", denial.message);
    rows.push_back(json.Take());
  }
  return JsonArray(rows);
}

std::string OutcomesJson(const std::vector<client::PolicyVerdict::Outcome>& outcomes) {
  std::vector<std::string> rows;
  for (const auto& outcome : outcomes) {
    JsonObject json;
    json.Text("rule", outcome.rule).Text("message", outcome.message).Text("mode", outcome.mode);
    rows.push_back(json.Take());
  }
  return JsonArray(rows);
}

std::string RulesJson(const std::vector<RuleFinding>& findings) {
  std::vector<std::string> rows;
  for (const RuleFinding& finding : findings) {
    std::vector<std::string> messages;
    for (const std::string& message : finding.messages) messages.push_back(JsonString(message));
    JsonObject json;
    json.Text("rule", finding.rule).Text("title", finding.text.title);
    json.Text("reason", finding.text.reason).Text("mode", RuleModeName(finding.mode));
    json.Real("share", finding.setting.share).Bool("denies", !finding.messages.empty());
    json.Raw("messages", JsonArray(messages));
    rows.push_back(json.Take());
  }
  return JsonArray(rows);
}

// `rules` is JSON, or empty: then nothing is known of them.
absl::StatusOr<ExitCode> Tell(Session& session, client::PolicyVerdict verdict,
                              absl::string_view refusal, const std::string& rules = "") {
  JsonObject json;
  json.Bool("allowed", verdict.allowed).Raw("denials", DenialsJson(verdict.denials));
  json.Raw("outcomes", OutcomesJson(verdict.outcomes));
  if (!rules.empty()) json.Raw("rules", rules);
  json.Text("policy_revision", verdict.policy_revision);
  std::vector<std::pair<std::string, std::string>> fields = {
      {"allowed", verdict.allowed ? "yes" : "no"}, {"policy revision", verdict.policy_revision}};
  for (const auto& outcome : verdict.outcomes) {
    fields.emplace_back(outcome.mode, absl::StrCat(outcome.rule, ": ", outcome.message));
  }
  PrintObject(session.out(), session.style(), fields, json.Take());
  if (verdict.allowed) return ExitCode::kOk;
  ErrorDetails details;
  details.reason = ErrorReason::kPolicyDenied;
  details.denials = std::move(verdict.denials);
  return MakeError(refusal, details);
}

absl::StatusOr<ExitCode> CheckPolicy(Session& session, const EventOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const client::CommitDraft draft, ToDraft(options, session.in()));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(client::PolicyVerdict verdict, client->CheckPolicy(draft));
  return Tell(session, std::move(verdict), "the policy would refuse this event");
}

std::string DecidedJson(const client::DecidedEvent& event) {
  JsonObject json;
  json.Number("position", event.position).Text("stream", event.stream);
  json.Number("revision", event.revision).Text("type", event.type).Text("id", event.event_id);
  json.Number("schema_version", event.schema_version).Number("schema_id", event.schema_id);
  json.Text("schema_digest", event.schema_digest).Text("correlation_id", event.correlation_id);
  json.Text("causation_id", event.causation_id);
  return json.Take();
}

std::string DecisionJson(const client::Decision& decision) {
  JsonObject json;
  json.Text("decision_id", decision.id).Bool("allowed", decision.allowed);
  if (!decision.allowed) return json.Raw("denial", decision.denial_json).Take();
  std::vector<std::string> events;
  for (const client::DecidedEvent& event : decision.events) events.push_back(DecidedJson(event));
  std::vector<std::string> outcomes;
  for (const absl::string_view line : absl::StrSplit(decision.outcomes, '\n', absl::SkipEmpty())) {
    outcomes.push_back(JsonString(line));
  }
  json.Text("principal", decision.principal).Text("method", decision.method);
  json.Text("policy_revision", decision.policy_revision);
  json.Number("governance_epoch", decision.governance_epoch);
  json.Text("request_digest", decision.request_digest).Text("input_digest", decision.input_digest);
  json.Raw("outcomes", JsonArray(outcomes)).Text("commit_id", decision.commit_id);
  json.Raw("events", JsonArray(events));
  return json.Take();
}

struct ExplainOptions {
  std::string id;
};

absl::StatusOr<ExitCode> ExplainDecision(Session& session, const ExplainOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::Decision decision, client->ExplainDecision(options.id));
  std::vector<std::pair<std::string, std::string>> fields = {
      {"decision", decision.id}, {"allowed", decision.allowed ? "yes" : "no"}};
  if (decision.allowed) {
    fields.insert(fields.end(), {{"principal", decision.principal},
                                 {"method", decision.method},
                                 {"policy revision", decision.policy_revision},
                                 {"request digest", decision.request_digest},
                                 {"input digest", decision.input_digest},
                                 {"commit", decision.commit_id}});
    for (const client::DecidedEvent& event : decision.events) {
      fields.emplace_back("event", absl::StrCat(event.stream, " revision ", event.revision,
                                                ", position ", event.position, ", ", event.type,
                                                " version ", event.schema_version));
    }
  } else {
    fields.emplace_back("denial", decision.denial_json);
  }
  PrintObject(session.out(), session.style(), fields, DecisionJson(decision));
  return ExitCode::kOk;
}

struct BuildOptions {
  std::string folder;
  std::string output = "policies.tar.gz";
  std::string opa;
};

absl::StatusOr<ExitCode> BuildPolicy(Session& session, const BuildOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const std::string opa, policy::FindOpa(options.opa));
  NEXUS_ASSIGN_OR_RETURN(const std::string archive, policy::BuildBundle(options.folder, opa));
  NEXUS_ASSIGN_OR_RETURN(const policy::WasmBundle bundle, policy::ParseWasmBundle(archive));
  NEXUS_ASSIGN_OR_RETURN(const std::vector<std::string> operations, CheckPolicies(bundle));
  NEXUS_RETURN_IF_ERROR(WriteFile(options.output, archive));
  std::vector<std::string> texts;
  for (const std::string& operation : operations) texts.push_back(JsonString(operation));
  JsonObject json;
  json.Text("file", options.output).Text("policy_revision", bundle.revision);
  json.Raw("operations", JsonArray(texts));
  PrintObject(session.out(), session.style(),
              {{"file", options.output},
               {"policy revision", bundle.revision},
               {"operations", absl::StrJoin(operations, ", ")}},
              json.Take());
  return ExitCode::kOk;
}

struct EvalOptions {
  std::string bundle;
  std::string input;
  std::string operation;
  std::string commit_id;
  std::string opa;
};

// The server takes the bytes of the commit's id.
absl::StatusOr<uint64_t> ShareKeyOf(const std::string& commit_id) {
  if (commit_id.empty()) return ShareKey("");
  NEXUS_ASSIGN_OR_RETURN(const CommitId id, CommitId::Parse(commit_id));
  return ShareKey(id.AsBytes());
}

absl::StatusOr<ExitCode> EvalPolicy(Session& session, const EvalOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const uint64_t share_key, ShareKeyOf(options.commit_id));
  NEXUS_ASSIGN_OR_RETURN(const std::string input, ReadSource(options.input, session.in()));
  std::string operation = options.operation;
  if (operation.empty()) operation = TextMember(input, "operation");
  if (operation.empty()) {
    return UsageError("the input names no operation; say --operation, or put it into the input");
  }
  NEXUS_ASSIGN_OR_RETURN(const policy::WasmBundle bundle,
                         policy::LoadPolicies(options.bundle, options.opa));
  NEXUS_ASSIGN_OR_RETURN(PolicyAnswer answer, DecideLocally(bundle, {operation, input}));
  const std::string rules = RulesJson(FindingsOf(bundle, operation, answer, share_key));
  policy::Enforce(operation, share_key, answer);
  client::PolicyVerdict verdict;
  for (RuleOutcome& outcome : answer.outcomes) {
    verdict.outcomes.push_back({std::move(outcome.rule), std::move(outcome.message),
                                std::string(RuleModeName(outcome.mode))});
  }
  verdict.allowed = answer.allow;
  verdict.denials = std::move(answer.denials);
  verdict.policy_revision = answer.revision;
  return Tell(session, std::move(verdict), "the policy refuses this input", rules);
}

void AddBuildCommand(CLI::App& policy, Chosen& chosen) {
  auto options = std::make_shared<BuildOptions>();
  CLI::App* build = policy.add_subcommand(
      "build", "Compiles a folder of Rego to a bundle for policy.embedded.bundle; needs opa");
  build->add_option("folder", options->folder, "The folder of policies")->required();
  build->add_option("--output", options->output, "The bundle's file");
  build->add_option("--opa", options->opa, "The program OPA; looked for in PATH");
  OnChosen(build, chosen, options, BuildPolicy, Reach::kLocal);
}

void AddEvalCommand(CLI::App& policy, Chosen& chosen) {
  auto options = std::make_shared<EvalOptions>();
  CLI::App* eval = policy.add_subcommand("eval", "Decides an input without a server");
  eval->add_option(
      "--bundle", options->bundle,
      "A bundle, packed or unpacked, or a folder of Rego, which needs opa; the policies "
      "that ship if it is not given");
  eval->add_option("--input", options->input, "The input document, a file, or - for standard input")
      ->required();
  eval->add_option("--operation", options->operation,
                   "What is asked, such as append; the input's own if it is not given");
  eval->add_option("--commit-id", options->commit_id,
                   "Whose share of the traffic it is, where a rule has one");
  eval->add_option("--opa", options->opa, "The program OPA; looked for in PATH");
  OnChosen(eval, chosen, options, EvalPolicy, Reach::kLocal);
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
  auto explained = std::make_shared<ExplainOptions>();
  CLI::App* explain = policy->add_subcommand("explain", "What a decision was, by its id");
  explain->add_option("ID", explained->id, "Of an event's stamp, or of an error")->required();
  OnChosen(explain, chosen, explained, ExplainDecision);
  AddBuildCommand(*policy, chosen);
  AddEvalCommand(*policy, chosen);
  AddPolicyHistoryCommand(*policy, chosen);
  AddPolicyRuleCommands(*policy, chosen);
}

}  // namespace nexus::cli

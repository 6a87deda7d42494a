// nexusctl verify

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct VerifyFlags {
  bool schemas = false;
  bool audit = false;
  bool unknown_is_outside = false;
};

using Fields = std::vector<std::pair<std::string, std::string>>;

// Both walks tell where they are in the log.
class WalkBar {
 public:
  explicit WalkBar(Session& session) : session_(session) {}

  void Update(Position position, Position head) {
    if (session_.settings().quiet) return;
    if (bar_ == nullptr) {
      bar_ = std::make_unique<Progress>(session_.err(), session_.surroundings().err_is_terminal,
                                        head.value, session_.clock());
    }
    bar_->Update(position.value, position.value);
  }
  void End() {
    if (bar_ != nullptr) bar_->End();
  }

 private:
  Session& session_;
  std::unique_ptr<Progress> bar_;
};

std::string VerificationJson(const client::Verification& result) {
  std::vector<std::string> findings;
  for (const std::string& finding : result.findings) {
    JsonObject row;
    row.Text("finding", finding);
    findings.push_back(row.Take());
  }
  JsonObject json;
  json.Number("position", result.position.value).Number("errors", result.errors);
  json.Raw("findings", JsonArray(findings));
  return json.Take();
}

absl::StatusOr<ExitCode> VerifyLog(Session& session) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  WalkBar bar(session);
  const absl::StatusOr<client::Verification> result = client->VerifyLog(
      [&](const client::Verification& now) { bar.Update(now.position, now.head); });
  bar.End();
  if (!result.ok()) return result.status();
  Fields fields = {{"positions read", absl::StrCat(result->position.value)},
                   {"errors", absl::StrCat(result->errors)}};
  for (const std::string& finding : result->findings) fields.emplace_back("found", finding);
  PrintObject(session.out(), session.style(), fields, VerificationJson(*result));
  return result->errors == 0 ? ExitCode::kOk : ExitCode::kDamaged;
}

std::string SchemasJson(const client::SchemaVerification& result, double rate) {
  std::vector<std::string> findings;
  for (const client::SchemaFailure& failure : result.findings) {
    JsonObject row;
    row.Text("stream", failure.stream).Number("revision", failure.revision.value);
    row.Number("position", failure.position.value).Text("type", failure.type);
    row.Number("schema_version", failure.schema_version).Text("message", failure.message);
    findings.push_back(row.Take());
  }
  JsonObject json;
  json.Number("position", result.position.value).Number("events", result.events);
  json.Number("with_schema", result.events - result.without_schema);
  json.Number("without_schema", result.without_schema).Number("failures", result.failures);
  json.Real("events_per_second", rate).Raw("findings", JsonArray(findings));
  return json.Take();
}

absl::StatusOr<ExitCode> VerifySchemas(Session& session) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  WalkBar bar(session);
  const absl::Duration begin = session.clock().Monotonic();
  const absl::StatusOr<client::SchemaVerification> result = client->VerifySchemas(
      [&](const client::SchemaVerification& now) { bar.Update(now.position, now.head); });
  bar.End();
  if (!result.ok()) return result.status();
  const double seconds = std::max(1e-3, absl::ToDoubleSeconds(session.clock().Monotonic() - begin));
  const double rate = static_cast<double>(result->events) / seconds;
  Fields fields = {{"events", absl::StrCat(result->events)},
                   {"with a schema", absl::StrCat(result->events - result->without_schema)},
                   {"without", absl::StrCat(result->without_schema)},
                   {"failures", absl::StrCat(result->failures)},
                   {"events a second", absl::StrFormat("%.0f", rate)}};
  for (const client::SchemaFailure& failure : result->findings) {
    fields.emplace_back(
        "found", absl::StrCat(failure.stream, " revision ", failure.revision.value, ", position ",
                              failure.position.value, ", ", failure.type, " version ",
                              failure.schema_version, ": ", Printable(failure.message, 300)));
  }
  PrintObject(session.out(), session.style(), fields, SchemasJson(*result, rate));
  return result->failures == 0 ? ExitCode::kOk : ExitCode::kDamaged;
}

std::string AuditJson(const client::AuditVerification& result) {
  std::vector<std::string> findings;
  for (const client::AuditFinding& finding : result.findings) {
    JsonObject row;
    row.Number("position", finding.position.value).Text("stream", finding.stream);
    row.Text("message", finding.message);
    findings.push_back(row.Take());
  }
  JsonObject causes;
  causes.Number("own_commit", result.caused_by_own_commit);
  causes.Number("event", result.caused_by_event).Number("commit", result.caused_by_commit);
  causes.Number("outside", result.caused_outside).Number("unknown", result.cause_unknown);
  JsonObject digests;
  digests.Number("good", result.digests_good).Number("wrong", result.digests_wrong);
  digests.Number("none", result.without_digest);
  JsonObject json;
  json.Bool("proven", result.proven).Number("events", result.events);
  json.Number("complete", result.complete).Number("with_principal", result.with_principal);
  json.Number("with_decision", result.with_decision);
  json.Number("with_correlation", result.with_correlation);
  json.Raw("causes", causes.Take()).Raw("digests", digests.Take());
  json.Raw("findings", JsonArray(findings));
  return json.Take();
}

absl::StatusOr<ExitCode> VerifyAudit(Session& session, bool unknown_is_outside) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  WalkBar bar(session);
  const absl::StatusOr<client::AuditVerification> result = client->VerifyAudit(
      unknown_is_outside,
      [&](const client::AuditVerification& now) { bar.Update(now.position, now.head); });
  bar.End();
  if (!result.ok()) return result.status();
  const auto share = [&](uint64_t count) {
    if (result->events == 0) return std::string("0");
    // Cut and not rounded: 100 % means all.
    const double percent =
        std::floor(1e4 * static_cast<double>(count) / static_cast<double>(result->events)) / 100;
    return absl::StrFormat("%d (%.2f %%)", count, percent);
  };
  Fields fields = {{"proven", result->proven ? "yes" : "no"},
                   {"events", absl::StrCat(result->events)},
                   {"complete", share(result->complete)},
                   {"with a principal", share(result->with_principal)},
                   {"with a decision", share(result->with_decision)},
                   {"with a correlation id", share(result->with_correlation)},
                   {"caused by their command", share(result->caused_by_own_commit)},
                   {"caused by an event", share(result->caused_by_event)},
                   {"caused by a commit", share(result->caused_by_commit)},
                   {"caused outside", share(result->caused_outside)},
                   {"cause not found", share(result->cause_unknown)},
                   {"digest right", share(result->digests_good)},
                   {"digest wrong", share(result->digests_wrong)},
                   {"without a digest", share(result->without_digest)}};
  for (const client::AuditFinding& finding : result->findings) {
    fields.emplace_back(
        "found", absl::StrCat("position ", finding.position.value, ", ", finding.stream, ": ",
                              Printable(finding.message, 300)));
  }
  PrintObject(session.out(), session.style(), fields, AuditJson(*result));
  return result->proven ? ExitCode::kOk : ExitCode::kDamaged;
}

absl::StatusOr<ExitCode> Verify(Session& session, const VerifyFlags& flags) {
  if (flags.audit) return VerifyAudit(session, flags.unknown_is_outside);
  return flags.schemas ? VerifySchemas(session) : VerifyLog(session);
}

}  // namespace

void AddVerifyCommand(CLI::App& app, Chosen& chosen) {
  auto flags = std::make_shared<VerifyFlags>();
  CLI::App* command = app.add_subcommand(
      "verify", "Let the server read its whole log and check it; exit code 9 if it is damaged");
  command->add_flag("--schemas", flags->schemas,
                    "Check the data of every event against the schema that it names");
  CLI::Option* schemas = command->get_option("--schemas");
  CLI::Option* audit = command->add_flag(
      "--audit", flags->audit,
      "Prove that every event has a principal, a decision, a correlation id and a cause");
  audit->excludes(schemas);
  command
      ->add_flag("--unknown-is-outside", flags->unknown_is_outside,
                 "UUIDs that the log does not know are causes of somebody else's")
      ->needs(audit);
  OnChosen(command, chosen, flags, Verify);
}

}  // namespace nexus::cli

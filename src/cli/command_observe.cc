// nexusctl schema observe

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "cli/schema_draft.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct ObserveFlags {
  std::string subject;
  std::string source;
  DefinitionOptions definition;
  client::ObserveOptions which;
};

std::string ViolationJson(const Violation& violation) {
  JsonObject json;
  json.Text("pointer", violation.pointer).Text("keyword", violation.keyword);
  json.Text("expected", violation.expected).Text("actual", violation.actual);
  json.Text("message", violation.message);
  return json.Take();
}

std::string FindingJson(const client::BreakingEvent& event) {
  std::vector<std::string> violations;
  for (const Violation& violation : event.violations) {
    violations.push_back(ViolationJson(violation));
  }
  JsonObject json;
  json.Text("stream", event.stream).Number("revision", event.revision.value);
  json.Number("position", event.position.value).Number("schema_version", event.schema_version);
  json.Raw("violations", JsonArray(violations));
  return json.Take();
}

std::string ObservationJson(const std::string& subject, const client::Observation& result) {
  std::vector<std::string> findings;
  for (const client::BreakingEvent& event : result.findings) {
    findings.push_back(FindingJson(event));
  }
  JsonObject json;
  json.Text("subject", subject).Number("events", result.events).Number("valid", result.valid);
  json.Number("breaking", result.breaking).Number("skipped", result.skipped);
  json.Bool("complete", result.complete).Number("head", result.head.value);
  json.Raw("findings", JsonArray(findings));
  return json.Take();
}

void PrintFindings(Session& session, const client::Observation& result) {
  for (const client::BreakingEvent& event : result.findings) {
    session.out() << "\n"
                  << Printable(event.stream, 200) << " revision " << event.revision.value
                  << ", position " << event.position.value << ", ";
    if (event.schema_version == 0) {
      session.out() << "stored without a schema\n";
    } else {
      session.out() << "stored with version " << event.schema_version << "\n";
    }
    for (const Violation& violation : event.violations) {
      session.out() << "  at \"" << Printable(violation.pointer, 200)
                    << "\": " << Printable(violation.keyword, 60) << ": "
                    << Printable(violation.message, 300) << "\n";
    }
  }
  if (result.breaking > result.findings.size()) {
    session.out() << "\nand " << result.breaking - result.findings.size() << " more\n";
  }
}

absl::StatusOr<client::Observation> Observe(Session& session, const client::SchemaDraft& draft,
                                            const client::ObserveOptions& which) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  std::unique_ptr<Progress> bar;
  absl::StatusOr<client::Observation> result =
      client->ObserveSchema(draft, which, [&](const client::Observation& now) {
        if (session.settings().quiet) return;
        if (bar == nullptr) {
          bar = std::make_unique<Progress>(session.err(), session.surroundings().err_is_terminal,
                                           now.head.value, session.clock());
        }
        bar->Update(now.scanned, now.events);
      });
  if (bar != nullptr) bar->End();
  return result;
}

absl::StatusOr<ExitCode> ObserveSchema(Session& session, const ObserveFlags& flags) {
  NEXUS_ASSIGN_OR_RETURN(std::string definition, ReadSource(flags.source, session.in()));
  NEXUS_ASSIGN_OR_RETURN(
      const client::SchemaDraft draft,
      DraftOf(flags.definition, flags.subject, flags.source, std::move(definition)));
  NEXUS_ASSIGN_OR_RETURN(const client::Observation result, Observe(session, draft, flags.which));
  PrintObject(session.out(), session.style(),
              {{"subject", flags.subject},
               {"events", absl::StrCat(result.events, result.complete ? "" : " (a sample)")},
               {"valid", absl::StrCat(result.valid)},
               {"breaking", absl::StrCat(result.breaking)},
               {"skipped", absl::StrCat(result.skipped)}},
              ObservationJson(flags.subject, result));
  if (session.style().format == Format::kTable) PrintFindings(session, result);
  return result.breaking == 0 ? ExitCode::kOk : ExitCode::kFindings;
}

}  // namespace

void AddObserveCommand(CLI::App& schema, Chosen& chosen) {
  auto flags = std::make_shared<ObserveFlags>();
  CLI::App* observe = schema.add_subcommand(
      "observe", "Run a definition over the stored events of a subject; stores nothing");
  observe->add_option("SUBJECT", flags->subject, "Event type")->required();
  observe->add_option("FILE", flags->source, "The schema; - for standard input")->required();
  observe->add_option("--limit", flags->which.limit, "Look at N events at most")->type_name("N");
  observe->add_flag("--newest-first", flags->which.newest_first, "Begin with the newest event");
  AddDefinitionOptions(observe, flags->definition);
  OnChosen(observe, chosen, flags, ObserveSchema);
}

}  // namespace nexus::cli

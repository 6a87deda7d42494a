// nexusctl schema history

#include <optional>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/diff_text.h"
#include "cli/event_text.h"
#include "cli/json.h"
#include "cli/registered_schema.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

struct SchemaHistoryOptions {
  std::string subject;
  bool changes = false;
};

// A version and how it differs from the one before it.
struct VersionEntry {
  const client::Schema& schema;
  std::optional<SchemaDiff> diff;  // none: the first, or one that cannot be compared
};

std::string VersionState(const client::Schema& schema) {
  return schema.deleted ? "deleted" : "active";
}

std::string CountText(const VersionEntry& entry) {
  return entry.diff.has_value() ? absl::StrCat(entry.diff->changes.size()) : "-";
}

std::string HistoryJson(const VersionEntry& entry, bool in_full) {
  const client::Schema& schema = entry.schema;
  JsonObject json;
  json.Text("subject", schema.subject).Number("version", schema.version).Number("id", schema.id);
  json.Text("state", VersionState(schema));
  json.Text("register_time", TimeText(schema.registered));
  json.Text("registered_by", schema.registered_by).Text("comment", schema.comment);
  json.Text("digest", schema.digest);
  if (!entry.diff.has_value()) return json.Take();
  json.Number("change_count", entry.diff->changes.size());
  json.Text("backward", DirectionText(entry.diff->breaks_backward()));
  json.Text("forward", DirectionText(entry.diff->breaks_forward()));
  if (in_full) json.Raw("changes", ChangesJson(*entry.diff));
  return json.Take();
}

std::vector<std::string> HistoryCells(const VersionEntry& entry) {
  const client::Schema& schema = entry.schema;
  return {absl::StrCat(schema.version), absl::StrCat(schema.id),      VersionState(schema),
          TimeText(schema.registered),  schema.registered_by,         CountText(entry),
          schema.digest.substr(0, 12),  Printable(schema.comment, 60)};
}

// With --changes on a terminal: a version, then what it changed.
void PrintEntry(std::ostream& out, const VersionEntry& entry) {
  const client::Schema& schema = entry.schema;
  out << "version " << schema.version << "  id " << schema.id << "  " << VersionState(schema)
      << "  " << TimeText(schema.registered) << "  " << schema.registered_by << "\n  digest "
      << schema.digest << '\n';
  if (!schema.comment.empty()) out << "  " << Printable(schema.comment, 200) << '\n';
  if (entry.diff.has_value()) {
    out << "  changes: " << entry.diff->changes.size() << '\n';
    PrintChanges(out, *entry.diff);
  }
  out << std::endl;
}

absl::StatusOr<ExitCode> ShowHistory(Session& session, const SchemaHistoryOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const std::vector<client::Schema> versions,
                         VersionsOf(*client, options.subject));
  NEXUS_ASSIGN_OR_RETURN(const client::CompatibilitySettings settings,
                         client->GetCompatibility(options.subject));
  const bool in_blocks = options.changes && session.style().format == Format::kTable;
  Listing listing(session.out(), session.style(),
                  {"VERSION", "ID", "STATE", "REGISTERED", "BY", "CHANGES", "DIGEST", "COMMENT"});
  for (size_t i = 0; i < versions.size(); ++i) {
    VersionEntry entry{versions[i], std::nullopt};
    if (i > 0) {
      auto diff = DiffRegistered(*client, versions[i - 1], versions[i], settings.rules);
      // One version that this program cannot read hides no other.
      if (!diff.ok()) session.Note(std::string(diff.status().message()));
      if (diff.ok()) entry.diff = *std::move(diff);
    }
    if (in_blocks) {
      PrintEntry(session.out(), entry);
    } else {
      listing.Add([&] { return HistoryCells(entry); },
                  [&] { return HistoryJson(entry, options.changes); });
    }
  }
  if (!in_blocks) listing.End();
  return ExitCode::kOk;
}

}  // namespace

void AddHistoryCommand(CLI::App& schema, Chosen& chosen) {
  auto options = std::make_shared<SchemaHistoryOptions>();
  CLI::App* history = schema.add_subcommand("history", "The versions of a subject and its changes");
  history->add_option("SUBJECT", options->subject, "Event type")->required();
  history->add_flag("--changes", options->changes, "Each change, not only how many");
  OnChosen(history, chosen, options, ShowHistory);
}

}  // namespace nexus::cli

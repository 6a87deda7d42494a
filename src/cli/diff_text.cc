#include "cli/diff_text.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/finding_json.h"
#include "cli/output.h"

namespace nexus::cli {
namespace {

std::string KindText(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdded:
      return "added";
    case ChangeKind::kRemoved:
      return "removed";
    case ChangeKind::kChanged:
      break;
  }
  return "changed";
}

std::string MarkText(bool breaks, bool strictly) {
  return absl::StrCat(DirectionText(breaks), strictly && !breaks ? " (not by STRICT)" : "");
}

void PrintChange(std::ostream& out, const SchemaChange& change) {
  out << '\n' << KindText(change.kind) << " \"" << Printable(change.path, 200) << '"';
  if (!change.old_value.empty()) out << "  old: " << Printable(change.old_value, 200);
  if (!change.new_value.empty()) out << "  new: " << Printable(change.new_value, 200);
  out << "\n  backward: " << MarkText(change.breaks_backward, change.breaks_backward_strictly)
      << "  forward: " << MarkText(change.breaks_forward, change.breaks_forward_strictly) << '\n';
  for (const CompatibilityFinding& finding : change.findings) {
    out << "  " << finding.rule << ": " << Printable(finding.message, 300) << '\n';
  }
}

std::string ChangeJson(const SchemaChange& change) {
  std::vector<std::string> findings;
  for (const CompatibilityFinding& finding : change.findings) {
    findings.push_back(FindingJson(finding));
  }
  JsonObject json;
  json.Text("change", KindText(change.kind)).Text("path", change.path);
  json.Text("old", change.old_value).Text("new", change.new_value);
  json.Text("backward", DirectionText(change.breaks_backward));
  json.Text("forward", DirectionText(change.breaks_forward));
  json.Text("strict_backward", DirectionText(change.breaks_backward_strictly));
  json.Text("strict_forward", DirectionText(change.breaks_forward_strictly));
  json.Raw("findings", JsonArray(findings));
  return json.Take();
}

}  // namespace

std::string DirectionText(bool breaks) { return breaks ? "breaking" : "compatible"; }

void PrintChanges(std::ostream& out, const SchemaDiff& diff) {
  for (const SchemaChange& change : diff.changes) PrintChange(out, change);
}

std::string ChangesJson(const SchemaDiff& diff) {
  std::vector<std::string> changes;
  for (const SchemaChange& change : diff.changes) changes.push_back(ChangeJson(change));
  return JsonArray(changes);
}

}  // namespace nexus::cli

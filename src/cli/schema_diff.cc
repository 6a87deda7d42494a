#include "cli/schema_diff.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

ChangeKind KindOf(const CompatibilityFinding& finding) {
  if (finding.old_value.empty() && !finding.new_value.empty()) return ChangeKind::kAdded;
  if (!finding.old_value.empty() && finding.new_value.empty()) return ChangeKind::kRemoved;
  return ChangeKind::kChanged;
}

void Attach(const CompatibilityFinding& finding, SchemaChange& change) {
  for (const CompatibilityFinding& other : change.findings) {
    if (other.rule == finding.rule && other.forward == finding.forward) return;
  }
  change.findings.push_back(finding);
}

// Joins the findings of several comparisons that are about the same change.
class ChangeList {
 public:
  // A field that came, went or has another type. All of these come first.
  void AddDeclaration(const CompatibilityFinding& finding) {
    ChangeOf(finding);
    declarations_ = changes_.size();
  }
  void AddStrict(const CompatibilityFinding& finding) {
    SchemaChange& change = ChangeOf(finding);
    (finding.forward ? change.breaks_forward_strictly : change.breaks_backward_strictly) = true;
    Attach(finding, change);
  }
  // `forward` says what was asked: some rules of a policy hold whatever the mode.
  void AddByPolicy(const CompatibilityFinding& finding, bool forward) {
    SchemaChange& change = ChangeOf(finding);
    (forward ? change.breaks_forward : change.breaks_backward) = true;
    Attach(finding, change);
  }
  // What the fields at one path are said to be; empty: nothing.
  void AddClass(const std::string& path, const std::string& before, const std::string& after) {
    SchemaChange change;
    if (before.empty()) change.kind = ChangeKind::kAdded;
    if (after.empty()) change.kind = ChangeKind::kRemoved;
    change.path = path;
    if (!before.empty()) change.old_value = absl::StrCat("data class ", before);
    if (!after.empty()) change.new_value = absl::StrCat("data class ", after);
    changes_.push_back(std::move(change));
  }
  std::vector<SchemaChange> Take() {
    std::stable_sort(changes_.begin(), changes_.end(),
                     [](const auto& a, const auto& b) { return a.path < b.path; });
    return std::move(changes_);
  }

 private:
  SchemaChange& ChangeOf(const CompatibilityFinding& finding) {
    for (SchemaChange& change : changes_) {
      if (change.path == finding.path && change.old_value == finding.old_value &&
          change.new_value == finding.new_value) {
        return change;
      }
    }
    for (size_t i = 0; i < declarations_; ++i) {
      if (IsOfDeclaration(finding, changes_[i])) return changes_[i];
    }
    SchemaChange change;
    change.kind = KindOf(finding);
    change.path = finding.path;
    change.old_value = finding.old_value;
    change.new_value = finding.new_value;
    changes_.push_back(std::move(change));
    return changes_.back();
  }
  // What documents see of a field that came, went or has another type is no change of its own.
  static bool IsOfDeclaration(const CompatibilityFinding& finding, const SchemaChange& field) {
    if (finding.path == absl::StrCat(field.path, "/type")) {
      return field.kind == ChangeKind::kChanged && absl::StartsWith(finding.rule, "TYPE_");
    }
    // Avro counts fields: one that went and one that came may have the same number.
    const ChangeKind kind = KindOf(finding);
    return finding.path == field.path && (kind == field.kind || kind == ChangeKind::kChanged ||
                                          field.kind == ChangeKind::kChanged);
  }

  std::vector<SchemaChange> changes_;
  size_t declarations_ = 0;  // how many of them are declarations
};

// The rules under which every field that came, went or has another type is a finding.
CompatibilityRules ClosedRules() {
  CompatibilityRules rules;
  rules.mode = CompatibilityMode::kForward;
  rules.policy = CompatibilityPolicy::kNexus;
  rules.flags = {.allow_new_fields = false,
                 .require_defaults = true,
                 .allow_field_removal = false,
                 .allow_type_changes = false};
  return rules;
}

using ClassesByPath = std::map<std::string, std::string>;

ClassesByPath ClassesOf(const CompiledSchema& schema) {
  ClassesByPath classes;
  for (const ClassifiedField& field : schema.Classified().fields) {
    std::string& text = classes[field.path];
    absl::StrAppend(&text, text.empty() ? "" : ", ", ClassText(field));
  }
  return classes;
}

void AddClassChanges(const ClassesByPath& before, const ClassesByPath& after, ChangeList& changes) {
  ClassesByPath all = after;
  all.insert(before.begin(), before.end());
  for (const auto& [path, unused] : all) {
    const auto from = before.find(path);
    const auto to = after.find(path);
    const std::string old_text = from == before.end() ? "" : from->second;
    const std::string new_text = to == after.end() ? "" : to->second;
    if (old_text != new_text) changes.AddClass(path, old_text, new_text);
  }
}

}  // namespace

std::string ClassText(const ClassifiedField& field) {
  if (!field.subject_key) return field.data_class;
  return absl::StrCat(field.data_class, field.data_class.empty() ? "" : ", ", "subject key");
}

bool SchemaDiff::breaks_backward() const {
  return std::any_of(changes.begin(), changes.end(),
                     [](const SchemaChange& change) { return change.breaks_backward; });
}

bool SchemaDiff::breaks_forward() const {
  return std::any_of(changes.begin(), changes.end(),
                     [](const SchemaChange& change) { return change.breaks_forward; });
}

absl::StatusOr<SchemaDiff> DiffSchemas(SchemaComparer& comparer, const CompiledSchema& before,
                                       const CompiledSchema& after,
                                       const CompatibilityRules& rules) {
  const EarlierSchema earlier[] = {{1, &before}};
  CompatibilityRules strict;
  strict.mode = CompatibilityMode::kFull;
  strict.policy = CompatibilityPolicy::kStrict;
  NEXUS_ASSIGN_OR_RETURN(const CompatibilityVerdict declared,
                         comparer.Compare(earlier, after, ClosedRules()));
  NEXUS_ASSIGN_OR_RETURN(const CompatibilityVerdict strictly,
                         comparer.Compare(earlier, after, strict));
  ChangeList changes;
  for (const CompatibilityFinding& finding : declared.findings) {
    // Found although only forward was asked: a rule about declarations.
    if (!finding.forward) changes.AddDeclaration(finding);
  }
  for (const CompatibilityFinding& finding : strictly.findings) changes.AddStrict(finding);
  CompatibilityRules asked = rules;
  for (const bool forward : {false, true}) {
    asked.mode = forward ? CompatibilityMode::kForward : CompatibilityMode::kBackward;
    NEXUS_ASSIGN_OR_RETURN(const CompatibilityVerdict verdict,
                           comparer.Compare(earlier, after, asked));
    for (const CompatibilityFinding& finding : verdict.findings) {
      changes.AddByPolicy(finding, forward);
    }
  }
  AddClassChanges(ClassesOf(before), ClassesOf(after), changes);
  return SchemaDiff{rules.policy, changes.Take()};
}

}  // namespace nexus::cli

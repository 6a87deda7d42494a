#include "schema/json/compat/json_schema_comparer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/json/compat/field_rules.h"
#include "schema/json/compat/rule_fixes.h"
#include "schema/json/compat/witness.h"
#include "schema/json/compiled_json_schema.h"

namespace nexus::schema {
namespace {

constexpr size_t kFindingsMax = 200;

using Mode = CompatibilityMode;

absl::StatusOr<const SchemaProgram*> ProgramOf(const CompiledSchema* schema) {
  const auto* json = dynamic_cast<const CompiledJsonSchema*>(schema);
  if (json != nullptr) return &json->program();
  return MakeError(ErrorReason::kInternal, "a schema to compare is not a compiled JSON Schema");
}

// Whether a violation lies where the difference does, or inside it.
bool IsAt(const Violation& violation, const Difference& difference) {
  if (!difference.keyword.empty() && difference.keyword != violation.keyword) return false;
  std::vector<std::string> tokens = absl::StrSplit(violation.pointer, '/');
  tokens.erase(tokens.begin());  // before the first slash
  const size_t depth = difference.instance.size();
  if (tokens.size() < depth || (!difference.keyword.empty() && tokens.size() != depth))
    return false;
  for (size_t i = 0; i < depth; ++i) {
    const std::string token = absl::StrReplaceAll(tokens[i], {{"~1", "/"}, {"~0", "~"}});
    if (difference.instance[i] != "*" && difference.instance[i] != token) return false;
  }
  return true;
}

// One Compare() on its way.
class Judgement {
 public:
  Judgement(const SchemaProgram& candidate, const CompatibilityRules& rules,
            const SubsetLimits& limits)
      : candidate_(candidate), rules_(rules), limits_(limits) {}

  void AskSubset(const SchemaProgram& earlier, uint32_t version, bool forward) {
    const SchemaProgram& from = forward ? candidate_ : earlier;
    const SchemaProgram& to = forward ? earlier : candidate_;
    const std::vector<Difference> differences = SubsetCheck(from, to, rules_.policy, limits_).Run();
    if (differences.empty()) return;
    const std::vector<Witness> witnesses = FindWitnesses(from, to);
    for (const Difference& difference : differences) {
      CompatibilityFinding finding;
      finding.rule = difference.rule;
      finding.path = forward ? difference.from_path : difference.to_path;
      finding.old_value = forward ? difference.to_value : difference.from_value;
      finding.new_value = forward ? difference.from_value : difference.to_value;
      finding.message =
          forward ? absl::StrCat("for readers of the earlier version: ", difference.message)
                  : difference.message;
      finding.forward = forward;
      const auto found = std::find_if(witnesses.begin(), witnesses.end(), [&](const Witness& w) {
        return IsAt(w.violation, difference);
      });
      if (found != witnesses.end()) {
        finding.witness = found->document;
      } else if (!witnesses.empty() && differences.size() == 1) {
        finding.witness = witnesses[0].document;
      }
      Add(std::move(finding), version);
    }
  }

  void AskFields(const std::vector<std::pair<uint32_t, const SchemaProgram*>>& earlier) {
    const FieldTable to = FieldsOf(candidate_);
    const FieldTable latest = FieldsOf(*earlier.back().second);
    if (!to.complete || !latest.complete) {
      CompatibilityFinding finding;
      finding.rule = "UNDECIDED";
      finding.message = "the schema declares more fields than are looked at";
      Add(std::move(finding), earlier.back().first);
    }
    for (auto& finding : CheckFields(latest, to, candidate_, rules_.flags)) {
      Add(std::move(finding), earlier.back().first);
    }
    // Newest first: the last version that had a field says which type it had.
    for (auto at = earlier.rbegin() + 1; at != earlier.rend(); ++at) {
      for (auto& finding : CheckReturns(FieldsOf(*at->second), latest, to)) {
        Add(std::move(finding), at->first);
      }
    }
  }

  CompatibilityVerdict Take() {
    // The type of a field is said once, by the stricter rule.
    const auto is_repeated = [this](const CompatibilityFinding& finding) {
      if (!absl::StartsWith(finding.rule, "TYPE_") || !absl::EndsWith(finding.path, "/type")) {
        return false;
      }
      return std::any_of(verdict_.findings.begin(), verdict_.findings.end(),
                         [&](const auto& other) {
                           return other.rule == "TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE" &&
                                  absl::StrCat(other.path, "/type") == finding.path;
                         });
    };
    std::vector<CompatibilityFinding> kept;
    for (const CompatibilityFinding& finding : verdict_.findings) {
      if (!is_repeated(finding)) {
        kept.push_back(finding);
        continue;
      }
      for (auto& other : verdict_.findings) {
        if (absl::StrCat(other.path, "/type") != finding.path) continue;
        if (other.witness.empty()) other.witness = finding.witness;
      }
    }
    for (CompatibilityFinding& finding : kept) {
      if (!finding.witness.empty()) continue;
      const auto same =
          std::find_if(verdict_.findings.begin(), verdict_.findings.end(), [&](const auto& other) {
            return other.rule == finding.rule && other.path == finding.path &&
                   !other.witness.empty();
          });
      if (same != verdict_.findings.end()) finding.witness = same->witness;
    }
    verdict_.findings = std::move(kept);
    return std::move(verdict_);
  }

 private:
  void Add(CompatibilityFinding finding, uint32_t version) {
    if (verdict_.findings.size() >= kFindingsMax) return;
    // An older version with the same trouble adds nothing.
    for (const CompatibilityFinding& other : verdict_.findings) {
      if (other.rule == finding.rule && other.path == finding.path &&
          other.forward == finding.forward) {
        return;
      }
    }
    finding.version = version;
    finding.fix = FixFor(finding.rule, finding.old_value);
    verdict_.findings.push_back(std::move(finding));
  }

  const SchemaProgram& candidate_;
  const CompatibilityRules& rules_;
  const SubsetLimits limits_;
  CompatibilityVerdict verdict_;
};

}  // namespace

absl::StatusOr<CompatibilityVerdict> JsonSchemaComparer::Compare(
    absl::Span<const EarlierSchema> earlier, const CompiledSchema& candidate,
    const CompatibilityRules& rules) {
  if (earlier.empty() || rules.mode == Mode::kNone) return CompatibilityVerdict();
  NEXUS_ASSIGN_OR_RETURN(const SchemaProgram* to, ProgramOf(&candidate));
  std::vector<std::pair<uint32_t, const SchemaProgram*>> programs;
  for (const EarlierSchema& version : earlier) {
    NEXUS_ASSIGN_OR_RETURN(const SchemaProgram* program, ProgramOf(version.schema));
    programs.emplace_back(version.version, program);
  }
  Judgement judgement(*to, rules, limits_);
  if (rules.policy == CompatibilityPolicy::kNexus) judgement.AskFields(programs);
  const size_t last = IsTransitive(rules.mode) ? 0 : programs.size() - 1;
  for (size_t i = programs.size(); i-- > last;) {
    if (AsksBackward(rules.mode)) {
      judgement.AskSubset(*programs[i].second, programs[i].first, false);
    }
    if (AsksForward(rules.mode)) judgement.AskSubset(*programs[i].second, programs[i].first, true);
  }
  return judgement.Take();
}

}  // namespace nexus::schema

#include "schema/avro/compat/avro_comparer.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/avro/compat/declared_types.h"
#include "schema/avro/compat/resolution_findings.h"
#include "schema/avro/compiled_avro_schema.h"

namespace nexus::schema {
namespace {

constexpr size_t kFindingsMax = 200;

using Mode = CompatibilityMode;

absl::StatusOr<const AvroSchema*> AvroSchemaOf(const CompiledSchema* schema) {
  const auto* avro = dynamic_cast<const CompiledAvroSchema*>(schema);
  if (avro != nullptr) return &avro->schema();
  return MakeError(ErrorReason::kInternal, "a schema to compare is not a compiled Avro schema");
}

struct AvroFix {
  absl::string_view rule;
  absl::string_view fix;
};

constexpr AvroFix kAvroFixes[] = {
    {"NAME_MISMATCH", "Keep the name, or give the type its old full name as an alias."},
    {"FIXED_SIZE_MISMATCH", "Keep the size, or register a new event type."},
    {"MISSING_ENUM_SYMBOLS",
     "Keep every symbol, or give the enum a \"default\" that stands for unknown ones."},
    {"READER_FIELD_MISSING_DEFAULT_VALUE", "Give the field a \"default\"."},
    {"TYPE_MISMATCH", "Keep the type, or register a new event type."},
    {"MISSING_UNION_BRANCH", "Keep every branch of the union; new ones may be added."},
    {"TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE",
     "Keep the type, or register a new event type for the new shape."},
    {"TYPE_RENAMED", "Keep the full name, or register a new event type."},
    {"FIELD_RENAMED", "Keep the field's name; what consumers call it is their own affair."},
    {"FIELD_RETURNED_WITH_OTHER_TYPE", "Give the field a name that no version has had."},
    {"NEW_FIELD_NOT_ALLOWED", "Leave the field out, or let the subject allow_new_fields."},
    {"NEW_FIELD_WITHOUT_DEFAULT", "Give the field a \"default\"."},
    {"REQUIRED_FIELD_REMOVED",
     "Give the field a \"default\" in one version and remove it in the next."},
    {"FIELD_REMOVED", "Keep the field, or let the subject allow_field_removal."},
};

std::string AvroFixFor(absl::string_view rule) {
  for (const AvroFix& row : kAvroFixes) {
    if (row.rule == rule) return std::string(row.fix);
  }
  return "Undo the change here, or judge it yourself and register with the mode NONE.";
}

struct AvroVersion {
  uint32_t number = 0;
  const AvroSchema* schema = nullptr;
};

// One Compare() on its way.
class AvroJudgement {
 public:
  AvroJudgement(const AvroSchema& candidate, const CompatibilityRules& rules,
                const ResolutionLimits& limits)
      : candidate_(candidate), rules_(rules), limits_(limits) {}

  void AskDeclarations(const std::vector<AvroVersion>& earlier) {
    const AvroVersion& latest = earlier.back();
    for (auto& finding :
         CheckDeclarations(*latest.schema, candidate_, rules_.flags, limits_.pairs_max)) {
      Add(std::move(finding), latest.number);
    }
    if (earlier.size() == 1) return;
    const DeclaredFields to = FieldsOf(candidate_);
    const DeclaredFields before = FieldsOf(*latest.schema);
    // Newest first: the last version that had a field says which type it had.
    for (auto at = earlier.rbegin() + 1; at != earlier.rend(); ++at) {
      for (auto& finding : CheckReturns(FieldsOf(*at->schema), before, to)) {
        Add(std::move(finding), at->number);
      }
    }
  }

  void AskReaders(const AvroVersion& earlier, bool forward) {
    const AvroSchema& writer = forward ? candidate_ : *earlier.schema;
    const AvroSchema& reader = forward ? *earlier.schema : candidate_;
    for (auto& finding : FindUnreadable(writer, reader, forward, limits_, kFindingsMax)) {
      Add(std::move(finding), earlier.number);
    }
  }

  CompatibilityVerdict Take() { return std::move(verdict_); }

 private:
  // Both are about the same change at the same place; the rule of NEXUS, which comes first, says
  // more.
  static bool Repeats(const CompatibilityFinding& finding, const CompatibilityFinding& other) {
    if (finding.path != other.path) return false;
    if (finding.rule == other.rule) return finding.forward == other.forward;
    return (finding.rule == "TYPE_MISMATCH" || finding.rule == "MISSING_UNION_BRANCH" ||
            finding.rule == "NAME_MISMATCH" ||
            finding.rule == "READER_FIELD_MISSING_DEFAULT_VALUE") &&
           (other.rule == "TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE" || other.rule == "TYPE_RENAMED" ||
            other.rule == "NEW_FIELD_WITHOUT_DEFAULT" || other.rule == "NEW_FIELD_NOT_ALLOWED");
  }

  void Add(CompatibilityFinding finding, uint32_t version) {
    if (verdict_.findings.size() >= kFindingsMax) return;
    const bool is_repeated =
        std::any_of(verdict_.findings.begin(), verdict_.findings.end(),
                    [&](const auto& other) { return Repeats(finding, other); });
    if (is_repeated) return;
    finding.version = version;
    finding.fix = AvroFixFor(finding.rule);
    verdict_.findings.push_back(std::move(finding));
  }

  const AvroSchema& candidate_;
  const CompatibilityRules& rules_;
  const ResolutionLimits limits_;
  CompatibilityVerdict verdict_;
};

}  // namespace

absl::StatusOr<CompatibilityVerdict> AvroComparer::Compare(absl::Span<const EarlierSchema> earlier,
                                                           const CompiledSchema& candidate,
                                                           const CompatibilityRules& rules) {
  if (earlier.empty() || rules.mode == Mode::kNone) return CompatibilityVerdict();
  NEXUS_ASSIGN_OR_RETURN(const AvroSchema* to, AvroSchemaOf(&candidate));
  std::vector<AvroVersion> versions;
  for (const EarlierSchema& version : earlier) {
    NEXUS_ASSIGN_OR_RETURN(const AvroSchema* schema, AvroSchemaOf(version.schema));
    versions.push_back({version.version, schema});
  }
  AvroJudgement judgement(*to, rules, limits_);
  if (rules.policy == CompatibilityPolicy::kNexus) judgement.AskDeclarations(versions);
  const size_t last = IsTransitive(rules.mode) ? 0 : versions.size() - 1;
  for (size_t i = versions.size(); i-- > last;) {
    if (AsksBackward(rules.mode)) judgement.AskReaders(versions[i], false);
    if (AsksForward(rules.mode)) judgement.AskReaders(versions[i], true);
  }
  return judgement.Take();
}

}  // namespace nexus::schema

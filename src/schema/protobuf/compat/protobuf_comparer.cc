#include "schema/protobuf/compat/protobuf_comparer.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/protobuf/compat/declaration_rules.h"
#include "schema/protobuf/compat/finding_fixes.h"
#include "schema/protobuf/compat/protobuf_findings.h"
#include "schema/protobuf/compat/reader_rules.h"
#include "schema/protobuf/compiled_protobuf_schema.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;
using Mode = CompatibilityMode;

struct VersionFile {
  uint32_t version = 0;
  const pb::FileDescriptor* file = nullptr;
};

absl::StatusOr<const pb::FileDescriptor*> FileOf(const CompiledSchema* schema) {
  const auto* compiled = dynamic_cast<const CompiledProtobufSchema*>(schema);
  if (compiled != nullptr) return &compiled->file();
  return MakeError(ErrorReason::kInternal, "a schema to compare is not a compiled Protobuf schema");
}

// Rules that say about one place what the stricter rule before them has said.
struct RepeatedRule {
  absl::string_view said;
  absl::string_view again;
};
constexpr RepeatedRule kRepeated[] = {
    {"TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE", "FIELD_KIND_CHANGED"},
    {"TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE", "FIELD_SCALAR_KIND_CHANGED"},
    {"TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE", "FIELD_NAMED_TYPE_CHANGED"},
    {"TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE", "FIELD_CARDINALITY_CHANGED"},
    {"FIELD_CARDINALITY_CHANGED", "FIELD_NUMERIC_LABEL_CHANGED"},
    {"FIELD_ONEOF_CHANGED", "FIELD_MOVED_TO_EXISTING_ONEOF"},
    {"FIELD_REMOVED", "REQUIRED_FIELD_REMOVED"},
    {"FIELD_REMOVED", "REQUIRED_FIELD_ADDED"},
    {"FIELD_REMOVED", "ONEOF_FIELD_REMOVED"},
    {"NEW_FIELD_NOT_ALLOWED", "REQUIRED_FIELD_ADDED"},
    {"NEW_FIELD_NOT_ALLOWED", "REQUIRED_FIELD_REMOVED"},
    {"NEW_FIELD_WITHOUT_DEFAULT", "REQUIRED_FIELD_ADDED"},
    {"NEW_FIELD_WITHOUT_DEFAULT", "REQUIRED_FIELD_REMOVED"},
};

// One Compare() on its way.
class Judgement {
 public:
  Judgement(const pb::FileDescriptor& candidate, const CompatibilityRules& rules)
      : candidate_(candidate), rules_(rules) {}

  void AskReader(const VersionFile& earlier, bool forward) {
    ReaderQuestion question;
    question.lenient = rules_.policy == CompatibilityPolicy::kLenient;
    // NEXUS lets new types in where new fields may have them.
    question.types_may_vanish = forward && rules_.policy == CompatibilityPolicy::kNexus;
    auto findings = forward ? CheckReader(candidate_, *earlier.file, question)
                            : CheckReader(*earlier.file, candidate_, question);
    for (CompatibilityFinding& finding : findings) {
      finding.forward = forward;
      if (forward) {
        std::swap(finding.old_value, finding.new_value);
        finding.message = absl::StrCat("for readers of the earlier version: ", finding.message);
      }
      Add(std::move(finding), earlier.version);
    }
  }

  void AskDeclarations(const std::vector<VersionFile>& earlier) {
    const VersionFile& latest = earlier.back();
    const DeclarationQuestion question{rules_.flags, AsksForward(rules_.mode)};
    for (auto& finding : CheckDeclarations(*latest.file, candidate_, question)) {
      Add(std::move(finding), latest.version);
    }
    // Newest first: the last version that had a field says which type it had.
    for (auto at = earlier.rbegin() + 1; at != earlier.rend(); ++at) {
      for (auto& finding : CheckReturns(*at->file, *latest.file, candidate_)) {
        Add(std::move(finding), at->version);
      }
    }
  }

  CompatibilityVerdict Take() {
    std::vector<CompatibilityFinding>& findings = verdict_.findings;
    std::vector<CompatibilityFinding> kept;
    for (const CompatibilityFinding& finding : findings) {
      if (!IsSaid(finding)) kept.push_back(finding);
    }
    findings = std::move(kept);
    return std::move(verdict_);
  }

 private:
  bool IsSaid(const CompatibilityFinding& finding) const {
    const auto says_it = [&](const CompatibilityFinding& other) {
      if (other.path != finding.path) return false;
      return std::any_of(std::begin(kRepeated), std::end(kRepeated), [&](const RepeatedRule& row) {
        return row.said == other.rule && row.again == finding.rule;
      });
    };
    return std::any_of(verdict_.findings.begin(), verdict_.findings.end(), says_it);
  }

  void Add(CompatibilityFinding finding, uint32_t version) {
    if (verdict_.findings.size() >= ProtobufFindings::kFindingsMax) return;
    // An older version with the same trouble adds nothing.
    for (const CompatibilityFinding& other : verdict_.findings) {
      if (other.rule == finding.rule && other.path == finding.path &&
          other.forward == finding.forward) {
        return;
      }
    }
    finding.version = version;
    finding.fix = ProtobufFixFor(finding.rule);
    verdict_.findings.push_back(std::move(finding));
  }

  const pb::FileDescriptor& candidate_;
  const CompatibilityRules& rules_;
  CompatibilityVerdict verdict_;
};

}  // namespace

absl::StatusOr<CompatibilityVerdict> ProtobufComparer::Compare(
    absl::Span<const EarlierSchema> earlier, const CompiledSchema& candidate,
    const CompatibilityRules& rules) {
  if (earlier.empty() || rules.mode == Mode::kNone) return CompatibilityVerdict();
  NEXUS_ASSIGN_OR_RETURN(const pb::FileDescriptor* to, FileOf(&candidate));
  std::vector<VersionFile> files;
  for (const EarlierSchema& version : earlier) {
    NEXUS_ASSIGN_OR_RETURN(const pb::FileDescriptor* file, FileOf(version.schema));
    files.push_back({version.version, file});
  }
  Judgement judgement(*to, rules);
  if (rules.policy == CompatibilityPolicy::kNexus) judgement.AskDeclarations(files);
  const size_t last = IsTransitive(rules.mode) ? 0 : files.size() - 1;
  for (size_t i = files.size(); i-- > last;) {
    if (AsksBackward(rules.mode)) judgement.AskReader(files[i], false);
    if (AsksForward(rules.mode)) judgement.AskReader(files[i], true);
  }
  return judgement.Take();
}

}  // namespace nexus::schema

#include "schema/schema_request.h"

#include <limits>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/text.h"
#include "schema/schema_content.h"

namespace nexus::schema {
namespace {

absl::Status TooMany(absl::string_view what, size_t most) {
  return MakeError(ErrorReason::kLimitExceeded,
                   absl::StrCat("a schema has at most ", most, " ", what));
}

// Everything that a schema refers to, those first that others need.
class ReferenceClosure {
 public:
  ReferenceClosure(FindRecord find, size_t most) : find_(find), most_(most) {}

  absl::Status Add(const std::vector<RecordReference>& references, SchemaFormat format) {
    for (const RecordReference& reference : references) {
      const SchemaRecordPtr record = find_(reference.subject, reference.version);
      if (record == nullptr || record->format != format) return Missing(reference, record);
      if (names_.contains(reference.name)) continue;
      if (names_.size() >= most_) return TooMany("references, with those of others", most_);
      names_.insert(reference.name);
      // A version refers to what was there before it, so this ends.
      NEXUS_RETURN_IF_ERROR(Add(record->references, format));
      sources_.push_back({reference.name, record->definition});
    }
    return absl::OkStatus();
  }

  const std::vector<SchemaReference>& sources() const { return sources_; }

 private:
  static absl::Status Missing(const RecordReference& reference, const SchemaRecordPtr& record) {
    const std::string place = absl::StrCat("the reference \"", reference.name, "\" to ",
                                           reference.subject, " version ", reference.version);
    return MakeError(ErrorReason::kSchemaInvalid,
                     absl::StrCat(place, record == nullptr ? " leads to no registered schema"
                                                           : " leads to another format"));
  }

  const FindRecord find_;
  const size_t most_;
  absl::flat_hash_set<std::string> names_;
  std::vector<SchemaReference> sources_;
};

absl::Status CheckReferences(const std::vector<RecordReference>& references, size_t most) {
  if (references.size() > most) return TooMany("references", most);
  absl::flat_hash_set<absl::string_view> names;
  for (const RecordReference& reference : references) {
    if (reference.name.empty() || reference.subject.empty()) {
      return MakeError(ErrorReason::kMalformedRequest, "a reference has a name and a subject");
    }
    if (!names.insert(reference.name).second) {
      return MakeError(ErrorReason::kMalformedRequest,
                       absl::StrCat("two references have the name \"", reference.name, "\""));
    }
  }
  return absl::OkStatus();
}

absl::Status ToCanonicalObject(absl::string_view what, std::string& text, JsonReader& json) {
  if (text.empty()) return absl::OkStatus();
  absl::StatusOr<std::string> canonical = json.Canonical(text);
  if (!canonical.ok() || canonical->front() != '{') {
    return MakeError(ErrorReason::kMalformedRequest, absl::StrCat(what, " must be a JSON object"));
  }
  // An object that says nothing is none.
  text = *canonical == "{}" ? "" : *std::move(canonical);
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckName(absl::string_view what, absl::string_view name, size_t bytes_max) {
  const auto malformed = [&](const std::string& why) {
    return MakeError(ErrorReason::kMalformedName, absl::StrCat("a ", what, " ", why));
  };
  if (name.empty()) return malformed("must not be empty");
  if (name.size() > bytes_max) {
    return malformed(absl::StrCat("has at most ", bytes_max, " bytes; this one has ", name.size()));
  }
  if (const auto at = FindInvalidUtf8(name)) {
    return MakeError(ErrorReason::kInvalidUtf8,
                     absl::StrCat("the ", what, " is not UTF-8 at byte ", *at));
  }
  if (const auto at = FindControlCharacter(name)) {
    return malformed(absl::StrCat("has no control characters; this one has one at byte ", *at));
  }
  if (name[0] == '$') {
    return MakeError(ErrorReason::kReservedName,
                     absl::StrCat("a ", what, " that begins with '$' belongs to the server"));
  }
  return absl::OkStatus();
}

absl::Status CheckComment(absl::string_view comment, const SchemaRequestLimits& limits) {
  if (comment.size() > limits.comment_bytes_max) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("a comment has at most ", limits.comment_bytes_max,
                                  " bytes; this one has ", comment.size()));
  }
  if (const auto at = FindInvalidUtf8(comment)) {
    return MakeError(ErrorReason::kInvalidUtf8,
                     absl::StrCat("the comment is not UTF-8 at byte ", *at));
  }
  return absl::OkStatus();
}

absl::Status CheckRequest(const RegisterRequest& request, const SchemaRequestLimits& limits,
                          size_t schema_bytes_max) {
  NEXUS_RETURN_IF_ERROR(CheckName("subject", request.subject, limits.subject_bytes_max));
  const size_t size = request.definition.size() + request.metadata.size() + request.rule_set.size();
  if (size > schema_bytes_max) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("a schema has at most ", schema_bytes_max,
                                  " bytes, with its "
                                  "metadata and rules; this one has ",
                                  size));
  }
  // Confluent's clients read both as signed numbers.
  constexpr uint32_t kNumberMax = std::numeric_limits<int32_t>::max();
  if (request.version > kNumberMax || request.id > kNumberMax) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat("versions and ids are at most ", kNumberMax));
  }
  NEXUS_RETURN_IF_ERROR(CheckReferences(request.references, limits.references_max));
  return CheckComment(request.comment, limits);
}

absl::Status NoSuchVersion(absl::string_view subject, uint32_t version) {
  return MakeError(ErrorReason::kNotFound,
                   version == 0 ? absl::StrCat("no schema is registered for ", subject)
                                : absl::StrCat("schema ", subject, " has no version ", version));
}

absl::StatusOr<Candidate> Compile(RegisterRequest& request, const SchemaLanguages& languages,
                                  JsonReader& json, const SchemaRequestLimits& limits,
                                  FindRecord find) {
  NEXUS_ASSIGN_OR_RETURN(const SchemaLanguage language, languages.Find(request.format));
  NEXUS_RETURN_IF_ERROR(ToCanonicalObject("metadata", request.metadata, json));
  NEXUS_RETURN_IF_ERROR(ToCanonicalObject("rule_set", request.rule_set, json));
  for (RecordReference& reference : request.references) {
    if (reference.version != 0) continue;
    const SchemaRecordPtr latest = find(reference.subject, 0);
    if (latest != nullptr) reference.version = latest->version;
  }
  ReferenceClosure closure(find, limits.reference_closure_max);
  NEXUS_RETURN_IF_ERROR(closure.Add(request.references, request.format));
  Candidate candidate;
  NEXUS_ASSIGN_OR_RETURN(candidate.compiled, language.validator->Compile(SchemaSource(
                                                 request.definition, closure.sources())));
  if (request.normalize) {
    NEXUS_ASSIGN_OR_RETURN(request.definition, language.validator->Canonical(request.definition));
  }
  NEXUS_ASSIGN_OR_RETURN(candidate.digest, DigestOf(request, languages));
  return candidate;
}

absl::StatusOr<std::string> DigestOf(const RegisterRequest& request,
                                     const SchemaLanguages& languages) {
  NEXUS_ASSIGN_OR_RETURN(const SchemaLanguage language, languages.Find(request.format));
  NEXUS_ASSIGN_OR_RETURN(const std::string canonical,
                         language.validator->Canonical(request.definition));
  return ContentDigest(
      {request.format, canonical, request.references, request.metadata, request.rule_set});
}

absl::Status Incompatible(const std::string& subject, const CompatibilityRules& rules,
                          const CompatibilityVerdict& verdict) {
  ErrorDetails details;
  details.reason = ErrorReason::kSchemaIncompatible;
  details.metadata = {{"subject", subject},
                      {"mode", std::string(CompatibilityModeName(rules.mode))},
                      {"policy", std::string(CompatibilityPolicyName(rules.policy))}};
  for (const CompatibilityFinding& finding : verdict.findings) {
    std::string message =
        absl::StrCat(finding.message, " (against version ", finding.version, "). ", finding.fix);
    if (!finding.witness.empty()) absl::StrAppend(&message, " For example ", finding.witness);
    details.violations.push_back({"definition", finding.path, finding.rule, finding.old_value,
                                  finding.new_value, std::move(message)});
  }
  return MakeError(
      absl::StrCat("the new version of ", subject, " breaks ", CompatibilityModeName(rules.mode),
                   " compatibility (policy ", CompatibilityPolicyName(rules.policy), ") in ",
                   verdict.findings.size(), " place(s); first ", verdict.findings[0].rule, " at \"",
                   verdict.findings[0].path, "\": ", verdict.findings[0].message),
      details);
}

}  // namespace nexus::schema

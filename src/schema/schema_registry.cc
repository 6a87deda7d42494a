#include "schema/schema_registry.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/text.h"
#include "schema/digest.h"
#include "schema/schema_events.h"

namespace nexus::schema {
namespace {

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

}  // namespace

// One Register() on its way. Shared by the steps, which run on different threads one after another.
struct SchemaRegistry::Registration {
  RegisterRequest request;
  RegisterDone done;
  std::shared_ptr<const CompiledSchema> compiled;
  std::string digest;
  uint32_t version = 0;
  SchemaRecordPtr answer;
};

SchemaRegistry::SchemaRegistry(const SchemaRegistryParts& parts, const Limits& limits,
                               SchemaRegistryOptions options)
    : parts_(parts),
      limits_(limits),
      options_(options),
      catalog_(options.default_mode),
      stream_(
          StreamName::Literal(kSchemasStream), parts.log, parts.reader, parts.executor, parts.clock,
          parts.ids, [this](const RecordedEvent& event) { return Fold(event); }, options.stream) {}

absl::Status SchemaRegistry::Load() { return stream_.CatchUp(); }

absl::Status SchemaRegistry::CheckRequest(const RegisterRequest& request) const {
  NEXUS_RETURN_IF_ERROR(CheckName("subject", request.subject, options_.subject_bytes_max));
  if (request.definition.size() > limits_.schema_bytes_max) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("a schema has at most ", limits_.schema_bytes_max,
                                  " bytes; this one has ", request.definition.size()));
  }
  return CheckComment(request.comment);
}

absl::Status SchemaRegistry::CheckComment(absl::string_view comment) const {
  if (comment.size() > options_.comment_bytes_max) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("a comment has at most ", options_.comment_bytes_max,
                                  " bytes; this one has ", comment.size()));
  }
  if (const auto at = FindInvalidUtf8(comment)) {
    return MakeError(ErrorReason::kInvalidUtf8,
                     absl::StrCat("the comment is not UTF-8 at byte ", *at));
  }
  return absl::OkStatus();
}

void SchemaRegistry::Register(RegisterRequest request, RegisterDone done) {
  if (absl::Status status = CheckRequest(request); !status.ok()) return done(std::move(status));
  auto registration = std::make_shared<Registration>();
  registration->request = std::move(request);
  registration->done = std::move(done);
  // Compiling may take milliseconds: not on the caller's thread.
  if (!parts_.executor.TrySubmit([this, registration] { Prepare(registration); })) {
    registration->done(MakeError(ErrorReason::kOverloaded, "the server has no worker free"));
  }
}

void SchemaRegistry::Prepare(std::shared_ptr<Registration> registration) {
  const std::string& definition = registration->request.definition;
  auto compiled = parts_.validator.Compile(definition);
  if (!compiled.ok()) return registration->done(compiled.status());
  const absl::StatusOr<std::string> canonical = parts_.validator.Canonical(definition);
  if (!canonical.ok()) return registration->done(canonical.status());
  registration->compiled = *std::move(compiled);
  registration->digest = Sha256Hex(*canonical);

  GovernanceStream::Change change;
  change.stamp = registration->request.stamp;
  change.plan = [this, registration] { return Plan(*registration); };
  change.apply = [this, registration](Timestamp recorded) {
    RegisterRequest& request = registration->request;
    catalog_.Add(std::make_shared<const SchemaRecord>(SchemaRecord{
        request.subject, registration->version, std::move(request.definition), registration->digest,
        request.stamp.principal, recorded, std::move(request.comment), registration->compiled}));
  };
  change.done = [this, registration](absl::Status status) {
    if (!status.ok()) return registration->done(std::move(status));
    if (registration->answer == nullptr) {
      registration->answer = catalog_.Find(registration->request.subject, registration->version);
    }
    registration->done(registration->answer);
  };
  stream_.Submit(std::move(change));
}

absl::StatusOr<std::optional<GovernanceStream::NewEvent>> SchemaRegistry::Plan(
    Registration& registration) {
  const RegisterRequest& request = registration.request;
  registration.answer = catalog_.FindContent(request.subject, registration.digest);
  if (registration.answer != nullptr) return std::nullopt;
  const CompatibilityRules rules = catalog_.GetCompatibility(request.subject).rules;
  NEXUS_ASSIGN_OR_RETURN(const CompatibilityVerdict verdict,
                         Judge(request.subject, *registration.compiled, rules));
  if (!verdict.compatible()) return Incompatible(request.subject, rules, verdict);
  registration.version = catalog_.LatestVersion(request.subject) + 1;
  return GovernanceStream::NewEvent{
      kSchemaRegisteredType,
      EncodeSchemaRegistered({request.subject, registration.version, request.definition,
                              registration.digest, request.comment})};
}

absl::StatusOr<CompatibilityVerdict> SchemaRegistry::Judge(const std::string& subject,
                                                           const CompiledSchema& candidate,
                                                           const CompatibilityRules& rules) const {
  const std::vector<SchemaRecordPtr> versions = catalog_.Versions(subject);
  std::vector<EarlierSchema> earlier;
  for (const SchemaRecordPtr& record : versions) {
    earlier.push_back({record->version, record->compiled.get()});
  }
  return parts_.comparer.Compare(earlier, candidate, rules);
}

void SchemaRegistry::CheckCompatibility(RegisterRequest request, VerdictDone done) {
  if (absl::Status status = CheckRequest(request); !status.ok()) return done(std::move(status));
  // Shared, because a task that is not taken must leave `done` here.
  auto answer = std::make_shared<VerdictDone>(std::move(done));
  const bool taken = parts_.executor.TrySubmit([this, request = std::move(request), answer] {
    const auto compiled = parts_.validator.Compile(request.definition);
    if (!compiled.ok()) return (*answer)(compiled.status());
    const absl::StatusOr<std::string> canonical = parts_.validator.Canonical(request.definition);
    if (!canonical.ok()) return (*answer)(canonical.status());
    JudgedSchema judged;
    judged.rules = catalog_.GetCompatibility(request.subject).rules;
    judged.latest = catalog_.LatestVersion(request.subject);
    const SchemaRecordPtr same = catalog_.FindContent(request.subject, Sha256Hex(*canonical));
    if (same != nullptr) {
      judged.same_as = same->version;
      return (*answer)(std::move(judged));
    }
    absl::StatusOr<CompatibilityVerdict> verdict = Judge(request.subject, **compiled, judged.rules);
    if (!verdict.ok()) return (*answer)(verdict.status());
    judged.verdict = *std::move(verdict);
    (*answer)(std::move(judged));
  });
  if (!taken) (*answer)(MakeError(ErrorReason::kOverloaded, "the server has no worker free"));
}

void SchemaRegistry::UpdateCompatibility(CompatibilitySettings settings, AdmissionStamp stamp,
                                         CompatibilityDone done) {
  absl::Status status = settings.subject.empty()
                            ? absl::OkStatus()
                            : CheckName("subject", settings.subject, options_.subject_bytes_max);
  if (status.ok()) status = CheckComment(settings.comment);
  if (!status.ok()) return done(std::move(status));
  settings.inherited = false;
  settings.updated_by = stamp.principal;
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, settings]() -> absl::StatusOr<std::optional<GovernanceStream::NewEvent>> {
    const CompatibilitySettings now = catalog_.GetCompatibility(settings.subject);
    const bool is_set = now.stored && !now.inherited;
    if (is_set && now.rules == settings.rules) return std::nullopt;
    return GovernanceStream::NewEvent{kCompatibilityUpdatedType,
                                      EncodeCompatibilityUpdated(settings)};
  };
  change.apply = [this, settings](Timestamp recorded) {
    CompatibilitySettings now = settings;
    now.updated = recorded;
    catalog_.SetCompatibility(std::move(now));
  };
  change.done = [this, subject = settings.subject,
                 done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    done(catalog_.GetCompatibility(subject));
  };
  stream_.Submit(std::move(change));
}

void SchemaRegistry::UpdateCategory(CategorySettings settings, AdmissionStamp stamp,
                                    CategoryDone done) {
  absl::Status status = CheckName("category", settings.category, kStreamNameBytesMax);
  if (status.ok() && absl::StrContains(settings.category, '-')) {
    status = MakeError(ErrorReason::kMalformedName,
                       "a category is what precedes the first '-' of a stream's name");
  }
  if (!status.ok()) return done(std::move(status));
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, settings]() -> absl::StatusOr<std::optional<GovernanceStream::NewEvent>> {
    if (catalog_.GetCategory(settings.category) == settings) return std::nullopt;
    return GovernanceStream::NewEvent{kCategoryUpdatedType, EncodeCategoryUpdated(settings)};
  };
  change.apply = [this, settings](Timestamp) { catalog_.SetCategory(settings); };
  change.done = [settings, done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    done(settings);
  };
  stream_.Submit(std::move(change));
}

absl::Status SchemaRegistry::Fold(const RecordedEvent& event) {
  if (event.type == kSchemaRegisteredType) return FoldRegistered(event);
  if (event.type == kCompatibilityUpdatedType) {
    NEXUS_ASSIGN_OR_RETURN(CompatibilitySettings settings,
                           DecodeCompatibilityUpdated(event.data, parts_.json));
    settings.updated_by = std::string(event.principal);
    settings.updated = event.recorded;
    catalog_.SetCompatibility(std::move(settings));
    return absl::OkStatus();
  }
  if (event.type == kCategoryUpdatedType) {
    NEXUS_ASSIGN_OR_RETURN(const CategorySettings settings,
                           DecodeCategoryUpdated(event.data, parts_.json));
    catalog_.SetCategory(settings);
    return absl::OkStatus();
  }
  return MakeError(ErrorReason::kUnsupportedFormat,
                   absl::StrCat(kSchemasStream, " has an event of the unknown type ", event.type,
                                " at revision ", event.revision.value));
}

absl::Status SchemaRegistry::FoldRegistered(const RecordedEvent& event) {
  NEXUS_ASSIGN_OR_RETURN(SchemaRegistered stored, DecodeSchemaRegistered(event.data, parts_.json));
  const std::string name =
      absl::StrCat("the stored schema ", stored.subject, " version ", stored.version, " (",
                   kSchemasStream, " revision ", event.revision.value, ")");
  if (stored.version != catalog_.LatestVersion(stored.subject) + 1) {
    return MakeError(ErrorReason::kDataLoss, absl::StrCat(name, " does not follow the one before"));
  }
  auto compiled = parts_.validator.Compile(stored.definition);
  if (!compiled.ok()) {
    return MakeError(absl::StrCat(name, " no longer compiles: ", compiled.status().message()),
                     DetailsOf(compiled.status()));
  }
  NEXUS_ASSIGN_OR_RETURN(const std::string canonical,
                         parts_.validator.Canonical(stored.definition));
  if (Sha256Hex(canonical) != stored.digest) {
    return MakeError(ErrorReason::kDataLoss, absl::StrCat(name, " does not match its digest"));
  }
  catalog_.Add(std::make_shared<const SchemaRecord>(
      SchemaRecord{std::move(stored.subject), stored.version, std::move(stored.definition),
                   std::move(stored.digest), std::string(event.principal), event.recorded,
                   std::move(stored.comment), *std::move(compiled)}));
  return absl::OkStatus();
}

}  // namespace nexus::schema

#include "schema/schema_registry.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/schema_events.h"

namespace nexus::schema {
namespace {

// A subject has one format: a reader of one cannot read the other.
CompatibilityFinding FormatChanged(const SchemaRecord& earlier, SchemaFormat format) {
  CompatibilityFinding finding;
  finding.rule = "FORMAT_CHANGED";
  finding.old_value = std::string(SchemaFormatName(earlier.format));
  finding.new_value = std::string(SchemaFormatName(format));
  finding.message = "the format of the subject's schemas changes";
  finding.fix = "Use a new event type for the new format.";
  finding.version = earlier.version;
  return finding;
}

}  // namespace

// One Register() on its way. Shared by the steps, which run on different threads one after another.
struct SchemaRegistry::Registration {
  RegisterRequest request;
  Done<SchemaRecordPtr> done;
  Candidate candidate;
  uint32_t version = 0;
  uint32_t id = 0;
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

SchemaRecordPtr SchemaRegistry::FindReferenced(absl::string_view subject, uint32_t version) const {
  return version == 0 ? catalog_.Find(subject, 0) : catalog_.FindStored(subject, version);
}

void SchemaRegistry::Register(RegisterRequest request, Done<SchemaRecordPtr> done) {
  const absl::Status status = CheckRequest(request, options_.limits, limits_.schema_bytes_max);
  if (!status.ok()) return done(status);
  auto registration = std::make_shared<Registration>();
  registration->request = std::move(request);
  registration->done = std::move(done);
  // Compiling may take milliseconds: not on the caller's thread.
  if (!parts_.executor.TrySubmit([this, registration] { Prepare(registration); })) {
    registration->done(MakeError(ErrorReason::kOverloaded, "the server has no worker free"));
  }
}

absl::StatusOr<Candidate> SchemaRegistry::CompileCandidate(RegisterRequest& request) const {
  NEXUS_RETURN_IF_ERROR(CheckRequest(request, options_.limits, limits_.schema_bytes_max));
  return CompileChecked(request);
}

absl::StatusOr<Candidate> SchemaRegistry::CompileChecked(RegisterRequest& request) const {
  return Compile(request, parts_.languages, parts_.json, options_.limits,
                 [this](auto subject, uint32_t at) { return FindReferenced(subject, at); });
}

void SchemaRegistry::Prepare(std::shared_ptr<Registration> registration) {
  absl::StatusOr<Candidate> candidate = CompileChecked(registration->request);
  if (!candidate.ok()) return registration->done(candidate.status());
  registration->candidate = *std::move(candidate);

  GovernanceStream::Change change;
  change.stamp = registration->request.stamp;
  change.plan = [this, registration] { return PlanRegistration(*registration); };
  change.apply = [this, registration](Timestamp recorded) {
    RegisterRequest& request = registration->request;
    catalog_.Add(std::make_shared<const SchemaRecord>(SchemaRecord{
        request.subject, registration->version, registration->id, request.format,
        std::move(request.definition), std::move(request.references), std::move(request.metadata),
        std::move(request.rule_set), registration->candidate.digest, request.stamp.principal,
        recorded, std::move(request.comment), SchemaState::kLive,
        registration->candidate.compiled}));
  };
  change.done = [this, registration](absl::Status status) {
    if (!status.ok()) return registration->done(std::move(status));
    if (registration->answer == nullptr) {
      registration->answer =
          catalog_.FindStored(registration->request.subject, registration->version);
    }
    registration->done(registration->answer);
  };
  stream_.Submit(std::move(change));
}

SchemaRegistry::Plan SchemaRegistry::PlanRegistration(Registration& registration) {
  const RegisterRequest& request = registration.request;
  registration.answer = catalog_.FindContent(request.subject, registration.candidate.digest);
  if (registration.answer != nullptr &&
      (request.version == 0 || request.version == registration.answer->version) &&
      (request.id == 0 || request.id == registration.answer->id)) {
    return std::nullopt;
  }
  registration.answer = nullptr;
  NEXUS_RETURN_IF_ERROR(CheckWritable(request.subject));
  NEXUS_RETURN_IF_ERROR(CheckReferencesAreLive(request));
  NEXUS_RETURN_IF_ERROR(PlanVersion(registration));
  return GovernanceStream::NewEvent{
      kSchemaRegisteredType,
      EncodeSchemaRegistered({request.subject, registration.version, registration.id,
                              request.format, request.definition, request.references,
                              request.metadata, request.rule_set, registration.candidate.digest,
                              request.comment})};
}

// The version and the id. In the mode IMPORT they are the caller's, and nothing is judged.
absl::Status SchemaRegistry::PlanVersion(Registration& registration) {
  const RegisterRequest& request = registration.request;
  const std::string& digest = registration.candidate.digest;
  const bool importing = catalog_.GetMode(request.subject).mode == RegistryMode::kImport;
  const uint32_t known = catalog_.IdOf(digest);
  registration.version = catalog_.HighestVersion(request.subject) + 1;
  registration.id = known != 0 ? known : catalog_.NextId();
  if (!importing) {
    if (request.version > registration.version ||
        (request.id != 0 && request.id != registration.id)) {
      return MakeError(ErrorReason::kRegistryReadOnly,
                       "a version or an id may be chosen in the mode IMPORT only");
    }
    const CompatibilityRules rules = catalog_.GetCompatibility(request.subject).rules;
    NEXUS_ASSIGN_OR_RETURN(const CompatibilityVerdict verdict,
                           Judge(request, *registration.candidate.compiled, rules,
                                 catalog_.Versions(request.subject)));
    return verdict.compatible() ? absl::OkStatus() : Incompatible(request.subject, rules, verdict);
  }
  if (request.version != 0) registration.version = request.version;
  if (request.id != 0) registration.id = request.id;
  const std::string holder = catalog_.DigestOf(registration.id);
  if (catalog_.FindStored(request.subject, registration.version) != nullptr ||
      (!holder.empty() && holder != digest) || (known != 0 && known != registration.id)) {
    return MakeError(ErrorReason::kSchemaIdTaken,
                     absl::StrCat("version ", registration.version, " of ", request.subject,
                                  " or id ", registration.id, " has other content"));
  }
  return absl::OkStatus();
}

absl::Status SchemaRegistry::CheckWritable(const std::string& subject) const {
  const RegistryMode mode = catalog_.GetMode(subject).mode;
  if (mode != RegistryMode::kReadOnly && mode != RegistryMode::kReadOnlyOverride) {
    return absl::OkStatus();
  }
  return MakeError(
      ErrorReason::kRegistryReadOnly,
      absl::StrCat("the subject ", subject, " is in the mode ", RegistryModeName(mode)));
}

absl::Status SchemaRegistry::CheckReferencesAreLive(const RegisterRequest& request) const {
  for (const RecordReference& reference : request.references) {
    if (catalog_.Find(reference.subject, reference.version) != nullptr) continue;
    return MakeError(
        ErrorReason::kSchemaInvalid,
        absl::StrCat("the reference \"", reference.name, "\" leads to ", reference.subject,
                     " version ", reference.version, ", which is deleted"));
  }
  return absl::OkStatus();
}

absl::StatusOr<CompatibilityVerdict> SchemaRegistry::Judge(
    const RegisterRequest& request, const CompiledSchema& candidate,
    const CompatibilityRules& rules, const std::vector<SchemaRecordPtr>& versions) const {
  if (rules.mode == CompatibilityMode::kNone || versions.empty()) return CompatibilityVerdict();
  std::vector<EarlierSchema> earlier;
  for (const SchemaRecordPtr& record : versions) {
    if (record->format != request.format) {
      return CompatibilityVerdict{{FormatChanged(*record, request.format)}};
    }
    NEXUS_ASSIGN_OR_RETURN(const CompiledSchema* schema, record->compiled->Get());
    earlier.push_back({record->version, schema});
  }
  NEXUS_ASSIGN_OR_RETURN(const SchemaLanguage language, parts_.languages.Find(request.format));
  return language.comparer->Compare(earlier, candidate, rules);
}

void SchemaRegistry::CheckCompatibility(RegisterRequest request, uint32_t version,
                                        Done<JudgedSchema> done) {
  const absl::Status status = CheckRequest(request, options_.limits, limits_.schema_bytes_max);
  if (!status.ok()) return done(status);
  const auto judge = [this, version](RegisterRequest& asked) -> absl::StatusOr<JudgedSchema> {
    NEXUS_ASSIGN_OR_RETURN(const Candidate candidate, CompileChecked(asked));
    JudgedSchema judged;
    judged.rules = catalog_.GetCompatibility(asked.subject).rules;
    std::vector<SchemaRecordPtr> versions = catalog_.Versions(asked.subject);
    if (!versions.empty()) judged.latest = versions.back()->version;
    const SchemaRecordPtr same = catalog_.FindContent(asked.subject, candidate.digest);
    if (same != nullptr) judged.same_as = same->version;
    if (version != 0) {
      const SchemaRecordPtr against = catalog_.Find(asked.subject, version);
      if (against == nullptr) return NoSuchVersion(asked.subject, version);
      versions = {against};
    } else if (same != nullptr) {
      return judged;
    }
    NEXUS_ASSIGN_OR_RETURN(judged.verdict,
                           Judge(asked, *candidate.compiled, judged.rules, versions));
    return judged;
  };
  // Shared, because a task that is not taken must leave `done` here.
  auto answer = std::make_shared<Done<JudgedSchema>>(std::move(done));
  const bool taken = parts_.executor.TrySubmit(
      [judge, request = std::move(request), answer]() mutable { (*answer)(judge(request)); });
  if (!taken) (*answer)(MakeError(ErrorReason::kOverloaded, "the server has no worker free"));
}

void SchemaRegistry::Lookup(RegisterRequest request, bool deleted_too, Done<SchemaRecordPtr> done) {
  const absl::Status status = CheckRequest(request, options_.limits, limits_.schema_bytes_max);
  if (!status.ok()) return done(status);
  auto answer = std::make_shared<Done<SchemaRecordPtr>>(std::move(done));
  const bool taken = parts_.executor.TrySubmit([this, request = std::move(request), deleted_too,
                                                answer]() mutable {
    const absl::StatusOr<Candidate> candidate = CompileChecked(request);
    if (!candidate.ok()) return (*answer)(candidate.status());
    SchemaRecordPtr found = catalog_.FindContent(request.subject, candidate->digest, deleted_too);
    if (found == nullptr) {
      return (*answer)(
          MakeError(ErrorReason::kNotFound,
                    absl::StrCat("no version of ", request.subject, " has this content")));
    }
    (*answer)(std::move(found));
  });
  if (!taken) (*answer)(MakeError(ErrorReason::kOverloaded, "the server has no worker free"));
}

}  // namespace nexus::schema

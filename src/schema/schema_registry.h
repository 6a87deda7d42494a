#pragma once

// Schemas by subject and version, and the settings of categories. Everything here is an event in
// the stream `$schemas`; this is its folded state and its only writer on this server.
//
// Registration is linearizable: it is judged against all earlier registrations and becomes visible
// at one position of the log. The same content again, compared as JSON values, is the version that
// has it.
//
// A new version is judged by the compatibility rules of its subject after "is it the same content?"
// and before it gets its number: there all earlier versions are known and cannot change. What is in
// the log already is never judged again.
//
// Thread-safe. Callbacks run on the executor or on a thread of the log, and must not block.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "governance/governance_stream.h"
#include "governance/joint_commit.h"
#include "nexus/core/clock.h"
#include "nexus/core/commit.h"
#include "nexus/core/id_source.h"
#include "nexus/core/limits.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/json_reader.h"
#include "nexus/port/log_backend.h"
#include "schema/schema_catalog.h"
#include "schema/schema_languages.h"
#include "schema/schema_record.h"
#include "schema/schema_request.h"

namespace nexus::schema {

// What the registry stands on; all of it must outlive the registry.
struct SchemaRegistryParts {
  LogBackend& log;
  EventReader& reader;
  const SchemaLanguages& languages;
  JsonReader& json;
  Executor& executor;
  Clock& clock;
  IdSource& ids;
};

struct SchemaRegistryOptions {
  SchemaMode default_mode = SchemaMode::kRequired;  // of a category without settings
  SchemaRequestLimits limits;
  governance::GovernanceStreamOptions stream;
};

// What Register() would say of a definition.
struct JudgedSchema {
  CompatibilityVerdict verdict;
  CompatibilityRules rules;  // by which
  uint32_t latest = 0;       // the version it was judged against first; 0: the subject is new
  uint32_t same_as = 0;      // the version that has the same content, or 0
};

// One of several that are registered together.
struct PackageSchema {
  RegisterRequest request;
  std::string path;  // where it is declared
  // Which version it has to be: one that comes before the newest. 0: whichever has its content,
  // else the next.
  uint32_t version = 0;
};
struct PlannedSchema {
  SchemaRecordPtr record;
  bool is_new = false;
  bool is_earlier = false;  // the newest of the subject follows
};

class SchemaRegistry {
 public:
  template <typename Answer>
  using Done = absl::AnyInvocable<void(absl::StatusOr<Answer>)>;

  SchemaRegistry(const SchemaRegistryParts& parts, const Limits& limits,
                 SchemaRegistryOptions options = {});

  // Folds the whole stream and compiles the latest version of each subject (of a large registry, it
  // keeps only some of them); before anything else is called. SCHEMA_INVALID names a stored schema
  // that no longer compiles; DATA_LOSS one whose digest or version does not fit. Of an older
  // version the same is found when it is first used.
  absl::Status Load();

  // Everything registered so far. Cheap; reads no disk.
  const SchemaCatalog& catalog() const { return catalog_; }
  const SchemaLanguages& languages() const { return parts_.languages; }
  // A live version for a new event. Version 0 is the latest. Null if it is not there.
  SchemaRecordPtr Find(absl::string_view subject, uint32_t version) const {
    return catalog_.Find(subject, version);
  }
  // Whether an event in this category needs a registered schema. Cheap.
  bool SchemaRequired(absl::string_view category) const {
    return catalog_.SchemaRequired(category);
  }

  // `done` of all that follows may run before the call returns. Errors of all that write:
  // MALFORMED_NAME, RESERVED_NAME, INVALID_UTF8, LIMIT_EXCEEDED, OVERLOADED, REGISTRY_READ_ONLY,
  // and what LogBackend::Propose gives but REVISION_CONFLICT.

  // Also SCHEMA_INVALID, SCHEMA_INCOMPATIBLE (one violation for each finding), SCHEMA_ID_TAKEN (of
  // an import), UNIMPLEMENTED (the format).
  void Register(RegisterRequest request, Done<SchemaRecordPtr> done);

  // The registration of several schemas as a part of a joint change. Each may refer to those before
  // it. `planned` gets what each is or becomes, in the order of `schemas`, anew with every plan.
  // Findings of all of them are told together: a violation each, whose field is its path.
  governance::JointPart RegisterTogether(std::vector<PackageSchema> schemas,
                                         std::shared_ptr<std::vector<PlannedSchema>> planned);

  // Judges without storing, against the versions that the mode asks for, or against `version` alone
  // where it is not 0 (NOT_FOUND). The errors of Register() about the request; a finding is no
  // error.
  void CheckCompatibility(RegisterRequest request, uint32_t version, Done<JudgedSchema> done);

  // The request's definition with everything that it refers to, as Register() would have it; gives
  // the request the versions of its references. Takes milliseconds, on this thread.
  absl::StatusOr<Candidate> CompileCandidate(RegisterRequest& request) const;

  // The version of the subject that has this content. NOT_FOUND.
  void Lookup(RegisterRequest request, bool deleted_too, Done<SchemaRecordPtr> done);

  // The versions that it hid. NOT_FOUND; SCHEMA_IN_USE if another schema refers to one; and
  // SCHEMA_NOT_DELETED if a permanent deletion has no other before it.
  void Delete(DeleteRequest request, Done<std::vector<uint32_t>> done);

  // An empty subject is the global setting.
  void UpdateCompatibility(CompatibilitySettings settings, AdmissionStamp stamp,
                           Done<CompatibilitySettings> done);
  // Back to what holds without settings of its own; answers with what held. NOT_FOUND without any.
  void ClearCompatibility(std::string subject, std::string comment, AdmissionStamp stamp,
                          Done<CompatibilitySettings> done);

  // Errors less REGISTRY_READ_ONLY. IMPORT for a subject with live versions only if `force` is set
  // (SCHEMA_IN_USE).
  void UpdateMode(ModeSettings settings, bool force, AdmissionStamp stamp, Done<ModeSettings> done);
  void ClearMode(std::string subject, std::string comment, AdmissionStamp stamp,
                 Done<ModeSettings> done);

  void UpdateValidation(ValidationSettings settings, AdmissionStamp stamp,
                        Done<ValidationSettings> done);
  void ClearValidation(std::string subject, std::string comment, AdmissionStamp stamp,
                       Done<ValidationSettings> done);

  void UpdateCategory(CategorySettings settings, AdmissionStamp stamp, Done<CategorySettings> done);

  // Governance events folded so far: goes up by one with each registration or change of settings.
  uint64_t GovernanceEpoch() const { return stream_.FoldedCount(); }

 private:
  using GovernanceStream = governance::GovernanceStream;
  struct Registration;
  using Plan = absl::StatusOr<std::optional<GovernanceStream::NewEvent>>;

  void Prepare(std::shared_ptr<Registration> registration);
  Plan PlanRegistration(Registration& registration);
  absl::Status PlanVersion(Registration& registration);
  Plan PlanDeletion(const DeleteRequest& request, std::vector<uint32_t>& versions) const;
  absl::StatusOr<PlannedSchema> PlanTogether(PackageSchema& schema,
                                             const std::vector<PlannedSchema>& before) const;
  absl::StatusOr<SchemaRecordPtr> FindSame(const PackageSchema& schema,
                                           const std::string& digest) const;
  absl::Status CheckWritable(const std::string& subject) const;
  absl::Status CheckReferencesAreLive(const RegisterRequest& request) const;
  absl::StatusOr<CompatibilityVerdict> Judge(const RegisterRequest& request,
                                             const CompiledSchema& candidate,
                                             const CompatibilityRules& rules,
                                             const std::vector<SchemaRecordPtr>& versions) const;
  absl::StatusOr<Candidate> CompileChecked(RegisterRequest& request) const;
  SchemaRecordPtr FindReferenced(absl::string_view subject, uint32_t version) const;

  // `revision` is where in the stream it stands, for errors.
  absl::StatusOr<std::shared_ptr<const CompiledSchema>> CompileStored(const SchemaRecord& record,
                                                                      Revision revision) const;

  absl::Status Fold(const RecordedEvent& event);
  absl::Status FoldRegistered(const RecordedEvent& event);
  absl::Status FoldDeleted(const RecordedEvent& event);
  absl::Status FoldSettings(const RecordedEvent& event);

  const SchemaRegistryParts parts_;
  const Limits limits_;
  const SchemaRegistryOptions options_;
  SchemaCatalog catalog_;
  GovernanceStream stream_;
};

}  // namespace nexus::schema

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
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/clock.h"
#include "nexus/core/commit.h"
#include "nexus/core/id_source.h"
#include "nexus/core/limits.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/json_reader.h"
#include "nexus/port/log_backend.h"
#include "nexus/port/schema_comparer.h"
#include "nexus/port/schema_validator.h"
#include "schema/governance_stream.h"
#include "schema/schema_catalog.h"
#include "schema/schema_record.h"

namespace nexus::schema {

// What the registry stands on; all of it must outlive the registry.
struct SchemaRegistryParts {
  LogBackend& log;
  EventReader& reader;
  SchemaValidator& validator;
  SchemaComparer& comparer;
  JsonReader& json;
  Executor& executor;
  Clock& clock;
  IdSource& ids;
};

struct SchemaRegistryOptions {
  SchemaMode default_mode = SchemaMode::kRequired;  // of a category without settings
  size_t subject_bytes_max = 255;
  size_t comment_bytes_max = 4'096;
  GovernanceStreamOptions stream;
};

struct RegisterRequest {
  std::string subject;
  std::string definition;
  std::string comment;
  AdmissionStamp stamp;  // its principal becomes `registered_by`
};

// What Register() would say of a definition.
struct JudgedSchema {
  CompatibilityVerdict verdict;
  CompatibilityRules rules;  // by which
  uint32_t latest = 0;       // the version it was judged against first; 0: the subject is new
  uint32_t same_as = 0;      // the version that has the same content, or 0
};

class SchemaRegistry {
 public:
  using RegisterDone = absl::AnyInvocable<void(absl::StatusOr<SchemaRecordPtr>)>;
  using CategoryDone = absl::AnyInvocable<void(absl::StatusOr<CategorySettings>)>;
  using CompatibilityDone = absl::AnyInvocable<void(absl::StatusOr<CompatibilitySettings>)>;
  using VerdictDone = absl::AnyInvocable<void(absl::StatusOr<JudgedSchema>)>;

  SchemaRegistry(const SchemaRegistryParts& parts, const Limits& limits,
                 SchemaRegistryOptions options = {});

  // Folds the whole stream; before anything else is called. SCHEMA_INVALID names a stored schema
  // that no longer compiles; DATA_LOSS one whose digest or version does not fit.
  absl::Status Load();

  // Version 0 is the latest. Null if it is not there. Cheap; reads no disk.
  SchemaRecordPtr Find(absl::string_view subject, uint32_t version) const {
    return catalog_.Find(subject, version);
  }
  SchemaPage List(const SchemaQuery& query) const { return catalog_.List(query); }

  // MALFORMED_NAME, RESERVED_NAME, INVALID_UTF8, LIMIT_EXCEEDED, SCHEMA_INVALID,
  // SCHEMA_INCOMPATIBLE (one violation for each finding), OVERLOADED, and what LogBackend::Propose
  // gives but REVISION_CONFLICT. `done` may run before this returns.
  void Register(RegisterRequest request, RegisterDone done);

  // Judges without storing. The errors of Register() about the request; a finding is no error.
  void CheckCompatibility(RegisterRequest request, VerdictDone done);

  // An empty subject is the global setting.
  CompatibilitySettings GetCompatibility(absl::string_view subject) const {
    return catalog_.GetCompatibility(subject);
  }
  // MALFORMED_NAME, RESERVED_NAME, INVALID_UTF8, LIMIT_EXCEEDED and what the log gives.
  void UpdateCompatibility(CompatibilitySettings settings, AdmissionStamp stamp,
                           CompatibilityDone done);

  CategorySettings GetCategory(absl::string_view category) const {
    return catalog_.GetCategory(category);
  }
  // Whether an event in this category needs a registered schema. Cheap.
  bool SchemaRequired(absl::string_view category) const {
    return catalog_.SchemaRequired(category);
  }
  // The same errors, less SCHEMA_INVALID.
  void UpdateCategory(CategorySettings settings, AdmissionStamp stamp, CategoryDone done);

  // Governance events folded so far: goes up by one with each registration or change of settings.
  uint64_t GovernanceEpoch() const { return stream_.FoldedCount(); }

 private:
  struct Registration;

  void Prepare(std::shared_ptr<Registration> registration);
  absl::StatusOr<std::optional<GovernanceStream::NewEvent>> Plan(Registration& registration);
  absl::Status Fold(const RecordedEvent& event);
  absl::Status FoldRegistered(const RecordedEvent& event);
  absl::Status CheckComment(absl::string_view comment) const;
  absl::StatusOr<CompatibilityVerdict> Judge(const std::string& subject,
                                             const CompiledSchema& candidate,
                                             const CompatibilityRules& rules) const;
  absl::Status CheckRequest(const RegisterRequest& request) const;

  const SchemaRegistryParts parts_;
  const Limits limits_;
  const SchemaRegistryOptions options_;
  SchemaCatalog catalog_;
  GovernanceStream stream_;
};

}  // namespace nexus::schema

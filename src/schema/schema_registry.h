#pragma once

// Schemas by subject and version, and the settings of categories. Everything here is an event in
// the stream `$schemas`; this is its folded state and its only writer on this server.
//
// Registration is linearizable: it is judged against all earlier registrations and becomes visible
// at one position of the log. The same content again, compared as JSON values, is the version that
// has it.
//
// Compatibility between versions is not judged yet. Its place is the function `Compatibility`
// called "the seam" in schema_registry.cc: after "is it the same content?", before a version number
// is given, where all earlier versions of the subject are known and cannot change.
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

class SchemaRegistry {
 public:
  using RegisterDone = absl::AnyInvocable<void(absl::StatusOr<SchemaRecordPtr>)>;
  using CategoryDone = absl::AnyInvocable<void(absl::StatusOr<CategorySettings>)>;

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

  // MALFORMED_NAME, RESERVED_NAME, INVALID_UTF8, LIMIT_EXCEEDED, SCHEMA_INVALID, OVERLOADED, and
  // what LogBackend::Propose gives but REVISION_CONFLICT. `done` may run before this returns.
  void Register(RegisterRequest request, RegisterDone done);

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
  absl::Status CheckRequest(const RegisterRequest& request) const;

  const SchemaRegistryParts parts_;
  const Limits limits_;
  const SchemaRegistryOptions options_;
  SchemaCatalog catalog_;
  GovernanceStream stream_;
};

}  // namespace nexus::schema

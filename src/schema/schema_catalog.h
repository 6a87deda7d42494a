#pragma once

// The folded state of the stream of schemas: pure bookkeeping, decides nothing.
//
// Thread-safe. Finding a schema is on the append path: it takes a shared lock and one or two
// lookups by hash.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "nexus/core/ids.h"
#include "schema/schema_record.h"

namespace nexus::schema {

// Which states an answer may hold. Erased ones are in no list.
enum class Deleted { kLeftOut, kIncluded, kOnly };

// Records by subject (bytewise), then version, strictly after (`after_subject`, `after_version`).
struct SchemaQuery {
  std::string subject;         // only this one; empty: all
  std::string subject_prefix;  // only subjects that begin so
  bool latest_only = false;    // only the latest version of each subject
  Deleted deleted = Deleted::kLeftOut;
  std::string after_subject;  // empty: from the first
  uint32_t after_version = 0;
  size_t limit = 100;
};

struct SchemaPage {
  std::vector<SchemaRecordPtr> records;
  bool end = false;  // nothing follows
};

class SchemaCatalog {
 public:
  explicit SchemaCatalog(SchemaMode default_mode) : default_mode_(default_mode) {}

  // A live version; null if it is not there. Version 0 is the latest live one.
  SchemaRecordPtr Find(absl::string_view subject, uint32_t version) const;
  // The same, whatever its state.
  SchemaRecordPtr FindStored(absl::string_view subject, uint32_t version) const;
  // The latest live version of `subject` that has this digest, or null; `deleted_too`: else the
  // latest deleted one.
  SchemaRecordPtr FindContent(absl::string_view subject, absl::string_view digest,
                              bool deleted_too = false) const;

  // Every version that has this id and is not erased, by subject and version.
  std::vector<SchemaRecordPtr> WithId(uint32_t id) const;
  // The version of `subject` that has this id, in whatever state: the latest live one, else the
  // latest. Null if there is none.
  SchemaRecordPtr FindWithId(absl::string_view subject, uint32_t id) const;
  // 0 if nothing has this digest, or this GUID.
  uint32_t IdOf(absl::string_view digest) const;
  uint32_t IdOfGuid(absl::string_view guid) const;
  // The digest that has this id, erased or not; empty if it is free.
  std::string DigestOf(uint32_t id) const;
  uint32_t NextId() const;

  // The highest version that the subject ever had, erased or not; 0 if it is new.
  uint32_t HighestVersion(absl::string_view subject) const;
  SchemaPage List(const SchemaQuery& query) const;
  // Every live version of `subject`, oldest first.
  std::vector<SchemaRecordPtr> Versions(absl::string_view subject) const;
  // The same in every state but erased.
  std::vector<SchemaRecordPtr> VersionsAndDeleted(absl::string_view subject) const;
  // Live versions that refer to this one.
  std::vector<SchemaRecordPtr> ReferencedBy(absl::string_view subject, uint32_t version) const;

  // Another version of its subject, with an id that is free or has this digest.
  void Add(SchemaRecordPtr record);
  // Of versions that are there.
  void SetState(absl::string_view subject, absl::Span<const uint32_t> versions, SchemaState state);

  // Of the subject, else the global ones, else the defaults of the server.
  CompatibilitySettings GetCompatibility(absl::string_view subject) const;
  void SetCompatibility(CompatibilitySettings settings);
  void ClearCompatibility(absl::string_view subject);

  // The mode that holds for a subject, as above; READONLY_OVERRIDE of the global one wins.
  ModeSettings GetMode(absl::string_view subject) const;
  void SetMode(ModeSettings settings);
  void ClearMode(absl::string_view subject);

  // As GetCompatibility().
  ValidationSettings GetValidation(absl::string_view subject) const;
  // What holds for events of a subject with a schema of this format. Cheap where nobody has ever
  // decided.
  UndeclaredFields UndeclaredFieldsOf(absl::string_view subject, SchemaFormat format) const;
  void SetValidation(ValidationSettings settings);
  void ClearValidation(absl::string_view subject);

  CategorySettings GetCategory(absl::string_view category) const;
  bool SchemaRequired(absl::string_view category) const;
  void SetCategory(const CategorySettings& settings);

 private:
  struct Subject {
    std::vector<SchemaRecordPtr> versions;  // ascending; dense unless imported
    SchemaRecordPtr latest;                 // the highest live one, or null
  };
  using Subjects = std::map<std::string, Subject, std::less<>>;
  // One version of a subject; nodes of a map do not move.
  struct Place {
    const Subject* subject = nullptr;
    uint32_t version = 0;
  };
  using Name = std::pair<std::string, uint32_t>;  // subject, version

  Subject* FindSubject(absl::string_view subject) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  static SchemaRecordPtr FindVersion(const Subject& subject, uint32_t version);
  absl::string_view DigestHere(uint32_t id) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  static bool IsWanted(const SchemaRecord& record, Deleted deleted);
  // Takes records of one subject; false if the page is full.
  static bool ListSubject(const Subject& subject, const SchemaQuery& query, uint32_t after,
                          SchemaPage& page);

  const SchemaMode default_mode_;
  std::atomic<bool> has_categories_{false};  // until then no lookup of a category takes the lock
  std::atomic<bool> has_validation_{false};  // the same
  mutable absl::Mutex mutex_;
  Subjects subjects_ ABSL_GUARDED_BY(mutex_);
  // The same subjects by hash, by the names that stand there.
  absl::flat_hash_map<absl::string_view, Subject*> by_name_ ABSL_GUARDED_BY(mutex_);
  // Every version has an entry in these two: no text of its own. A GUID follows from a digest.
  absl::flat_hash_map<UuidBytes, uint32_t> id_of_guid_ ABSL_GUARDED_BY(mutex_);
  std::map<uint32_t, absl::InlinedVector<Place, 1>> with_id_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Name, std::vector<Name>> referenced_by_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, SchemaMode> categories_ ABSL_GUARDED_BY(mutex_);
  // By subject; the global ones stand under the empty name.
  absl::flat_hash_map<std::string, CompatibilitySettings> compatibility_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, ModeSettings> modes_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, ValidationSettings> validation_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::schema

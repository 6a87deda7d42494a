#pragma once

// The registry's memory: every schema and every category setting, ready to be looked up.
//
// Thread-safe. Lookups take a reader lock and touch no disk.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "schema/schema_record.h"

namespace nexus::schema {

// Records by subject (bytewise), then version, strictly after (`after_subject`, `after_version`).
struct SchemaQuery {
  std::string subject;        // only this one; empty: all
  bool latest_only = false;   // only the latest version of each subject
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

  // Null if it is not there. Version 0 is the latest.
  SchemaRecordPtr Find(absl::string_view subject, uint32_t version) const;
  // The version of `subject` that has this digest, or null.
  SchemaRecordPtr FindContent(absl::string_view subject, absl::string_view digest) const;
  // 0 if the subject is new.
  uint32_t LatestVersion(absl::string_view subject) const;
  SchemaPage List(const SchemaQuery& query) const;

  // `record` must be the next version of its subject.
  void Add(SchemaRecordPtr record);

  // Every version of `subject`, oldest first.
  std::vector<SchemaRecordPtr> Versions(absl::string_view subject) const;

  // Of the subject, else the global ones, else the defaults of the server.
  CompatibilitySettings GetCompatibility(absl::string_view subject) const;
  void SetCompatibility(CompatibilitySettings settings);

  CategorySettings GetCategory(absl::string_view category) const;
  bool SchemaRequired(absl::string_view category) const;
  void SetCategory(const CategorySettings& settings);

 private:
  struct Subject {
    std::vector<SchemaRecordPtr> versions;  // version n at n - 1
    absl::flat_hash_map<std::string, uint32_t> by_digest;
  };
  using Subjects = std::map<std::string, Subject, std::less<>>;

  const Subject* FindSubject(absl::string_view subject) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const SchemaMode default_mode_;
  std::atomic<bool> has_categories_{false};  // until then no lookup of a category takes the lock
  mutable absl::Mutex mutex_;
  Subjects subjects_ ABSL_GUARDED_BY(mutex_);
  // The same subjects by hash; nodes of a map do not move.
  absl::flat_hash_map<std::string, const Subject*> by_name_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, SchemaMode> categories_ ABSL_GUARDED_BY(mutex_);
  // By subject; the global ones stand under the empty name.
  absl::flat_hash_map<std::string, CompatibilitySettings> compatibility_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::schema

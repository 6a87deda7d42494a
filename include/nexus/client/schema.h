#pragma once

// Schemas and verdicts as the server tells them.

#include <cstdint>
#include <string>
#include <vector>

#include "nexus/core/compatibility.h"
#include "nexus/core/data_class.h"
#include "nexus/core/errors.h"
#include "nexus/core/position.h"
#include "nexus/core/schema_format.h"
#include "nexus/core/undeclared_fields.h"

namespace nexus::client {

struct SchemaReference {
  std::string name;
  std::string subject;
  uint32_t version = 0;  // 0 in a request: the latest
};

struct Schema {
  std::string subject;
  uint32_t version = 0;
  std::string definition;  // as it was registered
  std::string digest;      // SHA-256 of the canonical form, hexadecimal
  std::string registered_by;
  Timestamp registered;
  std::string comment;
  uint32_t id = 0;
  std::string guid;
  SchemaFormat format = SchemaFormat::kJsonSchema;
  std::vector<SchemaReference> references;
  bool deleted = false;
  ClassifiedFields classified = {};  // not in lists
};

// A version to register, or to judge.
struct SchemaDraft {
  std::string subject;
  std::string definition;
  std::string comment = {};
  SchemaFormat format = SchemaFormat::kJsonSchema;
  std::vector<SchemaReference> references = {};
};

struct SchemaQuery {
  std::string subject;  // empty: every subject
  bool latest_only = false;
  bool include_deleted = false;
};

// Whether the registry takes new versions; the numbers are those of nexus.v1.RegistryMode.
enum class RegistryMode { kReadWrite = 1, kReadOnly = 2, kReadOnlyOverride = 3, kImport = 4 };

struct ModeSettings {
  std::string subject;  // empty: the global one
  RegistryMode mode = RegistryMode::kReadWrite;
  std::string comment;
  bool inherited = false;
};

struct Validation {
  bool valid = false;
  uint32_t version = 0;  // the version that was used
  std::vector<Violation> violations;
  std::vector<Violation> warnings;  // of fields that are not declared
};

// How data are judged beyond their schema.
struct ValidationSettings {
  std::string subject;  // empty: the global ones
  UndeclaredFields undeclared_fields = UndeclaredFields::kByFormat;
  std::string comment;
  bool inherited = false;
};

struct CompatibilitySettings {
  std::string subject;  // empty: the global ones
  CompatibilityRules rules;
  std::string comment;
  bool inherited = false;  // the subject has none of its own
  std::string updated_by;  // empty: nobody has changed the server's defaults
  Timestamp updated;
};

// What the server would say of a new version.
struct CompatibilityCheck {
  CompatibilityVerdict verdict;
  CompatibilityMode mode = CompatibilityMode::kNone;
  CompatibilityPolicy policy = CompatibilityPolicy::kNexus;
  uint32_t latest_version = 0;  // 0: the subject is new
  uint32_t same_as_version = 0;
};

// Which stored events a candidate is run over.
struct ObserveOptions {
  uint64_t limit = 0;  // 0: all
  bool newest_first = false;
};

// A stored event that a candidate would refuse.
struct BreakingEvent {
  std::string stream;
  Revision revision;
  Position position;
  uint32_t schema_version = 0;  // that it was stored with; 0: none
  std::vector<Violation> violations;
};

// How a candidate fares with the events of its subject: so far, or in the end.
struct Observation {
  uint64_t scanned = 0;  // positions of the log, of `head`
  Position head;
  uint64_t events = 0;  // the sum of the three that follow
  uint64_t valid = 0;
  uint64_t breaking = 0;
  uint64_t skipped = 0;                 // their data is of another format
  bool complete = false;                // no event up to `head` was left out
  std::vector<BreakingEvent> findings;  // at the end: the first ones
};

enum class SchemaMode { kRequired, kOptional };

struct PolicyVerdict {
  bool allowed = false;
  std::vector<PolicyDenial> denials;
  std::string policy_revision;
  // What rules found that do not refuse yet, with their modes.
  struct Outcome {
    std::string rule;
    std::string message;
    std::string mode;  // "shadow", "warn"
  };
  std::vector<Outcome> outcomes = {};
};

}  // namespace nexus::client

#pragma once

// What the registry knows: registered schemas, and the settings by which it judges.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "nexus/core/compatibility.h"
#include "nexus/core/position.h"
#include "nexus/core/schema_format.h"
#include "nexus/core/undeclared_fields.h"
#include "nexus/port/schema_validator.h"

namespace nexus::schema {

// That a schema uses another registered one.
struct RecordReference {
  std::string name;  // as SchemaReference::name
  std::string subject;
  uint32_t version = 0;

  friend bool operator==(const RecordReference&, const RecordReference&) = default;
};

// Nothing is ever taken out of the log: deleting hides.
enum class SchemaState : uint8_t {
  kLive = 1,
  kDeleted = 2,  // not for new events; found by its id, and where deleted ones are asked for
  kErased = 3,   // found by nobody but readers of events that were stored with it
};

// One version of a subject. Immutable once it is in the catalog; another state is another record.
struct SchemaRecord {
  std::string subject;   // the event type
  uint32_t version = 0;  // from 1, ascending within the subject, never given twice
  uint32_t id = 0;       // from 1; the same content has the same id in every subject
  SchemaFormat format = SchemaFormat::kJsonSchema;
  std::string definition;  // as it was registered, byte for byte
  std::vector<RecordReference> references;
  std::string metadata;  // a JSON object in canonical form: tags, properties, sensitive; or empty
  std::string rule_set;  // a JSON object that clients obey, kept as it is; or empty
  std::string digest;    // SHA-256 of the content (schema_content.h), hexadecimal
  std::string registered_by;
  Timestamp registered;
  std::string comment;
  SchemaState state = SchemaState::kLive;
  // Shared, because a record and all who validate by it use one program.
  std::shared_ptr<const CompiledSchema> compiled;
};

// Shared, because a reader keeps its record while the catalog goes on.
using SchemaRecordPtr = std::shared_ptr<const SchemaRecord>;

enum class SchemaMode : uint8_t {
  kRequired = 1,  // an event without a registered schema is refused
  kOptional = 2,  // an event whose type has no schema is stored as it is
};

struct CategorySettings {
  std::string category;
  SchemaMode schema_mode = SchemaMode::kRequired;

  friend bool operator==(const CategorySettings&, const CategorySettings&) = default;
};

// How versions of a subject may differ.
struct CompatibilitySettings {
  std::string subject;  // empty: every subject without settings of its own
  CompatibilityRules rules;
  bool stored = false;     // somebody set them
  bool inherited = false;  // asked for a subject that has none: these are the global ones
  std::string comment;     // why, in the words of who set it
  std::string updated_by;
  Timestamp updated;
};

// Whether a subject takes new versions. The names are those of Confluent's registry.
enum class RegistryMode : uint8_t {
  kReadWrite = 1,
  kReadOnly = 2,
  kReadOnlyOverride = 3,  // global only: READONLY, whatever a subject says
  kImport = 4,            // versions and ids come from the caller; nothing is judged
};

struct ModeSettings {
  std::string subject;  // empty: every subject without a mode of its own
  RegistryMode mode = RegistryMode::kReadWrite;
  bool stored = false;
  bool inherited = false;
  std::string comment;
};

// How the data of events are judged beyond their schema.
struct ValidationSettings {
  std::string subject;  // empty: every subject without settings of its own
  UndeclaredFields undeclared_fields = UndeclaredFields::kByFormat;
  bool stored = false;
  bool inherited = false;
  std::string comment;
};

// "READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT". Parsing is exact.
absl::string_view RegistryModeName(RegistryMode mode);
bool ParseRegistryMode(absl::string_view name, RegistryMode& mode);

}  // namespace nexus::schema

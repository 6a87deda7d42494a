#pragma once

// What the registry knows: registered schemas, and how a category treats events without one.

#include <cstdint>
#include <memory>
#include <string>

#include "nexus/core/compatibility.h"
#include "nexus/core/position.h"
#include "nexus/port/schema_validator.h"

namespace nexus::schema {

// One version of a subject. Immutable once it is in the catalog.
struct SchemaRecord {
  std::string subject;     // the event type
  uint32_t version = 0;    // from 1, dense within the subject
  std::string definition;  // as it was registered, byte for byte
  std::string digest;      // SHA-256 of the canonical form, hexadecimal
  std::string registered_by;
  Timestamp registered;
  std::string comment;
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

}  // namespace nexus::schema

#pragma once

// The documents that policies decide on: docs/reference/policy-input.md, field by field.
//
// Pure functions; thread-safe. Every answer is one well-formed JSON object, whatever the bytes of
// the arguments but those that are said to be JSON. Payloads are left out unless asked for.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "nexus/core/commit.h"
#include "nexus/core/compatibility.h"
#include "nexus/core/data_class.h"
#include "nexus/core/schema_format.h"

namespace nexus::policy {

// Who asks.
struct PrincipalFacts {
  std::string name = "anonymous";
  bool authenticated = false;
  std::string method = "none";  // "none", "token"
  std::vector<std::string> roles;
};

// What the registry knows about the schema of one event.
struct SchemaFacts {
  bool registered = false;
  uint32_t version = 0;  // that it will be validated against; 0: none
  bool required = true;  // by the settings of its category
  // The fields of its schema that have a data class; must outlive the document's making. Null:
  // none. Compared as a place: events of one version share it.
  const ClassifiedFields* classified = nullptr;

  friend bool operator==(const SchemaFacts&, const SchemaFacts&) = default;
};

struct AppendInputOptions {
  // Adds each payload, as a string. Events are then of one kind only if their payloads are equal.
  bool include_data = false;
  // With include_data: the data of each event of the commit as JSON, empty where they have no such
  // form; or nothing at all. They become part of the document as they are, so each must have been
  // found to be one JSON value.
  absl::Span<const absl::string_view> data_json = {};
};

// `schemas` has one entry for each event of `commit`, in the same order. Events that look the same
// to a policy become one entry with a count, so that a batch of like events costs like one.
std::string AppendInput(const Commit& commit, const PrincipalFacts& principal,
                        absl::Span<const SchemaFacts> schemas, const AppendInputOptions& options);

struct SchemaRegistrationFacts {
  uint32_t tenant = 0;
  absl::string_view subject;
  absl::string_view comment;
  uint64_t definition_bytes = 0;
  SchemaFormat format = SchemaFormat::kJsonSchema;
};

std::string RegisterSchemaInput(const SchemaRegistrationFacts& facts,
                                const PrincipalFacts& principal);

struct CategoryUpdateFacts {
  uint32_t tenant = 0;
  absl::string_view category;
  absl::string_view schema_mode;  // "required", "optional"
};

std::string UpdateCategoryInput(const CategoryUpdateFacts& facts, const PrincipalFacts& principal);

struct SchemaDeletionFacts {
  uint32_t tenant = 0;
  absl::string_view subject;
  uint32_t version = 0;  // 0: every version
  bool permanent = false;
  absl::string_view comment;
};

std::string DeleteSchemaInput(const SchemaDeletionFacts& facts, const PrincipalFacts& principal);

struct ModeUpdateFacts {
  uint32_t tenant = 0;
  absl::string_view subject;  // empty: the whole registry
  absl::string_view mode;     // as wished; when it is cleared, the one that will hold
  bool clear = false;
  absl::string_view comment;
};

std::string UpdateModeInput(const ModeUpdateFacts& facts, const PrincipalFacts& principal);

struct ValidationUpdateFacts {
  uint32_t tenant = 0;
  absl::string_view subject;            // empty: the global settings
  absl::string_view undeclared_fields;  // as wished; when cleared, what will hold
  bool clear = false;
  absl::string_view comment;
};

std::string UpdateValidationInput(const ValidationUpdateFacts& facts,
                                  const PrincipalFacts& principal);

struct CompatibilityUpdateFacts {
  uint32_t tenant = 0;
  absl::string_view subject;  // empty: the global settings
  absl::string_view comment;
  CompatibilityRules rules;  // as wished; when they are cleared, those that will hold
  bool clear = false;
};

std::string UpdateCompatibilityInput(const CompatibilityUpdateFacts& facts,
                                     const PrincipalFacts& principal);

}  // namespace nexus::policy

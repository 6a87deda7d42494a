#pragma once

// Reads one definition into the types of a schema that is being parsed.

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "schema/avro/avro_schema.h"
#include "schema/json/json_document.h"

namespace nexus::schema {

// What all definitions of one schema share while they are read.
struct AvroSchemaDraft {
  size_t types_max = 0;
  std::vector<std::unique_ptr<AvroType>> types;
  absl::flat_hash_map<std::string, AvroType*> named;  // by full name
  // Defaults wait until every type is known. An element lives as long as its document.
  struct WrittenDefault {
    AvroType* record = nullptr;
    size_t field = 0;
    JsonElement value;
  };
  std::vector<WrittenDefault> defaults;
};

// `origin` stands before each pointer. SCHEMA_INVALID if `root` is not a schema. Recursion is
// bounded by the depth of the document.
absl::StatusOr<const AvroType*> ReadDefinition(JsonElement root, const std::string& origin,
                                               AvroSchemaDraft& draft);

}  // namespace nexus::schema

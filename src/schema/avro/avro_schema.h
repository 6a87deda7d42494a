#pragma once

// An Avro schema as a graph: what ParseAvroSchema() makes of a definition. Immutable once parsed,
// so reading it is thread-safe.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "nexus/core/data_class.h"

namespace nexus::schema {

// The primitive types first.
enum class AvroKind : uint8_t {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,
  kString,
  kRecord,
  kEnum,
  kArray,
  kMap,
  kUnion,
  kFixed,
};

struct AvroType;

struct AvroField {
  std::string name;
  std::vector<std::string> aliases;
  const AvroType* type = nullptr;
  bool has_default = false;
  std::string default_datum;  // the default in the binary encoding of `type`
  std::string pointer;        // as that of a type
  FieldClass field_class;     // an annotation
};

// Valid decimals only: `precision` is 0 for every other logical type.
struct AvroLogicalType {
  std::string name;  // empty: none
  uint32_t precision = 0;
  uint32_t scale = 0;
};

struct AvroType {
  AvroKind kind = AvroKind::kNull;
  std::string full_name;             // of a record, enum or fixed: with its namespace
  std::vector<std::string> aliases;  // full names
  AvroLogicalType logical;           // an annotation: it changes no encoding
  FieldClass field_class;            // the same, of every value of the type

  std::vector<AvroField> fields;           // record
  std::vector<std::string> symbols;        // enum
  std::optional<uint32_t> default_symbol;  // enum: index of the symbol that stands for unknown ones
  uint32_t fixed_bytes = 0;                // fixed
  const AvroType* items = nullptr;         // array: of the items; map: of the values
  std::vector<const AvroType*> branches;   // union

  // No datum is shorter; saturates. 0: every datum is empty.
  uint64_t datum_bytes_min = 0;
  // JSON pointer to where the type is written down, behind the name of a reference and '#' if it is
  // written down there.
  std::string pointer;

  bool named() const {
    return kind == AvroKind::kRecord || kind == AvroKind::kEnum || kind == AvroKind::kFixed;
  }
};

struct AvroSchema {
  const AvroType* root = nullptr;
  std::vector<std::unique_ptr<AvroType>> types;  // owns what `root` leads to
  std::string parsing_canonical_form;
  uint64_t fingerprint = 0;  // CRC-64-AVRO of that form
};

// "null", "record" and so on: the name in a schema's "type".
absl::string_view AvroKindName(AvroKind kind);
// The primitive type of that name, if it is one.
std::optional<AvroKind> PrimitiveKindOf(absl::string_view name);

// "int", "record com.example.Order", "array", "union of null, string": for messages; short.
std::string DescribeAvroType(const AvroType& type);
// The name behind the last dot.
absl::string_view SimpleName(absl::string_view full_name);

}  // namespace nexus::schema

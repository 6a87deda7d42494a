#pragma once

// What the specification says about one writer's type and one reader's type, by themselves.

#include <cstdint>

#include "absl/strings/string_view.h"
#include "schema/avro/avro_schema.h"

namespace nexus::schema {

enum class AvroIncompatibility : uint8_t {
  kNone,
  kNameMismatch,
  kFixedSizeMismatch,
  kMissingEnumSymbols,
  kReaderFieldMissingDefaultValue,
  kTypeMismatch,
  kMissingUnionBranch,
};

// "NAME_MISMATCH" and so on; empty for kNone.
absl::string_view AvroIncompatibilityName(AvroIncompatibility fault);

// Whether every value of the primitive `writer` can be read as `reader`, another one.
bool IsPromotion(AvroKind writer, AvroKind reader);

// The simple names are equal, or an alias of the reader is the writer's full name.
bool NamesMatch(const AvroType& writer, const AvroType& reader);

// What is wrong with the pair before anything inside it is looked at. Neither is a union. Work is
// linear in their symbols.
AvroIncompatibility FaultOfPair(const AvroType& writer, const AvroType& reader);

}  // namespace nexus::schema

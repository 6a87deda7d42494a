#pragma once

// What becomes of an event whose data have fields that its schema does not declare.
// docs/reference/undeclared-fields.md says which these are.

#include <cstdint>

#include "absl/strings/string_view.h"
#include "nexus/core/schema_format.h"

namespace nexus {

// The numbers are those of nexus.v1.UndeclaredFields.
enum class UndeclaredFields : uint8_t {
  kByFormat = 0,  // nobody has decided: JSON Schema allows them, Protobuf rejects them
  kAllow = 1,     // accepted, and not even looked for
  kWarn = 2,      // accepted, counted, and told to the writer
  kReject = 3,    // refused
};

// What holds for data of this format. Avro's encoding has no place for such a field: it allows.
UndeclaredFields ResolveUndeclaredFields(UndeclaredFields setting, SchemaFormat format);

// "BY_FORMAT", "ALLOW", "WARN", "REJECT". Parsing is exact; false for any other text.
absl::string_view UndeclaredFieldsName(UndeclaredFields setting);
bool ParseUndeclaredFields(absl::string_view name, UndeclaredFields& setting);

}  // namespace nexus

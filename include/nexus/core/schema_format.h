#pragma once

// The languages in which the data of an event can be described.

#include <cstdint>

#include "absl/strings/string_view.h"

namespace nexus {

// The numbers are those of nexus.v1.SchemaFormat.
enum class SchemaFormat : uint8_t {
  kJsonSchema = 1,
  kAvro = 2,
  kProtobuf = 3,
};

// "JSON_SCHEMA", "AVRO", "PROTOBUF". Parsing is exact; false for any other text.
absl::string_view SchemaFormatName(SchemaFormat format);
bool ParseSchemaFormat(absl::string_view name, SchemaFormat& format);

// The media type of an event whose data has this format; what an event without one gets.
absl::string_view ContentTypeOf(SchemaFormat format);
// Whether data of this media type, parameters and all, can have the format: the one above, and the
// other names that it goes by.
bool FitsContentType(SchemaFormat format, absl::string_view content_type);

}  // namespace nexus

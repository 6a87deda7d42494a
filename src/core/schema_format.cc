#include "nexus/core/schema_format.h"

#include <utility>

namespace nexus {
namespace {

constexpr std::pair<SchemaFormat, absl::string_view> kFormatNames[] = {
    {SchemaFormat::kJsonSchema, "JSON_SCHEMA"},
    {SchemaFormat::kAvro, "AVRO"},
    {SchemaFormat::kProtobuf, "PROTOBUF"},
};

}  // namespace

absl::string_view SchemaFormatName(SchemaFormat format) {
  for (const auto& [known, name] : kFormatNames) {
    if (known == format) return name;
  }
  return "UNKNOWN";
}

bool ParseSchemaFormat(absl::string_view name, SchemaFormat& format) {
  for (const auto& [known, text] : kFormatNames) {
    if (text != name) continue;
    format = known;
    return true;
  }
  return false;
}

}  // namespace nexus

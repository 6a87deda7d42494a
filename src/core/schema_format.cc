#include "nexus/core/schema_format.h"

#include <utility>

#include "nexus/core/name_table.h"

namespace nexus {
namespace {

constexpr std::pair<SchemaFormat, absl::string_view> kFormatNames[] = {
    {SchemaFormat::kJsonSchema, "JSON_SCHEMA"},
    {SchemaFormat::kAvro, "AVRO"},
    {SchemaFormat::kProtobuf, "PROTOBUF"},
};

constexpr std::pair<SchemaFormat, absl::string_view> kContentTypes[] = {
    {SchemaFormat::kJsonSchema, "application/json"},
    {SchemaFormat::kAvro, "application/avro"},
    {SchemaFormat::kAvro, "application/vnd.apache.avro"},
    {SchemaFormat::kAvro, "application/vnd.apache.avro+binary"},
    {SchemaFormat::kAvro, "avro/binary"},
    {SchemaFormat::kProtobuf, "application/protobuf"},
    {SchemaFormat::kProtobuf, "application/x-protobuf"},
    {SchemaFormat::kProtobuf, "application/vnd.google.protobuf"},
};

}  // namespace

absl::string_view SchemaFormatName(SchemaFormat format) { return NameIn(kFormatNames, format); }

bool ParseSchemaFormat(absl::string_view name, SchemaFormat& format) {
  return ParseNameIn(kFormatNames, name, format);
}

absl::string_view ContentTypeOf(SchemaFormat format) {
  for (const auto& [known, type] : kContentTypes) {
    if (known == format) return type;
  }
  return "";
}

bool FitsContentType(SchemaFormat format, absl::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  for (const auto& [known, type] : kContentTypes) {
    if (known == format && type == content_type) return true;
  }
  return false;
}

}  // namespace nexus

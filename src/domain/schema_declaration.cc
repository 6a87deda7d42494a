#include "domain/schema_declaration.h"

#include <utility>

#include "declaration/strict_object.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {
namespace {

constexpr size_t kEarlierMax = 100;
constexpr std::pair<SchemaFormat, absl::string_view> kFormats[] = {
    {SchemaFormat::kJsonSchema, "json"},
    {SchemaFormat::kAvro, "avro"},
    {SchemaFormat::kProtobuf, "protobuf"}};

}  // namespace

absl::StatusOr<SchemaDeclaration> ParseSchema(const DeclarationHeader& header, JsonReader& json) {
  SchemaDeclaration schema;
  declaration::StrictObject object(json, header.spec, "/spec");
  object.OneOf("format", kFormats, schema.format);
  object.Text("file", schema.file);
  object.Json("definition", schema.definition);
  object.Texts("earlier", schema.earlier, kEarlierMax);
  if (object.Has("file") == object.Has("definition")) {
    object.Fail("", "either file or definition is needed");
  }
  if (object.Has("definition") && schema.format == SchemaFormat::kProtobuf) {
    object.Fail("definition", "a Protobuf schema stands in a file");
  }
  NEXUS_RETURN_IF_ERROR(object.Finish());
  return schema;
}

}  // namespace nexus::domain

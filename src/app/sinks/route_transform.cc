#include "app/sinks/route_transform.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "app/sinks/setting_parts.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {
namespace {

// Null: it names none.
absl::StatusOr<std::shared_ptr<const CompiledSchema>> SchemaOf(
    const SinkSettings& with, const route::TransformDeclaration& transform) {
  if (transform.schema_type.empty()) return nullptr;
  const auto version = static_cast<uint32_t>(transform.schema_version);
  const schema::SchemaRecordPtr record = with.schemas.FindStored(transform.schema_type, version);
  const std::string name = absl::StrCat("version ", version, " of ", transform.schema_type);
  if (record == nullptr) {
    return declaration::DeclarationFault("/transform/schema",
                                         absl::StrCat(name, " was never registered"));
  }
  if (record->format != SchemaFormat::kJsonSchema) {
    return declaration::DeclarationFault(
        "/transform/schema", absl::StrCat(name, " is no JSON Schema, and what a transform ",
                                          "leaves is JSON: it would never conform"));
  }
  return record->compiled;
}

}  // namespace

absl::StatusOr<route::TransformPtr> MakeTransform(const SinkSettings& with) {
  if (!with.route.transform) return nullptr;
  const route::TransformDeclaration& transform = *with.route.transform;
  NEXUS_ASSIGN_OR_RETURN(std::shared_ptr<const CompiledSchema> schema, SchemaOf(with, transform));
  std::string secret;
  if (!transform.secret.empty()) {
    absl::StatusOr<std::string> read = ReadSecret(SecretsFolder(with), transform.secret);
    if (!read.ok()) {
      const std::string why(read.status().message());
      return declaration::DeclarationFault("/transform/hash/secret", why);
    }
    secret = *std::move(read);
  }
  return route::Transform::Create(transform, std::move(secret), std::move(schema));
}

}  // namespace nexus::app

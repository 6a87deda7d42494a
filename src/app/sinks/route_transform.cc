#include "app/sinks/route_transform.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "app/sinks/setting_parts.h"

namespace nexus::app {

absl::StatusOr<route::TransformPtr> MakeTransform(const SinkSettings& with) {
  if (!with.route.transform) return nullptr;
  const route::TransformDeclaration& transform = *with.route.transform;
  const auto version = static_cast<uint32_t>(transform.schema_version);
  if (!transform.schema_type.empty() &&
      with.schemas.FindStored(transform.schema_type, version) == nullptr) {
    return declaration::DeclarationFault(
        "/transform/schema",
        absl::StrCat("version ", version, " of ", transform.schema_type, " was never registered"));
  }
  std::string secret;
  if (!transform.secret.empty()) {
    absl::StatusOr<std::string> read = ReadSecret(SecretsFolder(with), transform.secret);
    if (!read.ok()) {
      const std::string why(read.status().message());
      return declaration::DeclarationFault("/transform/hash/secret", why);
    }
    secret = *std::move(read);
  }
  return route::Transform::Create(transform, std::move(secret));
}

}  // namespace nexus::app

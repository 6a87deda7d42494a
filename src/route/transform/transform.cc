#include "route/transform/transform.h"

#include "absl/strings/str_cat.h"
#include "declaration/strict_object.h"
#include "nexus/core/errors.h"
#include "nexus/core/media_type.h"
#include "nexus/core/status_macros.h"

namespace nexus::route {

Transform::Transform(TransformDeclaration declaration, Pseudonyms pseudonyms,
                     std::shared_ptr<const CompiledSchema> schema)
    : declaration_(std::move(declaration)),
      tree_(BuildPointerTree(declaration_)),
      pseudonyms_(std::move(pseudonyms)),
      schema_(std::move(schema)),
      attributes_(declaration_.attributes) {
  attributes_.emplace_back(kTransformAttribute, TransformDigest(declaration_));
}

absl::StatusOr<TransformPtr> Transform::Create(TransformDeclaration declaration, std::string secret,
                                               std::shared_ptr<const CompiledSchema> schema) {
  if (!declaration.hash.empty() && secret.size() < kSecretBytesMin) {
    return declaration::DeclarationFault(
        "/transform/hash/secret",
        absl::StrCat("the secret has ", secret.size(), " bytes; at least ", kSecretBytesMin,
                     " are needed"));
  }
  return TransformPtr(
      new Transform(std::move(declaration), {std::move(secret), ""}, std::move(schema)));
}

TransformPtr Transform::Preview(TransformDeclaration declaration) {
  std::string placeholder = absl::StrCat("(pseudonym by ", declaration.secret, ")");
  return TransformPtr(new Transform(std::move(declaration), {"", std::move(placeholder)}, nullptr));
}

absl::StatusOr<std::string> Transform::DataOf(const RecordedEvent& event) const {
  if (!IsJsonMediaType(event.content_type)) {
    return MakeError(ErrorReason::kSchemaViolation,
                     absl::StrCat("transform: the data is ", event.content_type, ", not JSON"));
  }
  NEXUS_ASSIGN_OR_RETURN(std::string data, Project(event.data, *tree_, pseudonyms_));
  if (schema_ != nullptr) NEXUS_RETURN_IF_ERROR(Conforms(data));
  return data;
}

// Says by which rule and not where: a path through the data can hold names that are data.
absl::Status Transform::Conforms(absl::string_view data) const {
  NEXUS_ASSIGN_OR_RETURN(const std::vector<Violation> violations, schema_->Validate(data, 1));
  if (violations.empty()) return absl::OkStatus();
  const Violation& first = violations.front();
  return MakeError(ErrorReason::kSchemaViolation,
                   absl::StrCat("transform: what is left does not conform to ",
                                declaration_.schema_type, " version ", declaration_.schema_version,
                                ": '", first.keyword, "' expects ", first.expected));
}

}  // namespace nexus::route

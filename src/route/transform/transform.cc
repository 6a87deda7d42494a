#include "route/transform/transform.h"

#include "absl/strings/str_cat.h"
#include "declaration/strict_object.h"
#include "nexus/core/errors.h"
#include "nexus/core/media_type.h"

namespace nexus::route {

Transform::Transform(TransformDeclaration declaration, Pseudonyms pseudonyms)
    : declaration_(std::move(declaration)),
      tree_(BuildPointerTree(declaration_)),
      pseudonyms_(std::move(pseudonyms)),
      attributes_(declaration_.attributes) {
  attributes_.emplace_back(kTransformAttribute, TransformDigest(declaration_));
}

absl::StatusOr<TransformPtr> Transform::Create(TransformDeclaration declaration,
                                               std::string secret) {
  if (!declaration.hash.empty() && secret.size() < kSecretBytesMin) {
    return declaration::DeclarationFault(
        "/transform/hash/secret",
        absl::StrCat("the secret has ", secret.size(), " bytes; at least ", kSecretBytesMin,
                     " are needed"));
  }
  return TransformPtr(new Transform(std::move(declaration), {std::move(secret), ""}));
}

TransformPtr Transform::Preview(TransformDeclaration declaration) {
  std::string placeholder = absl::StrCat("(pseudonym by ", declaration.secret, ")");
  return TransformPtr(new Transform(std::move(declaration), {"", std::move(placeholder)}));
}

absl::StatusOr<std::string> Transform::DataOf(const RecordedEvent& event) const {
  if (!IsJsonMediaType(event.content_type)) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat("transform: the data is ", event.content_type, ", not JSON"));
  }
  return Project(event.data, *tree_, pseudonyms_);
}

}  // namespace nexus::route

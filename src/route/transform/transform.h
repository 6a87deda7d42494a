#pragma once

// A transform, ready for events: checked, with its secret.
//
// Immutable; thread-safe. Deterministic and without side effects: equal data, equal answer.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/event.h"
#include "nexus/port/schema_validator.h"
#include "route/declaration/transform_declaration.h"
#include "route/transform/projection.h"

namespace nexus::route {

// Says on the CloudEvent by which transform it went.
inline constexpr char kTransformAttribute[] = "nexustransform";
inline constexpr size_t kSecretBytesMin = 16;

class Transform {
 public:
  // `secret`: what the declaration's secret holds; "" where it names none. MALFORMED_REQUEST with
  // the pointer if it is shorter than kSecretBytesMin: pseudonyms could be guessed. `schema`: what
  // the data that go out have to conform to; null where the declaration names none.
  static absl::StatusOr<std::shared_ptr<const Transform>> Create(
      TransformDeclaration declaration, std::string secret,
      std::shared_ptr<const CompiledSchema> schema = nullptr);
  // Writes where a pseudonym would be instead of one: for who has no secret. Checks no schema.
  // Never to a broker.
  static std::shared_ptr<const Transform> Preview(TransformDeclaration declaration);

  // The data as it goes out. SCHEMA_VIOLATION, without data in it, if the event's is no JSON, has
  // another form, lacks what is required, or what is left does not conform to the schema.
  absl::StatusOr<std::string> DataOf(const RecordedEvent& event) const;

  // The declaration's extension attributes, and kTransformAttribute.
  const std::vector<std::pair<std::string, std::string>>& attributes() const { return attributes_; }
  const TransformDeclaration& declaration() const { return declaration_; }

 private:
  Transform(TransformDeclaration declaration, Pseudonyms pseudonyms,
            std::shared_ptr<const CompiledSchema> schema);
  absl::Status Conforms(absl::string_view data) const;

  const TransformDeclaration declaration_;
  const std::unique_ptr<const PointerNode> tree_;  // points into declaration_
  const Pseudonyms pseudonyms_;
  const std::shared_ptr<const CompiledSchema> schema_;  // may be null
  std::vector<std::pair<std::string, std::string>> attributes_;
};
using TransformPtr = std::shared_ptr<const Transform>;

}  // namespace nexus::route

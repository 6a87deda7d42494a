#pragma once

// The text of a schema with everything that it refers to.

#include <string>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace nexus {

// Another registered schema, by the name under which this one refers to it.
struct SchemaReference {
  // JSON Schema: the absolute URI or relative name before the '#' of a `$ref`. Avro: the full name
  // of the type. Protobuf: the path of the import.
  std::string name;
  std::string definition;
};

// Borrows everything; it must outlive the call that it is given to.
struct SchemaSource {
  // A text alone is what most callers have.
  template <typename Text>
  requires std::is_convertible_v<const Text&, absl::string_view> SchemaSource(const Text& text)
      : definition(text) {}  // NOLINT(google-explicit-constructor)
  SchemaSource(absl::string_view text, absl::Span<const SchemaReference> others)
      : definition(text), references(others) {}

  absl::string_view definition;
  // Directly or through others; one that others refer to comes before them. No name twice.
  absl::Span<const SchemaReference> references;
};

}  // namespace nexus

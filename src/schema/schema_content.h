#pragma once

// What makes two registrations the same content: the digest by which they are compared.
//
// The digest of a JSON Schema without references, metadata and rules is SHA-256 of its canonical
// form. Of anything else it is SHA-256 of the canonical form, a line feed, and one JSON object with
// `format`, `references`, `metadata` and `rule_set` (docs/reference/schema-events.md).

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "nexus/core/ids.h"
#include "schema/schema_record.h"

namespace nexus::schema {

struct SchemaContent {
  SchemaFormat format = SchemaFormat::kJsonSchema;
  absl::string_view canonical;  // as SchemaValidator::Canonical
  absl::Span<const RecordReference> references;
  absl::string_view metadata;  // canonical JSON, or empty
  absl::string_view rule_set;
};

// SHA-256, 64 lower-case hexadecimal digits.
std::string ContentDigest(const SchemaContent& content);

// A UUID (version 8, RFC 9562) that follows from the digest: the same content has the same one on
// every server.
std::string GuidOf(absl::string_view digest);
// The same as bytes; nothing if `digest` is none.
std::optional<UuidBytes> GuidBytesOf(absl::string_view digest);

// `[{"name":...,"subject":...,"version":...},...]`
std::string ReferencesJson(absl::Span<const RecordReference> references);

}  // namespace nexus::schema

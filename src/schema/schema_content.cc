#include "schema/schema_content.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "digest/sha256.h"
#include "nexus/core/json_text.h"

namespace nexus::schema {

std::string ReferencesJson(absl::Span<const RecordReference> references) {
  std::string out = "[";
  for (const RecordReference& reference : references) {
    if (out.size() > 1) out += ',';
    absl::StrAppend(&out, "{\"name\":", JsonString(reference.name),
                    ",\"subject\":", JsonString(reference.subject),
                    ",\"version\":", reference.version, "}");
  }
  return out + "]";
}

std::string ContentDigest(const SchemaContent& content) {
  if (content.format == SchemaFormat::kJsonSchema && content.references.empty() &&
      content.metadata.empty() && content.rule_set.empty()) {
    return Sha256Hex(content.canonical);
  }
  const auto or_null = [](absl::string_view json) { return json.empty() ? "null" : json; };
  return Sha256Hex(absl::StrCat(content.canonical, "\n{\"format\":\"",
                                SchemaFormatName(content.format),
                                "\",\"references\":", ReferencesJson(content.references),
                                ",\"metadata\":", or_null(content.metadata),
                                ",\"rule_set\":", or_null(content.rule_set), "}"));
}

std::string GuidOf(absl::string_view digest) {
  std::string text =
      absl::StrCat(digest.substr(0, 8), "-", digest.substr(8, 4), "-8", digest.substr(13, 3), "-8",
                   digest.substr(17, 3), "-", digest.substr(20, 12));
  return text;
}

std::optional<UuidBytes> GuidBytesOf(absl::string_view digest) {
  if (!IsSha256Hex(digest)) return std::nullopt;
  const absl::StatusOr<UuidBytes> bytes = ParseUuid(GuidOf(digest));
  return bytes.ok() ? std::optional(*bytes) : std::nullopt;
}

}  // namespace nexus::schema

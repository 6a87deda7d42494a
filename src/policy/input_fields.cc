#include "policy/input_fields.h"

namespace nexus::policy {

void WriteText(absl::string_view key, absl::string_view text, JsonWriter& json) {
  json.Key(key);
  json.String(text);
}

void WriteCount(absl::string_view key, uint64_t number, JsonWriter& json) {
  json.Key(key);
  json.Number(number);
}

void WriteBool(absl::string_view key, bool value, JsonWriter& json) {
  json.Key(key);
  json.Bool(value);
}

void WriteTexts(absl::string_view key, absl::Span<const std::string> texts, JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (const std::string& text : texts) json.String(text);
  json.EndArray();
}

void WriteHead(absl::string_view operation, uint32_t tenant, const PrincipalFacts& principal,
               JsonWriter& json) {
  WriteText("operation", operation, json);
  WriteCount("tenant", tenant, json);
  json.Key("principal");
  json.BeginObject();
  WriteText("name", principal.name, json);
  WriteBool("authenticated", principal.authenticated, json);
  WriteText("method", principal.method, json);
  WriteTexts("roles", principal.roles, json);
  json.EndObject();
}

}  // namespace nexus::policy

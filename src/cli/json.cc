#include "cli/json.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace nexus::cli {
std::string JsonArray(const std::vector<std::string>& items) {
  return absl::StrCat("[", absl::StrJoin(items, ","), "]");
}

void JsonObject::Key(absl::string_view key) {
  if (text_.size() > 1) text_ += ',';
  absl::StrAppend(&text_, JsonString(key), ":");
}

std::string JsonTexts(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(JsonString(text));
  return JsonArray(quoted);
}

JsonObject& JsonObject::Text(absl::string_view key, absl::string_view value) {
  return Raw(key, JsonString(value));
}

JsonObject& JsonObject::Number(absl::string_view key, uint64_t value) {
  return Raw(key, absl::StrCat(value));
}

JsonObject& JsonObject::Real(absl::string_view key, double value) {
  if (!std::isfinite(value)) return Raw(key, "null");
  return Raw(key, absl::StrFormat("%.10g", value));
}

JsonObject& JsonObject::Bool(absl::string_view key, bool value) {
  return Raw(key, value ? "true" : "false");
}

JsonObject& JsonObject::Raw(absl::string_view key, absl::string_view json) {
  Key(key);
  absl::StrAppend(&text_, json);
  return *this;
}

}  // namespace nexus::cli

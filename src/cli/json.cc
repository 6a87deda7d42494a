#include "cli/json.h"

#include <cmath>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "nexus/core/text.h"

namespace nexus::cli {
namespace {

void AppendEscaped(absl::string_view valid, std::string& out) {
  for (const char c : valid) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned char>(c));
        } else {
          out.push_back(c);
        }
    }
  }
}

}  // namespace

std::string JsonString(absl::string_view text) {
  std::string out = "\"";
  while (const std::optional<size_t> bad = FindInvalidUtf8(text)) {
    AppendEscaped(text.substr(0, *bad), out);
    out += "\\ufffd";
    text.remove_prefix(*bad + 1);
  }
  AppendEscaped(text, out);
  out += '"';
  return out;
}

std::string JsonArray(const std::vector<std::string>& items) {
  return absl::StrCat("[", absl::StrJoin(items, ","), "]");
}

void JsonObject::Key(absl::string_view key) {
  if (text_.size() > 1) text_ += ',';
  absl::StrAppend(&text_, JsonString(key), ":");
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

#include "schema/json/json_describe.h"

#include "absl/strings/str_cat.h"
#include "schema/json/json_compare.h"

namespace nexus::schema {
namespace {

constexpr size_t kValueBytesMax = 80;

}  // namespace

std::string Shorten(std::string text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "...";
}

std::string JsonTypeName(JsonElement element) {
  if (element.is_object()) return "object";
  if (element.is_array()) return "array";
  if (element.is_string()) return "string";
  if (element.is_bool()) return "boolean";
  if (element.is_null()) return "null";
  return IsWhole(NumberOf(element)) ? "integer" : "number";
}

std::string DescribeText(std::string_view text) {
  std::string quoted;
  // No more is quoted than can be shown: the text may be a megabyte.
  AppendQuoted(quoted, text.substr(0, 2 * kValueBytesMax));
  return Shorten(quoted, kValueBytesMax);
}

std::string DescribeJson(JsonElement element) {
  if (element.is_array()) {
    return absl::StrCat("array of ", ItemsOf(element).size());
  }
  if (element.is_object()) {
    return absl::StrCat("object of ", MembersOf(element).size());
  }
  if (element.is_string()) return DescribeText(element.get_string().value_unsafe());
  return CanonicalJson(element);
}

}  // namespace nexus::schema

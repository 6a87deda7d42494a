#include "schema/json/format.h"

#include "schema/json/json_pointer.h"
#include "schema/json/pattern.h"

namespace nexus::schema {
namespace {

constexpr Format kFormats[] = {
    {"date", IsDate},
    {"time", IsTime},
    {"date-time", IsDateTime},
    {"duration", IsDuration},
    {"email", IsEmail},
    {"idn-email", IsIdnEmail},
    {"hostname", IsHostname},
    {"ipv4", IsIpv4},
    {"ipv6", IsIpv6},
    {"uri", IsUri},
    {"uri-reference", IsUriReference},
    {"iri", IsIri},
    {"iri-reference", IsIriReference},
    {"uri-template", IsUriTemplate},
    {"uuid", IsUuid},
    {"json-pointer", IsPointer},
    {"relative-json-pointer", IsRelativePointer},
    {"regex", IsRegex},
};

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

const Format* FindFormat(std::string_view name) {
  for (const Format& format : kFormats) {
    if (format.name == absl::string_view(name.data(), name.size())) return &format;
  }
  return nullptr;
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !IsHexDigit(text[i])) return false;
  }
  return true;
}

bool IsPointer(std::string_view text) {
  return IsJsonPointer(absl::string_view(text.data(), text.size()));
}

bool IsRelativePointer(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits == 0 || (digits > 1 && text[0] == '0')) return false;
  text.remove_prefix(digits);
  return text == "#" || IsPointer(text);
}

bool IsRegex(std::string_view text) {
  return Pattern::Compile(absl::string_view(text.data(), text.size())).ok();
}

}  // namespace nexus::schema

#include "cli/xml_text.h"

#include <cstddef>
#include <optional>

#include "absl/strings/match.h"
#include "nexus/core/text.h"

namespace nexus::cli {
namespace {

constexpr absl::string_view kNoCharacter = "\xEF\xBF\xBD";  // U+FFFD

absl::string_view XmlEntity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':  // also ends "]]>", which may not stand in an element
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&apos;";
    case '\t':  // attributes would turn these three into blanks
      return "&#9;";
    case '\n':
      return "&#10;";
    case '\r':
      return "&#13;";
    default:
      return static_cast<unsigned char>(c) < 0x20 ? kNoCharacter : absl::string_view();
  }
}

// `text` is UTF-8.
void AppendXml(std::string& out, absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const absl::string_view rest = text.substr(i);
    if (absl::StartsWith(rest, "\xEF\xBF\xBE") || absl::StartsWith(rest, "\xEF\xBF\xBF")) {
      out.append(kNoCharacter.data(), kNoCharacter.size());
      i += 2;
      continue;
    }
    const absl::string_view entity = XmlEntity(text[i]);
    if (entity.empty()) {
      out.push_back(text[i]);
    } else {
      out.append(entity.data(), entity.size());
    }
  }
}

}  // namespace

std::string XmlEscaped(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (const std::optional<size_t> bad = FindInvalidUtf8(text)) {
    AppendXml(out, text.substr(0, *bad));
    out.append(kNoCharacter.data(), kNoCharacter.size());
    text.remove_prefix(*bad + 1);
  }
  AppendXml(out, text);
  return out;
}

}  // namespace nexus::cli

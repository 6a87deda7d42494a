#include "nexus/core/json_text.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "nexus/core/text.h"

namespace nexus {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool NeedsEscape(char c) {
  return static_cast<uint8_t>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7f;
}

void AppendEscape(std::string& out, char c) {
  constexpr absl::string_view kHex = "0123456789abcdef";
  constexpr absl::string_view kNamed = "\"\\\n\r\t";
  constexpr absl::string_view kNames = "\"\\nrt";
  out += '\\';
  if (const size_t named = kNamed.find(c); named != absl::string_view::npos) {
    out += kNames[named];
    return;
  }
  out.append("u00");
  out += kHex[static_cast<uint8_t>(c) >> 4];
  out += kHex[static_cast<uint8_t>(c) & 15];
}

// `text` is well-formed. Runs that need no escape, nearly always all of it, are copied at once.
void AppendWellFormed(std::string& out, absl::string_view text) {
  size_t run = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!NeedsEscape(text[i])) continue;
    out.append(text.data() + run, i - run);
    AppendEscape(out, text[i]);
    run = i + 1;
  }
  out.append(text.data() + run, text.size() - run);
}

}  // namespace

void AppendJsonEscaped(std::string& out, absl::string_view text) {
  while (const std::optional<size_t> bad = FindInvalidUtf8(text)) {
    AppendWellFormed(out, text.substr(0, *bad));
    out.append(kReplacement.data(), kReplacement.size());
    text.remove_prefix(*bad + 1);
  }
  AppendWellFormed(out, text);
}

void AppendJsonString(std::string& out, absl::string_view text) {
  out += '"';
  AppendJsonEscaped(out, text);
  out += '"';
}

std::string JsonString(absl::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

}  // namespace nexus

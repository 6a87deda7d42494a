#include "policy/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>

#include "absl/strings/str_cat.h"
#include "nexus/core/text.h"

namespace nexus::policy {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";

void AppendEscaped(char c, std::string* out) {
  constexpr absl::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      out->append("\\u00");
      out->push_back(kHex[static_cast<uint8_t>(c) >> 4]);
      out->push_back(kHex[static_cast<uint8_t>(c) & 15]);
  }
}

bool NeedsEscape(char c) {
  return static_cast<uint8_t>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7f;
}

// `text` is well-formed. Runs that need no escape, nearly always all of it, are copied at once.
void AppendWellFormed(absl::string_view text, std::string* out) {
  size_t run = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!NeedsEscape(text[i])) continue;
    out->append(text.data() + run, i - run);
    AppendEscaped(text[i], out);
    run = i + 1;
  }
  out->append(text.data() + run, text.size() - run);
}

}  // namespace

void AppendJsonString(absl::string_view text, std::string* out) {
  out->push_back('"');
  while (const std::optional<size_t> bad = FindInvalidUtf8(text)) {
    AppendWellFormed(text.substr(0, *bad), out);
    absl::StrAppend(out, kReplacement);
    text.remove_prefix(*bad + 1);
  }
  AppendWellFormed(text, out);
  out->push_back('"');
}

void JsonWriter::Key(absl::string_view key) {
  Separate();
  AppendJsonString(key, &out_);
  out_.push_back(':');
  comma_ = false;
}

void JsonWriter::String(absl::string_view text) {
  Separate();
  AppendJsonString(text, &out_);
}

void JsonWriter::Number(uint64_t number) {
  Separate();
  absl::StrAppend(&out_, number);
}

void JsonWriter::Number(double number) {
  Separate();
  if (!std::isfinite(number)) {
    out_.append("null");
    return;
  }
  std::array<char, 32> text{};
  const std::to_chars_result end = std::to_chars(text.data(), text.data() + text.size(), number);
  out_.append(text.data(), end.ptr);
}

void JsonWriter::Bool(bool value) {
  Separate();
  out_.append(value ? "true" : "false");
}

void JsonWriter::Open(char bracket) {
  Separate();
  out_.push_back(bracket);
  comma_ = false;
}

void JsonWriter::Close(char bracket) {
  out_.push_back(bracket);
  comma_ = true;
}

void JsonWriter::Separate() {
  if (comma_) out_.push_back(',');
  comma_ = true;
}

}  // namespace nexus::policy

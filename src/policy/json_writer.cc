#include "policy/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "nexus/core/json_text.h"

namespace nexus::policy {

void JsonWriter::Key(absl::string_view key) {
  Separate();
  AppendJsonString(out_, key);
  out_.push_back(':');
  comma_ = false;
}

void JsonWriter::String(absl::string_view text) {
  Separate();
  AppendJsonString(out_, text);
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

void JsonWriter::Raw(absl::string_view json) {
  Separate();
  absl::StrAppend(&out_, json);
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

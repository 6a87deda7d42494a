#include "schema/protobuf/proto_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace nexus::schema {
namespace {

size_t EndOfLine(absl::string_view text, size_t at) {
  return std::min(text.find('\n', at), text.size());
}

// Behind the string that begins at `at`: at its closing quote, or where its line ends.
size_t EndOfString(absl::string_view text, size_t at) {
  const char quote = text[at++];
  while (at < text.size() && text[at] != '\n') {
    if (text[at] == quote) return at + 1;
    const bool escape = text[at] == '\\' && at + 1 < text.size() && text[at + 1] != '\n';
    at += escape ? 2 : 1;
  }
  return at;
}

size_t EndOfBlockComment(absl::string_view text, size_t at) {
  const size_t end = text.find("*/", at + 2);
  return end == absl::string_view::npos ? text.size() : end + 2;
}

}  // namespace

ProtoTextOutline OutlineOf(absl::string_view text) {
  ProtoTextOutline outline;
  size_t open = 0;
  int line = 0;
  bool first_word = true;
  size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    const absl::string_view rest = text.substr(at);
    if (absl::StartsWith(rest, "//")) {
      at = EndOfLine(text, at);
      continue;
    }
    if (absl::StartsWith(rest, "/*")) {
      const size_t end = EndOfBlockComment(text, at);
      line += static_cast<int>(std::count(text.begin() + at, text.begin() + end, '\n'));
      at = end;
      continue;
    }
    if (first_word && !absl::ascii_isspace(c)) {
      outline.begins_with_syntax = absl::StartsWith(rest, "syntax");
      first_word = false;
    }
    if (c == '"' || c == '\'') {
      at = EndOfString(text, at);
      continue;
    }
    if (c == '\n') ++line;
    if (c == '{' || c == '[' || c == '<' || c == '(') {
      if (++open > outline.nesting) {
        outline.nesting = open;
        outline.deepest_line = line;
      }
    } else if ((c == '}' || c == ']' || c == '>' || c == ')') && open > 0) {
      --open;
    }
    ++at;
  }
  return outline;
}

}  // namespace nexus::schema

#include "tidy/cpp_text.h"

#include <ctype.h>

#include "absl/strings/str_cat.h"

namespace nexus::tidy {
namespace {

bool IsIdentifierCharacter(char c) {
  return isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

void Blank(std::string& text, size_t begin, size_t end) {
  for (size_t i = begin; i < end && i < text.size(); ++i) {
    if (text[i] != '\n') text[i] = ' ';
  }
}

// Where the quoted text that opens at `open` ends: the place of its closing quote.
size_t ClosingQuote(absl::string_view text, size_t open) {
  size_t i = open + 1;
  while (i < text.size() && text[i] != text[open] && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
  return i;
}

// `quote` is the '"' of R"tag( ... )tag". Gives the place of the last quote.
size_t ClosingRawQuote(absl::string_view text, size_t quote) {
  const size_t paren = text.find('(', quote);
  if (paren == absl::string_view::npos) return text.size();
  const std::string end = absl::StrCat(")", text.substr(quote + 1, paren - quote - 1), "\"");
  const size_t found = text.find(end, paren);
  return found == absl::string_view::npos ? text.size() : found + end.size() - 1;
}

size_t EndOf(absl::string_view text, absl::string_view mark, size_t from) {
  const size_t found = text.find(mark, from);
  return found == absl::string_view::npos ? text.size() : found;
}

}  // namespace

std::string BlankCommentsAndLiterals(absl::string_view text) {
  std::string out(text);
  size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    const absl::string_view two = text.substr(i, 2);
    if (two == "//") {
      const size_t end = EndOf(text, "\n", i);
      Blank(out, i, end);
      i = end;
    } else if (two == "/*") {
      const size_t end = EndOf(text, "*/", i + 2) + 2;
      Blank(out, i, end);
      i = end;
    } else if (two == "R\"" && (i == 0 || !IsIdentifierCharacter(text[i - 1]))) {
      const size_t end = ClosingRawQuote(text, i + 1);
      Blank(out, i + 2, end);
      i = end + 1;
    } else if (c == '"' || (c == '\'' && (i == 0 || !IsIdentifierCharacter(text[i - 1])))) {
      const size_t end = ClosingQuote(text, i);
      Blank(out, i + 1, end);
      i = end + 1;
    } else {
      ++i;
    }
  }
  return out;
}

std::string BlankDirectives(absl::string_view text) {
  std::string out(text);
  bool continued = false;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = EndOf(text, "\n", begin);
    const size_t first = text.find_first_not_of(" \t", begin);
    const bool directive = continued || (first < end && text[first] == '#');
    if (directive) Blank(out, begin, end);
    continued = directive && end > begin && text[end - 1] == '\\';
    begin = end + 1;
  }
  return out;
}

}  // namespace nexus::tidy

#include "tidy/functions.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tidy/cpp_text.h"

namespace nexus::tidy {
namespace {

enum class Block { kScope, kFunction, kData };

absl::string_view FirstWord(absl::string_view text) {
  size_t length = 0;
  while (length < text.size() && (absl::ascii_isalnum(text[length]) || text[length] == '_')) {
    ++length;
  }
  return text.substr(0, length);
}

// Drops a leading "template <...>".
absl::string_view WithoutTemplate(absl::string_view head) {
  while (FirstWord(head) == "template") {
    int depth = 0;
    size_t i = head.find('<');
    if (i == absl::string_view::npos) return head;
    for (; i < head.size(); ++i) {
      if (head[i] == '<') ++depth;
      if (head[i] == '>' && --depth == 0) break;
    }
    head = absl::StripLeadingAsciiWhitespace(head.substr(std::min(i + 1, head.size())));
  }
  return head;
}

// The text with everything in parentheses dropped: what remains tells what kind of thing it is.
std::string OutsideParentheses(absl::string_view head) {
  std::string out;
  int depth = 0;
  for (const char c : head) {
    if (c == '(') ++depth;
    if (depth == 0) out.push_back(c);
    if (c == ')') --depth;
  }
  return out;
}

bool IsType(absl::string_view head) {
  constexpr std::array<absl::string_view, 4> kWords = {"class", "struct", "union", "enum"};
  const bool named = std::find(kWords.begin(), kWords.end(), FirstWord(head)) != kWords.end();
  return named && !absl::EndsWith(head, ")");
}

// Drops "public:" and the like, and blanks.
absl::string_view WithoutLabel(absl::string_view head) {
  head = absl::StripLeadingAsciiWhitespace(head);
  for (const absl::string_view label : {"public:", "protected:", "private:"}) {
    if (absl::ConsumePrefix(&head, label)) return WithoutLabel(head);
  }
  return head;
}

// What the brace after `head` opens, where functions may stand (a namespace or a class).
Block Classify(absl::string_view head) {
  head = WithoutTemplate(absl::StripAsciiWhitespace(WithoutLabel(head)));
  if (head.empty() || FirstWord(head) == "namespace" ||
      absl::StartsWith(head, "inline namespace") || absl::StartsWith(head, "extern \"")) {
    return Block::kScope;
  }
  if (FirstWord(head) == "enum") return Block::kData;
  if (IsType(head)) return Block::kScope;
  if (!absl::StrContains(head, "(")) return Block::kData;
  // A lambda that is given a name is a function too; a table is not.
  const std::string outside = OutsideParentheses(head);
  const size_t equals = outside.find('=');
  if (equals == std::string::npos || absl::StrContains(outside, "operator")) {
    return Block::kFunction;
  }
  return outside.find(']', equals) == std::string::npos ? Block::kData : Block::kFunction;
}

std::string NameIn(absl::string_view head) {
  head = WithoutTemplate(WithoutLabel(head));
  const absl::string_view before = absl::StripAsciiWhitespace(head.substr(0, head.find('(')));
  const size_t space = before.find_last_of(" \n\t*&");
  return std::string(space == absl::string_view::npos ? before : before.substr(space + 1));
}

class Scanner {
 public:
  explicit Scanner(absl::string_view text) : text_(text) {}

  std::vector<FunctionExtent> Run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '(') ++parentheses_;
      if (c == ')') --parentheses_;
      if (c == '{') {
        OpenBrace();
        continue;
      }
      if (c == '}' || (c == ';' && parentheses_ == 0)) head_ = at_ + 1;
      ++at_;
    }
    return std::move(found_);
  }

 private:
  void OpenBrace() {
    const absl::string_view head = text_.substr(head_, at_ - head_);
    if (parentheses_ > 0) {  // an argument: f({...})
      at_ = AfterMatch(at_);
      return;
    }
    const Block block = Classify(head);
    if (block == Block::kScope) {
      head_ = ++at_;
      return;
    }
    const size_t end = AfterMatch(at_);
    at_ = end;
    if (block == Block::kData) return;  // `head_` stays: a ';' follows
    // Foo::Foo() : a_{1}, b_{2} { ... }: braces before the body belong to the head.
    const size_t next = text_.find_first_not_of(" \t\n", end);
    if (next != absl::string_view::npos && (text_[next] == ',' || text_[next] == '{')) return;
    AddFunction(head, end - 1);
    head_ = end;
  }

  void AddFunction(absl::string_view head, size_t last) {
    const size_t skipped = head.size() - WithoutLabel(head).size();
    const int first_line = LineAt(head_ + skipped);
    found_.push_back({NameIn(head), first_line, LineAt(last) - first_line + 1});
  }

  size_t AfterMatch(size_t open) const {
    int depth = 0;
    for (size_t i = open; i < text_.size(); ++i) {
      if (text_[i] == '{') ++depth;
      if (text_[i] == '}' && --depth == 0) return i + 1;
    }
    return text_.size();
  }

  int LineAt(size_t offset) const {
    const absl::string_view before = text_.substr(0, offset);
    return 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  }

  const absl::string_view text_;
  size_t at_ = 0;
  size_t head_ = 0;  // where the declaration that we are in began
  int parentheses_ = 0;
  std::vector<FunctionExtent> found_;
};

}  // namespace

std::vector<FunctionExtent> FindFunctions(absl::string_view text) {
  const std::string code = BlankDirectives(BlankCommentsAndLiterals(text));
  return Scanner(code).Run();
}

Findings CheckFunctionLengths(const std::string& file, absl::string_view text, int lines_max) {
  Findings findings;
  for (const FunctionExtent& function : FindFunctions(text)) {
    if (function.lines <= lines_max) continue;
    findings.push_back({file, function.first_line,
                        absl::StrCat(function.name, " has ", function.lines, " lines, ", lines_max,
                                     " are allowed")});
  }
  return findings;
}

}  // namespace nexus::tidy

#include "tidy/domain_words.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "tidy/cpp_text.h"

namespace nexus::tidy {
namespace {

bool IsOfWord(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// The words of a text, each with the place behind it.
template <typename Use>
void EachWord(absl::string_view text, Use use) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsOfWord(text[i])) continue;
    size_t end = i;
    while (end < text.size() && IsOfWord(text[end])) ++end;
    use(text.substr(i, end - i), end);
    i = end;
  }
}

// The text with what stands behind // turned into spaces; literals stay. They have their quotes
// left in `blank`, which says where one begins and ends.
std::string WithoutComments(const std::string& text) {
  const std::string blank = BlankCommentsAndLiterals(text);
  std::string out = text;
  bool literal = false;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (blank[i] == '"') literal = !literal;
    if (literal || blank[i] == '"' || text.compare(i, 2, "//") != 0) continue;
    for (; i < text.size() && text[i] != '\n'; ++i) out[i] = ' ';
  }
  return out;
}

}  // namespace

std::set<std::string> DomainWords(const std::vector<SourceFile>& tree) {
  std::set<std::string> folders;
  for (const SourceFile& file : tree) {
    absl::string_view path = file.path;
    if (!absl::ConsumeSuffix(&path, "/domain.yaml") || !file.IsUnder("examples")) continue;
    folders.insert(absl::StrCat(path, "/schemas"));
  }
  std::set<std::string> words;
  for (const SourceFile& file : tree) {
    const size_t slash = file.path.rfind('/');
    if (slash == std::string::npos || !folders.contains(file.path.substr(0, slash))) continue;
    words.emplace(absl::StripSuffix(file.path.substr(slash + 1), ".json"));
    EachWord(file.text, [&](absl::string_view word, size_t end) {
      const bool is_member = absl::StartsWith(absl::string_view(file.text).substr(end), "\":");
      if (is_member && absl::EndsWith(word, "Id")) words.emplace(word);
    });
  }
  return words;
}

Findings CheckDomainWords(const SourceFile& file, const std::set<std::string>& words) {
  Findings findings;
  if (!file.IsUnder("src") && !file.IsUnder("include") && !file.IsUnder("proto")) return findings;
  const std::string text = WithoutComments(file.text);
  int line = 1;
  size_t counted = 0;
  EachWord(text, [&](absl::string_view word, size_t end) {
    if (!words.contains(std::string(word))) return;
    for (; counted < end; ++counted) line += text[counted] == '\n' ? 1 : 0;
    findings.push_back(
        {file.path, line, absl::StrCat(word, " is a word of a domain: the product knows none")});
  });
  return findings;
}

}  // namespace nexus::tidy

#include "tidy/links.h"

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace nexus::tidy {
namespace {

// The line with `code` turned into blanks.
std::string WithoutInlineCode(absl::string_view line) {
  std::string out(line);
  bool code = false;
  for (char& c : out) {
    if (c == '`') {
      code = !code;
    } else if (code) {
      c = ' ';
    }
  }
  return out;
}

bool IsElsewhere(absl::string_view target) {
  return absl::StrContains(target, "://") || absl::StartsWith(target, "mailto:") ||
         absl::StartsWith(target, "#");
}

// Where a link of the page leads, from the root of the repository.
std::string Resolve(const std::string& page, absl::string_view target) {
  const std::string path(target.substr(0, target.find('#')));
  const std::filesystem::path folder = std::filesystem::path(page).parent_path();
  return (folder / path).lexically_normal().generic_string();
}

}  // namespace

Findings CheckLinks(const SourceFile& page, const std::function<bool(const std::string&)>& exists) {
  Findings findings;
  bool in_block = false;
  int number = 0;
  for (const absl::string_view raw : absl::StrSplit(page.text, '\n')) {
    ++number;
    if (absl::StartsWith(raw, "```")) in_block = !in_block;
    if (in_block) continue;
    const std::string line = WithoutInlineCode(raw);
    for (size_t at = line.find("]("); at != std::string::npos; at = line.find("](", at + 2)) {
      const size_t end = line.find_first_of(") ", at + 2);
      if (end == std::string::npos) continue;
      const std::string target = line.substr(at + 2, end - at - 2);
      if (IsElsewhere(target) || exists(Resolve(page.path, target))) continue;
      findings.push_back({page.path, number, absl::StrCat("nothing is at ", target)});
    }
  }
  return findings;
}

}  // namespace nexus::tidy

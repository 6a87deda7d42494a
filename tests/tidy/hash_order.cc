#include "tidy/hash_order.h"

#include <array>
#include <map>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tidy/cpp_text.h"

namespace nexus::tidy {
namespace {

constexpr std::array<absl::string_view, 5> kOrderMatters = {
    "src/log", "src/follow", "src/subscription", "src/engine", "src/index"};
constexpr std::array<absl::string_view, 2> kTables = {"flat_hash_map<", "flat_hash_set<"};

std::string FolderOf(const SourceFile& file) {
  if (!file.IsCpp()) return "";
  for (const absl::string_view folder : kOrderMatters) {
    if (file.IsUnder(folder)) return std::string(folder);
  }
  return "";
}

bool IsNameCharacter(char c) { return absl::ascii_isalnum(c) || c == '_'; }

// What follows the closing bracket that belongs to the opening one before `at`.
size_t BehindBrackets(absl::string_view code, size_t at) {
  for (int depth = 1; at < code.size() && depth > 0; ++at) {
    if (code[at] == '<') ++depth;
    if (code[at] == '>') --depth;
  }
  return at;
}

// The names of variables of that type: "flat_hash_map<K, V> name".
void AddNames(absl::string_view code, absl::string_view table, std::set<std::string>& names) {
  for (size_t at = code.find(table); at != absl::string_view::npos; at = code.find(table, at + 1)) {
    size_t begin = BehindBrackets(code, at + table.size());
    while (begin < code.size() && (absl::ascii_isspace(code[begin]) || code[begin] == '&')) ++begin;
    size_t end = begin;
    while (end < code.size() && IsNameCharacter(code[end])) ++end;
    if (end > begin) names.insert(std::string(code.substr(begin, end - begin)));
  }
}

bool LoopsOver(absl::string_view line, const std::string& name) {
  const std::string ranged = absl::StrCat(" : ", name, ")");
  const size_t first = line.find(absl::StrCat(name, ".begin()"));
  const bool begins =
      first != absl::string_view::npos && (first == 0 || !IsNameCharacter(line[first - 1]));
  return begins || (absl::StrContains(line, "for (") && absl::StrContains(line, ranged));
}

}  // namespace

Findings CheckHashOrder(const std::vector<SourceFile>& files) {
  std::map<std::string, std::set<std::string>> tables;  // by folder
  for (const SourceFile& file : files) {
    const std::string folder = FolderOf(file);
    if (folder.empty()) continue;
    const std::string code = BlankCommentsAndLiterals(file.text);
    for (const absl::string_view table : kTables) AddNames(code, table, tables[folder]);
  }
  Findings findings;
  for (const SourceFile& file : files) {
    const std::string folder = FolderOf(file);
    if (folder.empty()) continue;
    int number = 0;
    for (const absl::string_view line : absl::StrSplit(BlankCommentsAndLiterals(file.text), '\n')) {
      ++number;
      for (const std::string& name : tables[folder]) {
        if (!LoopsOver(line, name)) continue;
        findings.push_back(
            {file.path, number, absl::StrCat("the order of ", name, " differs from run to run")});
      }
    }
  }
  return findings;
}

}  // namespace nexus::tidy

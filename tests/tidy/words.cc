#include "tidy/words.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tidy/cpp_text.h"

namespace nexus::tidy {
namespace {

constexpr int kColumnsMax = 100;
constexpr int kRegoColumnsMax = 120;  // what Rego's own linters take: messages are long
constexpr int kMethodsMax = 8;

struct BannedWord {
  absl::string_view word;
  absl::string_view instead;
  std::vector<absl::string_view> folders;  // where it is banned
  std::vector<absl::string_view> allowed;  // files and folders inside these that may use it
};

const std::vector<BannedWord>& BannedWords() {
  using List = std::vector<absl::string_view>;
  static const List kProduct = {"src", "include"};
  static const List kEverywhere = {"src", "include", "tests", "bench"};
  static const List kClock = {"src/core/system_clock.h", "src/core/system_clock.cc",
                              "src/concurrency"};
  static const List kIds = {"src/core/random_ids.h", "src/core/random_ids.cc"};
  // What the simulation runs on one thread, with time and chance of its own.
  static const List kSimulated = {"src/log", "src/follow", "src/subscription", "src/engine",
                                  "src/index"};
  // To be slow is what it is for.
  static const List kSlowDisk = {"bench/overload_load/throttled_file_system.h"};
  // Tells its callers apart; starts no thread.
  static const List kThreadIds = {"src/follow/log_follower.cc"};
  static const std::vector<BannedWord> kWords = {
      {"absl::Now", "take a Clock&", kProduct, kClock},
      {"absl::GetCurrentTimeNanos", "take a Clock&", kProduct, kClock},
      {"system_clock", "take a Clock&", kProduct, kClock},
      {"steady_clock", "take a Clock&", kProduct, kClock},
      {"clock_gettime", "take a Clock&", kProduct, kClock},
      {"gettimeofday", "take a Clock&", kProduct, kClock},
      {"random_device", "take an IdSource&", kProduct, kIds},
      {"absl::BitGen", "take an IdSource&", kProduct, kIds},
      {"rand(", "take an IdSource&", kProduct, {}},
      {"sleep_for", "wait for a condition", kEverywhere, kSlowDisk},
      {"sleep_until", "wait for a condition", kEverywhere, {}},
      {"SleepFor", "wait for a condition", kEverywhere, {}},
      {"usleep", "wait for a condition", kEverywhere, {}},
      {"nanosleep", "wait for a condition", kEverywhere, {}},
      {"std::cout", "log, or return it", kProduct, {"src/cli", "src/app/main.cc"}},
      {"printf", "log, or return it", kProduct, {"src/cli"}},
      {"throw", "return a Status", kProduct, {}},
      {"std::thread", "take an Executor&", kSimulated, kThreadIds},
      {"std::jthread", "take an Executor&", kSimulated, {}},
      {"std::async", "take an Executor&", kSimulated, {}},
      {"std::mt19937", "take an IdSource&", kSimulated, {}},
      {"std::mt19937_64", "take an IdSource&", kSimulated, {}},
      {"std::unordered_map", "its order differs from run to run", kSimulated, {}},
      {"std::unordered_set", "its order differs from run to run", kSimulated, {}},
  };
  return kWords;
}

bool IsWordCharacter(char c) { return absl::ascii_isalnum(c) || c == '_'; }

// `word` in `line` with no letter, digit or '_' on either side (where the word itself ends in one).
bool HasWord(absl::string_view line, absl::string_view word) {
  for (size_t at = line.find(word); at != absl::string_view::npos; at = line.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool begins = at == 0 || !IsWordCharacter(line[at - 1]);
    const bool ends =
        end >= line.size() || !IsWordCharacter(word.back()) || !IsWordCharacter(line[end]);
    if (begins && ends) return true;
  }
  return false;
}

bool Covers(absl::string_view place, const SourceFile& file) {
  return file.path == place || file.IsUnder(place);
}

bool Applies(const BannedWord& banned, const SourceFile& file) {
  const auto covers = [&](absl::string_view place) { return Covers(place, file); };
  return std::any_of(banned.folders.begin(), banned.folders.end(), covers) &&
         std::none_of(banned.allowed.begin(), banned.allowed.end(), covers);
}

size_t CodePoints(absl::string_view line) {
  return static_cast<size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool IsPlaintext(const SourceFile& file) {
  constexpr std::array<absl::string_view, 12> kExtensions = {
      "h", "cc", "md", "txt", "cmake", "proto", "rego", "yaml", "sh", "js", "json", "py"};
  return std::find(kExtensions.begin(), kExtensions.end(), file.Extension()) != kExtensions.end() ||
         file.IsUnder("scripts") || file.IsUnder(".ci");
}

// Tables and links of pages, and data, may be wider than code.
std::optional<int> ColumnsMax(const SourceFile& file) {
  if (file.Extension() == "rego") return kRegoColumnsMax;
  if (file.IsCpp() || file.Extension() == "proto" || file.IsUnder("scripts")) return kColumnsMax;
  return std::nullopt;
}

int LineLimit(const SourceFile& file) {
  const bool product = file.IsUnder("src") || file.IsUnder("include");
  if (file.Extension() == "h") return product ? 200 : 300;
  if (file.Extension() == "cc") return product ? 400 : 600;
  return 0;
}

}  // namespace

Findings CheckBannedWords(const SourceFile& file) {
  Findings findings;
  if (!file.IsCpp()) return findings;
  // Spelt apart, so that this file does not find itself.
  const std::array<std::string, 3> marks = {
      "TO"
      "DO",
      "FIX"
      "ME",
      "X"
      "XX"};
  const std::vector<std::string> raw = absl::StrSplit(file.text, '\n');
  const std::vector<std::string> code = absl::StrSplit(BlankCommentsAndLiterals(file.text), '\n');
  for (size_t i = 0; i < code.size(); ++i) {
    const int line = static_cast<int>(i) + 1;
    for (const std::string& mark : marks) {
      if (HasWord(raw[i], mark)) findings.push_back({file.path, line, mark + " is for issues"});
    }
    for (const BannedWord& banned : BannedWords()) {
      if (!Applies(banned, file) || !HasWord(code[i], banned.word)) continue;
      findings.push_back(
          {file.path, line, absl::StrCat(banned.word, " is banned here: ", banned.instead)});
    }
  }
  return findings;
}

Findings CheckNames(absl::string_view path) {
  constexpr std::array<absl::string_view, 8> kEmptyWords = {
      "util", "utils", "common", "helper", "helpers", "manager", "misc", "stuff"};
  Findings findings;
  for (const absl::string_view part : absl::StrSplit(path, absl::ByAnyChar("/._-"))) {
    const std::string lower = absl::AsciiStrToLower(part);
    if (std::find(kEmptyWords.begin(), kEmptyWords.end(), lower) == kEmptyWords.end()) continue;
    findings.push_back(
        {std::string(path), 0, absl::StrCat("'", part, "' says nothing: name it by its task")});
  }
  return findings;
}

Findings CheckLayout(const SourceFile& file) {
  Findings findings;
  if (!IsPlaintext(file) || file.text.empty()) return findings;
  if (file.text.back() != '\n') findings.push_back({file.path, 0, "the last line has no end"});
  const std::optional<int> columns_max = ColumnsMax(file);
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(file.text, '\n')) {
    ++number;
    const auto add = [&](absl::string_view what) {
      findings.push_back({file.path, number, std::string(what)});
    };
    if (absl::EndsWith(line, " ") || absl::EndsWith(line, "\t") || absl::EndsWith(line, "\r")) {
      add("blanks at the end of the line");
    }
    if (absl::StrContains(line, '\t') && file.IsCpp()) add("tab");
    if (columns_max.has_value() && CodePoints(line) > static_cast<size_t>(*columns_max)) {
      add(absl::StrCat(CodePoints(line), " columns, ", *columns_max, " are allowed"));
    }
  }
  return findings;
}

Findings CheckHeader(const SourceFile& file) {
  Findings findings;
  if (file.Extension() != "h") return findings;
  const std::string code = BlankCommentsAndLiterals(file.text);
  if (!absl::StrContains(code, "#pragma once\n")) {
    findings.push_back({file.path, 0, "a header needs #pragma once"});
  }
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(code, '\n')) {
    ++number;
    if (HasWord(line, "using namespace")) {
      findings.push_back({file.path, number, "using namespace in a header"});
    }
  }
  return findings;
}

Findings CheckSizes(const SourceFile& file) {
  Findings findings;
  const int limit = LineLimit(file);
  const auto lines = static_cast<int>(std::count(file.text.begin(), file.text.end(), '\n'));
  if (limit > 0 && lines > limit) {
    findings.push_back({file.path, 0, absl::StrCat(lines, " lines, ", limit, " are allowed")});
  }
  if (!file.IsUnder("include/nexus/port")) return findings;
  const std::string code = BlankCommentsAndLiterals(file.text);
  int number = 0, methods = 0;
  for (const absl::string_view line : absl::StrSplit(code, '\n')) {
    ++number;
    if (absl::StartsWith(line, "class ")) methods = 0;
    if (absl::EndsWith(line, "= 0;") && ++methods == kMethodsMax + 1) {
      findings.push_back(
          {file.path, number, absl::StrCat("an interface has at most ", kMethodsMax, " methods")});
    }
  }
  return findings;
}

}  // namespace nexus::tidy

#include "config/environment.h"

#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "config/field_text.h"
#include "config/key_lookup.h"
#include "config/option_table.h"
#include "config/yaml_file.h"
#include "nexus/core/edit_distance.h"

namespace nexus::config {
namespace {

constexpr absl::string_view kPrefix = "NEXUS_";
constexpr size_t kNoteDistanceMax = 2;
constexpr size_t kNoteBytesMax = 100;

std::string KeyOf(absl::string_view variable) {
  return absl::AsciiStrToLower(
      absl::StrReplaceAll(absl::StripPrefix(variable, kPrefix), {{"__", "."}}));
}

struct Source {
  const Option* option = nullptr;
  bool is_file = false;
};

Source FindSource(absl::string_view variable) {
  if (const Option* option = FindOption(KeyOf(variable))) return {option, false};
  if (!absl::EndsWith(variable, "_FILE")) return {};
  const Option* option = FindOption(KeyOf(absl::StripSuffix(variable, "_FILE")));
  return option != nullptr && option->secret ? Source{option, true} : Source{};
}

// What an unknown variable was probably meant to be, judged by whole names.
std::string NearlyAnOption(absl::string_view variable) {
  // nexusctl's own variable, which may well stand in the same shell.
  if (variable == "NEXUS_TOKEN" || variable.size() > kNoteBytesMax) return "";
  for (const Option& option : AllOptions()) {
    const std::string name = VariableOf(option.key);
    if (EditDistance(variable, name) <= kNoteDistanceMax) return name;
  }
  return "";
}

std::optional<Setting> Read(const std::string& variable, const std::string& text,
                            const Source& source, std::vector<Problem>& problems) {
  const std::string key(source.option->key);
  Setting setting{key, {}, variable};
  std::string content = text;
  if (source.is_file) {
    const absl::StatusOr<std::string> read = ReadSmallFile(text);
    if (!read.ok()) {
      problems.push_back({variable, key, absl::StrCat(text, ": ", read.status().message())});
      return std::nullopt;
    }
    content = std::string(absl::StripTrailingAsciiWhitespace(*read));
  }
  std::string message;
  if (!ValueOfText(*source.option, content, setting.value, message)) {
    problems.push_back({variable, key, message});
    return std::nullopt;
  }
  return setting;
}

}  // namespace

std::string VariableOf(absl::string_view key) {
  return absl::StrCat(kPrefix, absl::StrReplaceAll(absl::AsciiStrToUpper(key), {{".", "__"}}));
}

std::vector<Setting> SettingsOf(const Environment& environment, std::vector<Problem>& problems,
                                std::vector<std::string>& notes) {
  std::vector<Setting> settings;
  std::set<absl::string_view> seen;
  for (const auto& [variable, text] : environment) {
    if (!absl::StartsWith(variable, kPrefix)) continue;
    const Source source = FindSource(variable);
    if (source.option == nullptr) {
      const std::string nearest = NearlyAnOption(variable);
      if (absl::StrContains(variable.substr(kPrefix.size()), "__")) {
        problems.push_back({variable, KeyOf(variable), UnknownKeyMessage(KeyOf(variable))});
      } else if (!nearest.empty()) {
        notes.push_back(absl::StrCat(variable, " is not an option; did you mean ", nearest, "?"));
      }
      continue;
    }
    if (!seen.insert(source.option->key).second) {
      problems.push_back(
          {variable, std::string(source.option->key), "is given both as a value and as a file"});
      continue;
    }
    if (auto setting = Read(variable, text, source, problems)) {
      settings.push_back(*std::move(setting));
    }
  }
  return settings;
}

}  // namespace nexus::config

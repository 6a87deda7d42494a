#include "config/loader.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "config/field_text.h"
#include "config/key_lookup.h"
#include "config/option_table.h"
#include "config/token_files.h"
#include "config/validate.h"
#include "config/yaml_file.h"
#include "nexus/core/errors.h"

namespace nexus::config {
namespace {

namespace fs = std::filesystem;

// Walks a file's tree down to options.
class FileWalk {
 public:
  FileWalk(const std::string& path, std::vector<Setting>& settings, std::vector<Problem>& problems)
      : path_(path), settings_(settings), problems_(problems) {}

  void Section(const std::string& prefix, const ConfigValue& value) {
    if (value.kind == ConfigValue::Kind::kNull) return;  // a heading with nothing under it
    if (value.kind != ConfigValue::Kind::kMap) {
      Complain(value, prefix, absl::StrCat("must be a map; it is ", KindName(value)));
      return;
    }
    std::set<std::string> seen;
    for (const auto& [name, inner] : value.entries) {
      const std::string key = prefix.empty() ? name : absl::StrCat(prefix, ".", name);
      if (!seen.insert(name).second) {
        Complain(inner, key, "is there twice");
      } else if (FindOption(key) != nullptr) {
        settings_.push_back({key, inner, At(inner)});
      } else if (IsSection(key)) {
        Section(key, inner);
      } else {
        Complain(inner, key, UnknownKeyMessage(key));
      }
    }
  }

 private:
  std::string At(const ConfigValue& value) const { return absl::StrCat(path_, ":", value.line); }
  void Complain(const ConfigValue& value, const std::string& key, std::string message) {
    problems_.push_back({At(value), key, std::move(message)});
  }

  const std::string path_;
  std::vector<Setting>& settings_;
  std::vector<Problem>& problems_;
};

void ReadFile(const std::string& path, std::vector<Setting>& settings,
              std::vector<Problem>& problems) {
  const absl::StatusOr<std::string> text = ReadSmallFile(path);
  if (!text.ok()) {
    problems.push_back({path, "", std::string(text.status().message())});
    return;
  }
  ConfigValue root;
  YamlFault fault;
  if (!ParseYaml(*text, root, fault)) {
    const std::string at = fault.line > 0 ? absl::StrCat(path, ":", fault.line) : path;
    problems.push_back({at, "", fault.message});
    return;
  }
  FileWalk(path, settings, problems).Section("", root);
}

// The files that `path` stands for: itself, or those in it.
std::vector<std::string> Expand(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".yaml") files.push_back(it->path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> FilesOf(const LoadInput& input) {
  std::vector<std::string> files;
  for (const std::string& path : input.files) {
    for (std::string& file : Expand(path)) files.push_back(std::move(file));
  }
  if (!input.files.empty()) return files;
  for (const std::string& path : input.default_files) {
    std::error_code error;
    if (!fs::exists(path, error)) continue;
    for (std::string& file : Expand(path)) files.push_back(std::move(file));
  }
  return files;
}

void ReadFlags(const std::vector<FlagValue>& flags, std::vector<Setting>& settings,
               std::vector<Problem>& problems) {
  for (const FlagValue& flag : flags) {
    const Option* option = FindOption(flag.key);
    if (option == nullptr) {
      problems.push_back({flag.flag, flag.key, UnknownKeyMessage(flag.key)});
      continue;
    }
    Setting setting{flag.key, {}, flag.flag};
    std::string message;
    if (ValueOfText(*option, flag.text, setting.value, message)) {
      settings.push_back(std::move(setting));
    } else {
      problems.push_back({flag.flag, flag.key, message});
    }
  }
}

absl::Status Invalid(const std::vector<Problem>& problems) {
  ErrorDetails details;
  details.reason = ErrorReason::kConfigurationInvalid;
  std::string message = "the configuration is not valid";
  for (const Problem& problem : problems) {
    Violation violation;
    violation.field = problem.key;
    violation.pointer = problem.where;
    violation.message = problem.message;
    absl::StrAppend(&message, "\n", problem.where, ": ", problem.key,
                    problem.key.empty() ? "" : ": ", problem.message);
    details.violations.push_back(std::move(violation));
  }
  return MakeError(message, details);
}

}  // namespace

absl::StatusOr<LoadedConfig> Load(const LoadInput& input) {
  LoadedConfig loaded;
  std::vector<Problem> problems;
  std::vector<Setting> settings;  // weakest first
  for (const Option& option : AllOptions()) loaded.sources[std::string(option.key)] = "default";

  loaded.files = FilesOf(input);
  for (const std::string& file : loaded.files) ReadFile(file, settings, problems);
  for (Setting& setting : SettingsOf(input.environment, problems, loaded.notes)) {
    settings.push_back(std::move(setting));
  }
  ReadFlags(input.flags, settings, problems);

  for (const Setting& setting : settings) {
    const size_t before = problems.size();
    ApplySetting(*FindOption(setting.key), setting, loaded.config, problems);
    if (problems.size() == before) loaded.sources[setting.key] = setting.where;
  }
  // What is read or compared only makes sense of values that were understood.
  if (problems.empty()) ReadTokenFiles(loaded.sources, loaded.config, problems);
  if (problems.empty()) Validate(loaded.sources, loaded.config, problems);
  if (!problems.empty()) return Invalid(problems);
  return loaded;
}

std::vector<std::string> DefaultFiles() { return {"/etc/nexus/nexusd.yaml", "/etc/nexus/conf.d"}; }

}  // namespace nexus::config

#include "policy/opa_case.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/json_text.h"

namespace nexus::policy {
namespace {

// A plain scalar is what it looks like; a quoted one is text.
std::string ScalarJson(const YAML::Node& node) {
  const std::string text = node.Scalar();
  if (node.Tag() == "!") return JsonString(text);
  if (text == "true" || text == "false" || text == "null") return text;
  if (text == "~" || text.empty()) return "null";
  double number = 0;
  const bool digit = text[0] == '-' || (text[0] >= '0' && text[0] <= '9');
  return digit && absl::SimpleAtod(text, &number) ? text : JsonString(text);
}

std::string ToJson(const YAML::Node& node) {
  if (node.IsScalar()) return ScalarJson(node);
  if (node.IsSequence()) {
    std::string json = "[";
    for (const auto& item : node) absl::StrAppend(&json, json.size() > 1 ? "," : "", ToJson(item));
    return json + "]";
  }
  if (!node.IsMap()) return "null";
  std::string json = "{";
  for (const auto& member : node) {
    absl::StrAppend(&json, json.size() > 1 ? "," : "", JsonString(member.first.Scalar()), ":",
                    ToJson(member.second));
  }
  return json + "}";
}

OpaCase ReadCase(const YAML::Node& node) {
  OpaCase read;
  read.note = node["note"].as<std::string>();
  read.query = node["query"].as<std::string>();
  for (const auto& module : node["modules"]) read.modules.push_back(module.as<std::string>());
  if (node["data"]) read.data_json = ToJson(node["data"]);
  if (node["input"]) read.input_json = ToJson(node["input"]);
  if (node["input_term"]) read.skip = "input is not JSON";
  if (node["env"]) read.skip = "reads the environment";
  if (node["experimental_keywords"]) read.skip = "experimental language";
  read.want_error =
      static_cast<bool>(node["want_error"]) || static_cast<bool>(node["want_error_code"]);
  if (node["want_result"]) {
    const auto want = ParseRegoValue(ToJson(node["want_result"]));
    if (want.ok()) {
      read.want = *want;
    } else {
      read.skip = "result is not JSON";
    }
  } else if (!read.want_error) {
    read.skip = "wants no result";
  }
  return read;
}

}  // namespace

std::vector<OpaCase> ReadOpaCases(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<OpaCase> cases;
  for (const std::string& path : paths) {
    for (const YAML::Node& document : YAML::LoadAllFromFile(path)) {
      for (const auto& node : document["cases"]) cases.push_back(ReadCase(node));
    }
  }
  return cases;
}

}  // namespace nexus::policy

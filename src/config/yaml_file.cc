#include "config/yaml_file.h"

#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::config {
namespace {

// No option nests deeper than this; aliases could otherwise make a small text large.
constexpr int kDepthMax = 16;
constexpr size_t kNodesMax = 100'000;

// False if it nests too deep or has too many nodes.
bool Convert(const YAML::Node& node, int depth, size_t& nodes, ConfigValue& value) {
  if (depth > kDepthMax || ++nodes > kNodesMax) return false;
  value.line = node.Mark().line + 1;
  if (node.IsScalar()) {
    value.kind = ConfigValue::Kind::kScalar;
    value.text = node.Scalar();
  } else if (node.IsSequence()) {
    value.kind = ConfigValue::Kind::kList;
    for (const auto& item : node) {
      if (!Convert(item, depth + 1, nodes, value.items.emplace_back())) return false;
    }
  } else if (node.IsMap()) {
    value.kind = ConfigValue::Kind::kMap;
    for (const auto& entry : node) {
      std::string name = entry.first.IsScalar() ? entry.first.Scalar() : std::string("?");
      value.entries.push_back({std::move(name), {}});
      ConfigValue& inner = value.entries.back().value;
      if (!Convert(entry.second, depth + 1, nodes, inner)) return false;
      inner.line = entry.first.Mark().line + 1;  // where the key stands
    }
  }
  return true;
}

}  // namespace

bool ParseYaml(absl::string_view text, ConfigValue& value, YamlFault& fault) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      fault = {documents[1].Mark().line + 1, "there is a second document; one is expected"};
      return false;
    }
    size_t nodes = 0;
    value = ConfigValue();
    if (documents.empty() || Convert(documents[0], 0, nodes, value)) return true;
    fault = {0, "it nests too deep or expands to too much"};
  } catch (const YAML::Exception& error) {
    fault = {error.mark.line + 1, absl::StrCat("it is no YAML: ", error.msg)};
  } catch (const std::exception& error) {
    fault = {0, absl::StrCat("it is no YAML: ", error.what())};
  }
  return false;
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kConfigFileBytesMax + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  // A whole file ends before the text is full. A folder can be opened, but not read.
  if (!file.eof() && !file.good()) {
    return MakeError(ErrorReason::kConfigurationInvalid,
                     absl::StrCat("it cannot be read: ", std::strerror(errno)));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kConfigFileBytesMax) {
    return MakeError(ErrorReason::kConfigurationInvalid,
                     absl::StrCat("it is larger than ", kConfigFileBytesMax, " bytes"));
  }
  return text;
}

}  // namespace nexus::config

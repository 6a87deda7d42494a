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

class TooLarge : public std::exception {};

ConfigValue Convert(const YAML::Node& node, int depth, size_t& nodes) {
  if (depth > kDepthMax || ++nodes > kNodesMax) throw TooLarge();
  ConfigValue value;
  value.line = node.Mark().line + 1;
  if (node.IsScalar()) {
    value.kind = ConfigValue::Kind::kScalar;
    value.text = node.Scalar();
  } else if (node.IsSequence()) {
    value.kind = ConfigValue::Kind::kList;
    for (const auto& item : node) value.items.push_back(Convert(item, depth + 1, nodes));
  } else if (node.IsMap()) {
    value.kind = ConfigValue::Kind::kMap;
    for (const auto& entry : node) {
      ConfigValue inner = Convert(entry.second, depth + 1, nodes);
      inner.line = entry.first.Mark().line + 1;  // where the key stands
      std::string name = entry.first.IsScalar() ? entry.first.Scalar() : std::string("?");
      value.entries.push_back({std::move(name), std::move(inner)});
    }
  }
  return value;
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
    value = documents.empty() ? ConfigValue() : Convert(documents[0], 0, nodes);
    return true;
  } catch (const TooLarge&) {
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

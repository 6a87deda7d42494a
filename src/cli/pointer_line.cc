#include "cli/pointer_line.h"

#include <yaml-cpp/yaml.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace nexus::cli {
namespace {

// The line of the key where there is one: a value may begin further down.
bool Step(YAML::Node& now, const std::string& key, int& line) {
  if (now.IsMap()) {
    for (const auto& member : now) {
      if (!member.first.IsScalar() || member.first.Scalar() != key) continue;
      line = member.first.Mark().line;
      now.reset(member.second);
      return true;
    }
  }
  size_t index = 0;
  if (!now.IsSequence() || !absl::SimpleAtoi(key, &index) || index >= now.size()) return false;
  now.reset(now[index]);
  line = now.Mark().line;
  return true;
}

}  // namespace

uint64_t LineOfPointer(const std::string& json, absl::string_view pointer) {
  // JSON is YAML, near enough for places; yaml-cpp throws, and that ends here.
  try {
    YAML::Node now = YAML::Load(json);
    int line = now.Mark().line;
    for (const absl::string_view part : absl::StrSplit(pointer, '/')) {
      if (part.empty()) continue;  // before the first '/'
      if (!Step(now, absl::StrReplaceAll(part, {{"~1", "/"}, {"~0", "~"}}), line)) break;
    }
    return line < 0 ? 0 : static_cast<uint64_t>(line) + 1;
  } catch (const YAML::Exception&) {
    return 0;
  }
}

}  // namespace nexus::cli

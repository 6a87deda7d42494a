#include "cli/yaml_json.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "nexus/core/json_text.h"

namespace nexus::cli {
namespace {

constexpr int kDepthMax = 64;
// Aliases can make much of little.
constexpr size_t kJsonBytesMax = 256 << 10;
constexpr absl::string_view kCoreTag = "tag:yaml.org,2002:";

uint64_t LineOfMark(const YAML::Mark& mark) {
  return mark.is_null() ? 0 : static_cast<uint64_t>(mark.line) + 1;
}

// Takes digits off the front; how many there were.
size_t TakeDigits(absl::string_view& text) {
  size_t count = 0;
  while (count < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[count]))) {
    ++count;
  }
  text.remove_prefix(count);
  return count;
}

bool IsJsonNumber(absl::string_view text) {
  absl::ConsumePrefix(&text, "-");
  const absl::string_view whole = text;
  const size_t digits = TakeDigits(text);
  if (digits == 0 || (digits > 1 && whole[0] == '0')) return false;
  if (absl::ConsumePrefix(&text, ".") && TakeDigits(text) == 0) return false;
  if (absl::ConsumePrefix(&text, "e") || absl::ConsumePrefix(&text, "E")) {
    if (!absl::ConsumePrefix(&text, "-")) absl::ConsumePrefix(&text, "+");
    if (TakeDigits(text) == 0) return false;
  }
  return text.empty();
}

// What some reader of YAML takes for a number, though JSON does not write it so.
bool LooksLikeNumber(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "-")) absl::ConsumePrefix(&text, "+");
  const std::string lower = absl::AsciiStrToLower(text);
  if (lower == ".inf" || lower == ".nan") return true;
  if (absl::StartsWith(lower, "0x") || absl::StartsWith(lower, "0o")) {
    return lower.size() > 2 && std::all_of(lower.begin() + 2, lower.end(),
                                           [](unsigned char c) { return absl::ascii_isxdigit(c); });
  }
  const size_t before = TakeDigits(text);
  size_t after = 0;
  if (absl::ConsumePrefix(&text, ".")) after = TakeDigits(text);
  if (before + after == 0) return false;
  if (absl::ConsumePrefix(&text, "e") || absl::ConsumePrefix(&text, "E")) {
    if (!absl::ConsumePrefix(&text, "-")) absl::ConsumePrefix(&text, "+");
    if (TakeDigits(text) == 0) return false;
  }
  return text.empty();
}

class Writer {
 public:
  Writer(YamlDocument& document, std::vector<YamlFault>& faults)
      : document_(document), faults_(faults) {}

  // False: it is no use to go on.
  bool Write(const YAML::Node& node, const std::string& pointer, int depth) {
    document_.lines.emplace(pointer, LineOfMark(node.Mark()));
    if (depth > kDepthMax) return Fail(node, absl::StrCat("nests deeper than ", kDepthMax));
    if (document_.json.size() > kJsonBytesMax) return Fail(node, "is over 256 KiB as JSON");
    switch (node.Type()) {
      case YAML::NodeType::Map:
        return WriteMap(node, pointer, depth);
      case YAML::NodeType::Sequence:
        return WriteList(node, pointer, depth);
      case YAML::NodeType::Scalar:
        return WriteScalar(node);
      case YAML::NodeType::Null:
      case YAML::NodeType::Undefined:
        break;
    }
    document_.json.append("null");
    return true;
  }

 private:
  bool Fail(const YAML::Node& node, std::string message) {
    faults_.push_back({LineOfMark(node.Mark()), std::move(message)});
    return false;
  }

  bool CheckTag(const YAML::Node& node, absl::string_view known) {
    const std::string& tag = node.Tag();
    if (tag.empty() || tag == "?" || tag == "!" || tag == absl::StrCat(kCoreTag, known)) {
      return true;
    }
    return Fail(node, absl::StrCat("the tag ", tag, " is not known here"));
  }

  bool WriteMap(const YAML::Node& node, const std::string& pointer, int depth) {
    if (!CheckTag(node, "map")) return false;
    std::set<std::string> seen;
    document_.json.push_back('{');
    for (const auto& member : node) {
      if (!member.first.IsScalar()) return Fail(member.first, "a key is text");
      const std::string& key = member.first.Scalar();
      if (key == "<<") return Fail(member.first, "merge keys (<<) are not known here");
      if (!seen.insert(key).second) return Fail(member.first, absl::StrCat(key, " is there twice"));
      if (seen.size() > 1) document_.json.push_back(',');
      AppendJsonString(document_.json, key);
      document_.json.push_back(':');
      const std::string place =
          absl::StrCat(pointer, "/", absl::StrReplaceAll(key, {{"~", "~0"}, {"/", "~1"}}));
      // The line of the key is what a reader looks for.
      document_.lines.emplace(place, LineOfMark(member.first.Mark()));
      if (!Write(member.second, place, depth + 1)) return false;
    }
    document_.json.push_back('}');
    return true;
  }

  bool WriteList(const YAML::Node& node, const std::string& pointer, int depth) {
    if (!CheckTag(node, "seq")) return false;
    document_.json.push_back('[');
    for (size_t i = 0; i < node.size(); ++i) {
      if (i > 0) document_.json.push_back(',');
      if (!Write(node[i], absl::StrCat(pointer, "/", i), depth + 1)) return false;
    }
    document_.json.push_back(']');
    return true;
  }

  bool WriteScalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    const std::string& tag = node.Tag();
    if (tag == "!" || tag == absl::StrCat(kCoreTag, "str")) {
      AppendJsonString(document_.json, text);
      return true;
    }
    if (!tag.empty() && tag != "?") return CheckTag(node, "str");
    if (IsJsonNumber(text)) {
      document_.json.append(text);
    } else if (text == "true" || text == "True" || text == "TRUE") {
      document_.json.append("true");
    } else if (text == "false" || text == "False" || text == "FALSE") {
      document_.json.append("false");
    } else if (text == "~" || text == "null" || text == "Null" || text == "NULL") {
      document_.json.append("null");
    } else if (LooksLikeNumber(text)) {
      return Fail(node, absl::StrCat("'", text,
                                     "' is no number of JSON: write it as one, or in "
                                     "quotes if it is text"));
    } else {
      AppendJsonString(document_.json, text);
    }
    return true;
  }

  YamlDocument& document_;
  std::vector<YamlFault>& faults_;
};

}  // namespace

uint64_t YamlDocument::LineOf(absl::string_view pointer) const {
  std::string place(pointer);
  while (true) {
    if (const auto found = lines.find(place); found != lines.end()) return found->second;
    const size_t cut = place.rfind('/');
    if (cut == std::string::npos) return 0;
    place.resize(cut);
  }
}

std::vector<YamlDocument> ReadYaml(const std::string& text, std::vector<YamlFault>& faults) {
  std::vector<YamlDocument> documents;
  try {
    for (const YAML::Node& root : YAML::LoadAll(text)) {
      if (!root.IsDefined() || root.IsNull()) continue;
      YamlDocument& document = documents.emplace_back();
      Writer(document, faults).Write(root, "", 0);
    }
  } catch (const YAML::Exception& bad) {
    faults.push_back({LineOfMark(bad.mark), absl::StrCat("is not YAML: ", bad.msg)});
  }
  return documents;
}

}  // namespace nexus::cli

#include "config/field_text.h"

#include <cmath>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "config/yaml_file.h"

namespace nexus::config {
namespace {

using Kind = ConfigValue::Kind;

// Puts one value into one field; keeps the first fault.
class Applier {
 public:
  Applier(const Option& option, const Setting& setting, std::vector<Problem>& problems)
      : option_(option), setting_(setting), problems_(problems) {}

  void operator()(std::string* field) {
    std::string text;
    if (!Text(setting_.value, option_.key, text)) return;
    if (!option_.choices.empty() && !IsChoice(text)) {
      Complain(
          setting_.value, option_.key,
          absl::StrCat("must be one of ", absl::StrJoin(Choices(), ", "), "; it is '", text, "'"));
      return;
    }
    *field = std::move(text);
  }

  void operator()(uint64_t* field) {
    std::string text;
    uint64_t number = 0;
    if (!Text(setting_.value, option_.key, text)) return;
    if (!absl::SimpleAtoi(text, &number) || text[0] == '+') {
      Complain(setting_.value, option_.key,
               absl::StrCat("must be a whole number", Unit(), "; it is '", text, "'"));
    } else if (InRange(static_cast<double>(number), setting_.value, option_.key, text)) {
      *field = number;
    }
  }

  void operator()(double* field) { Number(setting_.value, option_.key, *field); }

  void operator()(bool* field) {
    std::string text;
    if (!Text(setting_.value, option_.key, text)) return;
    if (text != "true" && text != "false") {
      Complain(setting_.value, option_.key,
               absl::StrCat("must be true or false; it is '", text, "'"));
      return;
    }
    *field = text == "true";
  }

  void operator()(std::vector<std::string>* field) {
    std::vector<std::string> list;
    if (Texts(setting_.value, option_.key, list)) *field = std::move(list);
  }

  void operator()(std::map<std::string, std::string>* field) {
    std::map<std::string, std::string> map;
    if (!Is(setting_.value, Kind::kMap, option_.key, "a map")) return;
    for (const auto& [name, value] : setting_.value.entries) {
      std::string text;
      if (!Text(value, absl::StrCat(option_.key, ".", name), text)) return;
      if (Fresh(map, name, value)) map[name] = std::move(text);
    }
    *field = std::move(map);
  }

  void operator()(std::map<std::string, double>* field) {
    std::map<std::string, double> map;
    if (!Is(setting_.value, Kind::kMap, option_.key, "a map")) return;
    for (const auto& [name, value] : setting_.value.entries) {
      double number = 0;
      if (!Number(value, absl::StrCat(option_.key, ".", name), number)) return;
      if (Fresh(map, name, value)) map[name] = number;
    }
    *field = std::move(map);
  }

  void operator()(std::vector<TokenConfig>* field) {
    std::vector<TokenConfig> tokens;
    if (!Is(setting_.value, Kind::kList, option_.key, "a list")) return;
    for (const ConfigValue& item : setting_.value.items) {
      TokenConfig token;
      if (!Token(item, absl::StrCat(option_.key, "[", tokens.size(), "]"), token)) return;
      tokens.push_back(std::move(token));
    }
    *field = std::move(tokens);
  }

 private:
  void Complain(const ConfigValue& value, absl::string_view key, std::string message) {
    // A file names its lines after the colon; the value may stand on a later one than its key.
    std::string where = setting_.where;
    if (value.line > 0 && setting_.value.line > 0) {
      where = absl::StrCat(where.substr(0, where.rfind(':')), ":", value.line);
    }
    problems_.push_back({std::move(where), std::string(key), std::move(message)});
  }

  bool Is(const ConfigValue& value, Kind kind, absl::string_view key, absl::string_view wanted) {
    if (value.kind == kind) return true;
    Complain(value, key, absl::StrCat("must be ", wanted, "; it is ", KindName(value)));
    return false;
  }

  bool Text(const ConfigValue& value, absl::string_view key, std::string& text) {
    if (!Is(value, Kind::kScalar, key, TypeWanted())) return false;
    text = value.text;
    return true;
  }

  bool Texts(const ConfigValue& value, absl::string_view key, std::vector<std::string>& list) {
    if (!Is(value, Kind::kList, key, "a list")) return false;
    for (const ConfigValue& item : value.items) {
      const std::string at = absl::StrCat(key, "[", list.size(), "]");
      if (!Text(item, at, list.emplace_back())) return false;
    }
    return true;
  }

  bool Number(const ConfigValue& value, absl::string_view key, double& out) {
    std::string text;
    double number = 0;
    if (!Text(value, key, text)) return false;
    if (!absl::SimpleAtod(text, &number) || !std::isfinite(number)) {
      Complain(value, key, absl::StrCat("must be a number; it is '", text, "'"));
      return false;
    }
    if (!InRange(number, value, key, text)) return false;
    out = number;
    return true;
  }

  bool InRange(double number, const ConfigValue& value, absl::string_view key,
               absl::string_view text) {
    if (number >= option_.min && number <= option_.max) return true;
    Complain(value, key,
             absl::StrFormat("must be from %.16g to %.16g%s; it is %s", option_.min, option_.max,
                             Unit(), text));
    return false;
  }

  template <typename Map>
  bool Fresh(const Map& map, const std::string& name, const ConfigValue& value) {
    if (map.find(name) == map.end()) return true;
    Complain(value, absl::StrCat(option_.key, ".", name), "is there twice");
    return false;
  }

  bool Token(const ConfigValue& item, const std::string& key, TokenConfig& token) {
    if (!Is(item, Kind::kMap, key, "a map")) return false;
    for (const auto& [name, value] : item.entries) {
      const std::string inner = absl::StrCat(key, ".", name);
      if (name == "roles") {
        if (!Texts(value, inner, token.roles)) return false;
        continue;
      }
      std::string* field = name == "principal"    ? &token.principal
                           : name == "token"      ? &token.token
                           : name == "token_file" ? &token.token_file
                                                  : nullptr;
      if (field == nullptr) {
        Complain(value, inner, "unknown key; there are principal, token, token_file and roles");
        return false;
      }
      if (!Text(value, inner, *field)) return false;
    }
    return true;
  }

  std::string Unit() const {
    return option_.unit.empty() ? "" : absl::StrCat(" (", option_.unit, ")");
  }
  absl::string_view TypeWanted() const {
    const absl::string_view type = TypeName(option_);
    return type == "integer" ? "a whole number" : type == "boolean" ? "true or false" : "text";
  }
  std::vector<std::string> Choices() const { return absl::StrSplit(option_.choices, '|'); }
  bool IsChoice(const std::string& text) const {
    for (const std::string& choice : Choices()) {
      if (choice == text) return true;
    }
    return false;
  }

  const Option& option_;
  const Setting& setting_;
  std::vector<Problem>& problems_;
};

}  // namespace

void ApplySetting(const Option& option, const Setting& setting, NexusConfig& config,
                  std::vector<Problem>& problems) {
  std::visit(Applier(option, setting, problems), option.field(config));
}

bool ValueOfText(const Option& option, absl::string_view text, ConfigValue& value,
                 std::string& message) {
  const absl::string_view type = TypeName(option);
  const bool is_list = type == "list of text";
  const bool is_map = type == "map of text" || type == "map of numbers";
  if (!is_list && !is_map && type != "list of tokens") {
    value = ConfigValue::Scalar(text);
    return true;
  }
  const size_t first = text.find_first_not_of(" \t\r\n");
  const bool is_yaml = first != absl::string_view::npos &&
                       (text[first] == '[' || text[first] == '{' || text[first] == '-');
  if (is_yaml || type == "list of tokens") {
    YamlFault fault;
    if (ParseYaml(text, value, fault)) {
      if (value.kind == Kind::kNull) value.kind = Kind::kList;  // "" is an empty list of tokens
      value.line = 0;                                           // the lines are not those of a file
      return true;
    }
    message = fault.message;
    return false;
  }
  value.kind = is_list ? Kind::kList : Kind::kMap;
  for (absl::string_view part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    if (is_list) {
      value.items.push_back(ConfigValue::Scalar(part));
      continue;
    }
    const std::pair<std::string, std::string> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    value.entries.push_back({pair.first, ConfigValue::Scalar(pair.second)});
  }
  return true;
}

}  // namespace nexus::config

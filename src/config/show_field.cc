#include "config/show_field.h"

#include <map>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "nexus/core/json_text.h"

namespace nexus::config {
namespace {

constexpr absl::string_view kStars = "***";

std::string ShowTexts(const std::vector<std::string>& list) {
  return absl::StrCat("[",
                      absl::StrJoin(list, ", ",
                                    [](std::string* out, const std::string& text) {
                                      absl::StrAppend(out, JsonString(text));
                                    }),
                      "]");
}

struct Shower {
  bool starred;

  std::string operator()(const std::string* field) const {
    return JsonString(starred && !field->empty() ? kStars : absl::string_view(*field));
  }
  std::string operator()(const uint64_t* field) const { return absl::StrCat(*field); }
  std::string operator()(const double* field) const { return absl::StrFormat("%.15g", *field); }
  std::string operator()(const bool* field) const { return *field ? "true" : "false"; }
  std::string operator()(const std::vector<std::string>* field) const { return ShowTexts(*field); }
  std::string operator()(const std::map<std::string, std::string>* field) const {
    return Map(*field, [this](const std::string& text) {
      return JsonString(starred ? kStars : absl::string_view(text));
    });
  }
  std::string operator()(const std::map<std::string, double>* field) const {
    return Map(*field, [](double number) { return absl::StrFormat("%.15g", number); });
  }
  std::string operator()(const std::vector<TokenConfig>* field) const {
    std::vector<std::string> shown;
    for (const TokenConfig& token : *field) {
      std::string text = absl::StrCat("{\"principal\": ", JsonString(token.principal));
      if (!token.token_file.empty()) {
        absl::StrAppend(&text, ", \"token_file\": ", JsonString(token.token_file));
      } else {
        absl::StrAppend(
            &text, ", \"token\": ", JsonString(starred ? kStars : absl::string_view(token.token)));
      }
      shown.push_back(absl::StrCat(text, ", \"roles\": ", ShowTexts(token.roles), "}"));
    }
    return absl::StrCat("[", absl::StrJoin(shown, ", "), "]");
  }

  template <typename Value, typename Show>
  static std::string Map(const std::map<std::string, Value>& map, Show show) {
    std::vector<std::string> shown;
    shown.reserve(map.size());
    for (const auto& [name, value] : map) {
      shown.push_back(absl::StrCat(JsonString(name), ": ", show(value)));
    }
    return absl::StrCat("{", absl::StrJoin(shown, ", "), "}");
  }
};

}  // namespace

std::string ShowField(const Option& option, const NexusConfig& config, bool reveal) {
  NexusConfig copy = config;  // the table gives fields that can be written
  return std::visit(Shower{option.secret && !reveal}, option.field(copy));
}

}  // namespace nexus::config

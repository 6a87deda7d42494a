// Finding options in the table, and what their values are.

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "config/option_table.h"

namespace nexus::config {
namespace {

struct TypeNameOf {
  absl::string_view operator()(std::string*) const { return "text"; }
  absl::string_view operator()(uint64_t*) const { return "integer"; }
  absl::string_view operator()(double*) const { return "number"; }
  absl::string_view operator()(bool*) const { return "boolean"; }
  absl::string_view operator()(std::vector<std::string>*) const { return "list of text"; }
  absl::string_view operator()(std::map<std::string, std::string>*) const { return "map of text"; }
  absl::string_view operator()(std::map<std::string, double>*) const { return "map of numbers"; }
  absl::string_view operator()(std::vector<TokenConfig>*) const { return "list of tokens"; }
};

}  // namespace

const Option* FindOption(absl::string_view key) {
  for (const Option& option : AllOptions()) {
    if (option.key == key) return &option;
  }
  return nullptr;
}

bool IsSection(absl::string_view prefix) {
  for (const Option& option : AllOptions()) {
    if (absl::StartsWith(option.key, absl::StrCat(prefix, "."))) return true;
  }
  return false;
}

absl::string_view TypeName(const Option& option) {
  NexusConfig config;
  return std::visit(TypeNameOf{}, option.field(config));
}

}  // namespace nexus::config

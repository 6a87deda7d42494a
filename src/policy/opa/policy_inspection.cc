#include "policy/opa/policy_inspection.h"

#include <simdjson.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/opa/opa_output.h"

namespace nexus::policy {
namespace {

using simdjson::dom::element;

absl::Status Unknown(absl::string_view command, absl::string_view said) {
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat("`opa ", command, "` said something unknown: ", said));
}

// A reference as OPA writes it, up to its first part that is not a plain key: "data.nexus.x".
std::string Reference(element parts) {
  std::string path;
  simdjson::dom::array list;
  if (parts.get(list) != simdjson::SUCCESS) return path;
  for (const element part : list) {
    std::string_view text;
    if (part["value"].get(text) != simdjson::SUCCESS) break;
    absl::StrAppend(&path, path.empty() ? "" : ".", absl::string_view(text.data(), text.size()));
  }
  return path;
}

}  // namespace

absl::Status PolicyInspection::Read() {
  NEXUS_ASSIGN_OR_RETURN(const std::string said,
                         RunOpa({opa_, {"inspect", "-a", "-f", "json", "."}, folder_}));
  simdjson::dom::parser parser;
  element document;
  simdjson::dom::object packages;
  if (parser.parse(said).get(document) != simdjson::SUCCESS ||
      document["namespaces"].get(packages) != simdjson::SUCCESS) {
    return Unknown("inspect", said);
  }
  for (const auto& [package, files] : packages) {
    absl::string_view operation(package.data(), package.size());
    if (absl::ConsumePrefix(&operation, "data.nexus.") && !absl::StrContains(operation, '.')) {
      packages_.emplace_back(operation);
    }
  }
  std::sort(packages_.begin(), packages_.end());
  element annotations;
  if (document["annotations"].get(annotations) != simdjson::SUCCESS) return absl::OkStatus();
  NEXUS_ASSIGN_OR_RETURN(rules_, ReadRuleAnnotations(annotations));
  return absl::OkStatus();
}

absl::StatusOr<bool> PolicyInspection::Decides(const std::string& operation) const {
  const std::string decision = absl::StrCat("data.nexus.", operation, ".decision");
  NEXUS_ASSIGN_OR_RETURN(const std::string said,
                         RunOpa({opa_, {"deps", "-d", ".", "-f", "json", decision}, folder_}));
  simdjson::dom::parser parser;
  element document;
  if (parser.parse(said).get(document) != simdjson::SUCCESS) return Unknown("deps", said);
  simdjson::dom::array rules;
  if (document["virtual"].get(rules) != simdjson::SUCCESS) return false;
  for (const element rule : rules) {
    if (Reference(rule) == decision) return true;
  }
  return false;
}

absl::StatusOr<std::shared_ptr<const RuleModes>> PolicyInspection::Enforcement() const {
  NEXUS_ASSIGN_OR_RETURN(
      const std::string said,
      RunOpa({opa_, {"eval", "-f", "raw", "-d", ".", "data.nexus.enforcement"}, folder_}));
  const absl::string_view value = absl::StripAsciiWhitespace(said);
  if (value.empty()) return nullptr;  // undefined
  simdjson::dom::parser parser;
  element document;
  if (parser.parse(value.data(), value.size()).get(document) != simdjson::SUCCESS) {
    return Unknown("eval", said);
  }
  NEXUS_ASSIGN_OR_RETURN(std::shared_ptr<const RuleModes> modes, ReadEnforcement(document));
  NEXUS_RETURN_IF_ERROR(CheckRulesAreKnown(modes.get(), rules_));
  return modes;
}

}  // namespace nexus::policy

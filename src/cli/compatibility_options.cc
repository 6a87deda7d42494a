#include "cli/compatibility_options.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"

namespace nexus::cli {

void AddRuleOptions(CLI::App* command, RuleOptions& options) {
  command->add_option("--mode", options.mode, "NONE, BACKWARD, FORWARD, FULL; _TRANSITIVE")
      ->type_name("MODE");
  AddPolicyOptions(command, options);
}

void AddPolicyOptions(CLI::App* command, RuleOptions& options) {
  command->add_option("--policy", options.policy, "NEXUS, STRICT or LENIENT")->type_name("POLICY");
  command->add_option("--flag", options.flags, "Of the policy NEXUS, as NAME=true or NAME=false")
      ->type_name("FLAG");
}

absl::Status ReadRules(const RuleOptions& options, CompatibilityRules& rules) {
  if (!options.mode.empty() &&
      !ParseCompatibilityMode(absl::AsciiStrToUpper(options.mode), rules.mode)) {
    return UsageError(
        absl::StrCat("--mode is NONE, or BACKWARD, FORWARD or FULL, alone or with "
                     "_TRANSITIVE, not \"",
                     options.mode, "\""));
  }
  if (!options.policy.empty() &&
      !ParseCompatibilityPolicy(absl::AsciiStrToUpper(options.policy), rules.policy)) {
    return UsageError(
        absl::StrCat("--policy is NEXUS, STRICT or LENIENT, not \"", options.policy, "\""));
  }
  for (const std::string& text : options.flags) {
    const size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
    bool* flag = name == "allow_new_fields"      ? &rules.flags.allow_new_fields
                 : name == "require_defaults"    ? &rules.flags.require_defaults
                 : name == "allow_field_removal" ? &rules.flags.allow_field_removal
                 : name == "allow_type_changes"  ? &rules.flags.allow_type_changes
                                                 : nullptr;
    if (flag == nullptr || (value != "true" && value != "false")) {
      return UsageError(
          absl::StrCat("--flag is allow_new_fields, require_defaults, "
                       "allow_field_removal or allow_type_changes with =true or "
                       "=false, not \"",
                       text, "\""));
    }
    *flag = value == "true";
  }
  return absl::OkStatus();
}

}  // namespace nexus::cli

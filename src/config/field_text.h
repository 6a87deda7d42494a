#pragma once

// From what a source says to the field of an option.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "config/config_value.h"
#include "config/option_table.h"

namespace nexus::config {

// Sets the option's field. Where something is wrong, the field keeps its value and a problem is
// added; `setting.where` gets the line of the value if the value has one.
void ApplySetting(const Option& option, const Setting& setting, NexusConfig& config,
                  std::vector<Problem>& problems);

// The value that a single text (an environment variable, a flag) means for the option: lists and
// maps are YAML if they begin with a bracket, else "a,b" and "a=1,b=2". False, and `message`, if it
// is neither.
bool ValueOfText(const Option& option, absl::string_view text, ConfigValue& value,
                 std::string& message);

}  // namespace nexus::config

#include "cli/view_options.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"

namespace nexus::cli {

void AddViewOption(CLI::App& command, std::vector<std::string>& as_version) {
  command
      .add_option("--as-version", as_version,
                  "Data in this version of their schema: latest, N, or TYPE=N")
      ->type_name("VERSION");
}

absl::StatusOr<client::SchemaView> ToView(const std::vector<std::string>& as_version) {
  client::SchemaView view;
  for (const std::string& text : as_version) {
    const size_t equals = text.rfind('=');
    uint32_t version = 0;
    if (text == "latest") {
      view.latest = true;
    } else if (equals == std::string::npos && absl::SimpleAtoi(text, &version)) {
      view.version = version;
    } else if (equals != std::string::npos && equals > 0 &&
               absl::SimpleAtoi(text.substr(equals + 1), &version)) {
      view.versions[text.substr(0, equals)] = version;
    } else {
      return UsageError(absl::StrCat("--as-version is latest, N or TYPE=N, not \"", text, "\""));
    }
  }
  return view;
}

}  // namespace nexus::cli

#pragma once

// The flags of nexusd.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "config/loader.h"

namespace nexus::config {

struct CommandLine {
  enum class Action {
    kRun,
    kCheckConfig,
    kPrintConfig,
    kPrintReference,
    kPrintTemplate,
    kVerify,        // nexusd verify
    kDoctor,        // nexusd doctor
    kRecoverAdmin,  // nexusd recover-admin
    kHelp,
    kVersion
  };

  Action action = Action::kRun;
  bool json = false;
  std::vector<std::string> files = {};  // --config
  std::vector<FlagValue> flags = {};
  std::string help = {};  // the text of --help
  // --accept-data-loss: what is left of a damaged log ends here. No option of the configuration: it
  // must not stay.
  std::optional<uint64_t> accept_data_loss = {};
  bool free_ballast = false;  // of doctor
};

// kInvalidArgument (CONFIGURATION_INVALID) with a sentence for the user: exit code 2.
absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv);

// What to load: NEXUS_CONFIG names files, separated by colons, where there is no --config.
LoadInput InputOf(const CommandLine& line, const Environment& environment);

}  // namespace nexus::config

#include "telemetry/log.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::telemetry {
namespace {

constexpr std::array<absl::string_view, 4> kNames = {"debug", "info", "warning", "error"};

}  // namespace

absl::string_view LevelName(Level level) { return kNames[static_cast<size_t>(level)]; }

absl::StatusOr<Level> ParseLevel(absl::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Level>(i);
  }
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat("no log level is called '", name,
                                "'; there are debug, info, warning and error"));
}

}  // namespace nexus::telemetry

#pragma once

// How nexusd ends; sysexits(3) where it has a word for it.

#include "absl/status/status.h"
#include "nexus/core/errors.h"

namespace nexus::app {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;           // flags or configuration
inline constexpr int kExitDataDamaged = 65;    // restore needed; do not just start again
inline constexpr int kExitStorageFailed = 74;  // a write failed: a start recovers
inline constexpr int kExitDiskFull = 75;       // start again when there is space

inline int ExitCodeOf(const absl::Status& status) {
  switch (ReasonOf(status)) {
    case ErrorReason::kConfigurationInvalid:
    case ErrorReason::kMalformedRequest:
      return kExitUsage;
    case ErrorReason::kDataLoss:
      return kExitDataDamaged;
    case ErrorReason::kDiskFull:
      return kExitDiskFull;
    default:
      return kExitFailed;
  }
}

}  // namespace nexus::app

#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "nexus/core/errors.h"

namespace nexus::sink {

// A fault of the whole sink: kUnavailable.
inline absl::Status Unavailable(absl::string_view message) {
  return MakeError(ErrorReason::kNotReady, message);
}

}  // namespace nexus::sink

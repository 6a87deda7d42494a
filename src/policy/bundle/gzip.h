#pragma once

// gzip in memory. Pure.

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::policy {

// CONFIGURATION_INVALID if it is damaged, cut off, or unpacks to more than `bytes_max`.
absl::StatusOr<std::string> Gunzip(absl::string_view packed, size_t bytes_max);

// Without a time or a name: the same text gives the same bytes.
std::string Gzip(absl::string_view text);

}  // namespace nexus::policy

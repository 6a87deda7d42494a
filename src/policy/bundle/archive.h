#pragma once

// A bundle as one file: tar, compressed by gzip, as `opa build` writes it. Pure.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policy/bundle/policy_file.h"

namespace nexus::policy {

// The regular files in it, in their order; a '/' or './' before a path is dropped.
// CONFIGURATION_INVALID if it is no gzip, no tar, damaged, holds a path that leads out of it, or
// more than `bytes_max` bytes once it is unpacked.
absl::StatusOr<std::vector<PolicyFile>> ReadArchive(absl::string_view tar_gz, size_t bytes_max);

// The same files give the same bytes. CONFIGURATION_INVALID if a path is longer than 100 bytes.
absl::StatusOr<std::string> WriteArchive(const std::vector<PolicyFile>& files);

}  // namespace nexus::policy

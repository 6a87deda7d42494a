#pragma once

// The files that make up policies.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::policy {

struct PolicyFile {
  std::string path;  // relative, with '/'
  std::string content;

  friend bool operator==(const PolicyFile&, const PolicyFile&) = default;
};

// SHA-256, hexadecimal, of paths and contents in order.
std::string PolicyRevision(const std::vector<PolicyFile>& files);

// The whole file at `path`. CONFIGURATION_INVALID if it cannot be read or is larger.
absl::StatusOr<std::string> ReadPolicyFile(const std::string& path, size_t bytes_max);

}  // namespace nexus::policy

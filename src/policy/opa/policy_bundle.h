#pragma once

// The files that a supervised OPA is started with: policies, data, the module that answers batches,
// and a manifest that says which revision they are.
//
// Plain functions; they touch only the folders that they are given.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "policy/bundle/policy_file.h"

namespace nexus::policy {

// Sorted by path: *.rego without *_test.rego, and data.json, data.yaml, data.yml. Files and folders
// whose name begins with a dot are left out. CONFIGURATION_INVALID if the folder cannot be read,
// holds no policy, more than 64 MiB, or a file named like the server's own module.
absl::StatusOr<std::vector<PolicyFile>> ReadPolicyFolder(const std::string& folder);

// The policies that come with the program.
std::vector<PolicyFile> DefaultPolicyFiles();

// Replaces `folder` by a bundle of `files`, the batch module and the manifest.
absl::Status WriteBundle(const std::vector<PolicyFile>& files, const std::string& folder);

}  // namespace nexus::policy

#pragma once

// The policies of a domain's folder: which there are, and how they become a part of what is sent.
// docs/reference/domains.md.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/domain_folder.h"
#include "domain/policy_declaration.h"

namespace nexus::cli {

struct FolderPolicy {
  domain::PolicyDeclaration policy;
  std::string file;   // that declares it, in the folder
  uint64_t line = 0;  // where its folder is named, or it itself
};

// Those that `folder` declares. MALFORMED_REQUEST, with file and line, as the server would say it.
absl::StatusOr<std::vector<FolderPolicy>> PoliciesIn(const DomainFolder& folder);

// Compiles each policy of the folder at `root`, and puts its sources and its bundle into the files
// of `folder`. The same sources give the same. `opa` as --opa; without a policy it is not looked
// for. MALFORMED_REQUEST, with file and line, for rules that do not compile; CONFIGURATION_INVALID
// without `opa`; LIMIT_EXCEEDED if the domain is too large then. Blocks.
absl::Status CompilePolicies(const std::string& root, const std::string& opa, DomainFolder& folder);

}  // namespace nexus::cli

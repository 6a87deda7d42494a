#pragma once

// What OPA finds in a folder of Rego: the operations that it decides, the rules that declare
// themselves, how far they are enforced.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "policy/bundle/rule_table.h"

namespace nexus::policy {

// Asks the program `opa`, some milliseconds a question; each blocks. CONFIGURATION_INVALID, with
// what OPA said.
class PolicyInspection {
 public:
  PolicyInspection(std::string opa, std::string folder)
      : opa_(std::move(opa)), folder_(std::move(folder)) {}

  // Lists packages and annotations; before the others.
  absl::Status Read();

  const RuleTable& rules() const { return rules_; }
  // Packages data.nexus.<operation>, sorted: such with a decision, and helpers.
  const std::vector<std::string>& packages() const { return packages_; }

  // Whether there is a rule data.nexus.<operation>.decision.
  absl::StatusOr<bool> Decides(const std::string& operation) const;

  // data.nexus.enforcement of the folder, checked against the rules.
  absl::StatusOr<std::shared_ptr<const RuleModes>> Enforcement() const;

 private:
  const std::string opa_;
  const std::string folder_;
  RuleTable rules_;
  std::vector<std::string> packages_;
};

}  // namespace nexus::policy

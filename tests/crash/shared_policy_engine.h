#pragma once

// An OPA that outlives the daemons: one start for many of theirs.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "harness/nexusd/child_process.h"

namespace nexus::crash {

class SharedPolicyEngine {
 public:
  // With the policies that come with nexusd, on a socket in `folder`, which must be short.
  static absl::StatusOr<std::unique_ptr<SharedPolicyEngine>> Start(const std::string& folder);

  // For nexusd's option policy.opa.address.
  const std::string& address() const { return address_; }

 private:
  SharedPolicyEngine(std::string address, std::unique_ptr<harness::ChildProcess> child)
      : address_(std::move(address)), child_(std::move(child)) {}

  const std::string address_;
  const std::unique_ptr<harness::ChildProcess> child_;
};

}  // namespace nexus::crash

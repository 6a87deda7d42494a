#include "crash/shared_policy_engine.h"

#include <stdlib.h>

#include <filesystem>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "policy/opa/policy_bundle.h"

namespace nexus::crash {

absl::StatusOr<std::unique_ptr<SharedPolicyEngine>> SharedPolicyEngine::Start(
    const std::string& folder) {
  std::filesystem::create_directories(folder);
  NEXUS_RETURN_IF_ERROR(policy::WriteBundle(policy::DefaultPolicyFiles(), folder + "/bundle"));
  const std::string socket = folder + "/opa.sock";
  const char* tools = getenv("NEXUS_TOOLS");
  harness::ChildOptions options;
  options.command = {absl::StrCat(tools == nullptr ? "" : tools, "/bin/opa"),
                     "run",
                     "--server",
                     "--addr=unix://" + socket,
                     "--log-level=error",
                     "--skip-version-check",
                     "--bundle",
                     "bundle"};
  options.working_folder = folder;
  NEXUS_ASSIGN_OR_RETURN(auto child, harness::ChildProcess::Start(options));
  while (!std::filesystem::exists(socket)) {
    if (child->WaitForExit(absl::Milliseconds(5)).ok()) {
      return absl::FailedPreconditionError(absl::StrCat("opa ended: ", child->Output()));
    }
  }
  return absl::WrapUnique(new SharedPolicyEngine("unix:" + socket, std::move(child)));
}

}  // namespace nexus::crash

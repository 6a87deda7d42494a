#include "policy/shipped/load_policies.h"

#include "nexus/core/status_macros.h"
#include "policy/opa/bundle_build.h"
#include "policy/opa/opa_program.h"
#include "policy/shipped/shipped_bundle.h"

namespace nexus::policy {

absl::StatusOr<WasmBundle> LoadPolicies(const std::string& path, const std::string& opa_program) {
  if (path.empty()) return ParseWasmBundle(ShippedBundle());
  if (!IsSourceFolder(path)) return LoadWasmBundle(path);
  NEXUS_ASSIGN_OR_RETURN(const std::string opa, FindOpa(opa_program));
  NEXUS_ASSIGN_OR_RETURN(const std::string archive, BuildBundle(path, opa));
  return ParseWasmBundle(archive);
}

}  // namespace nexus::policy

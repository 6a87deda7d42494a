#pragma once

// Policies compiled for the embedded engine, by the real `opa`.

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/opa/bundle_build.h"
#include "policy/opa/opa_program.h"
#include "policy/temporary_folder.h"

namespace nexus::policy {

// Files by path within the folder of policies.
using Sources = std::map<std::string, std::string>;

inline absl::StatusOr<std::string> CompileArchive(const Sources& sources) {
  const TemporaryFolder folder;
  for (const auto& [path, content] : sources) folder.Write(path, content);
  const absl::StatusOr<std::string> opa = FindOpa("");
  if (!opa.ok()) return opa.status();
  return BuildBundle(folder.path(), *opa);
}

inline absl::StatusOr<WasmBundle> Compile(const Sources& sources) {
  const absl::StatusOr<std::string> archive = CompileArchive(sources);
  if (!archive.ok()) return archive.status();
  return ParseWasmBundle(*archive);
}

// A policy of appends that denies by the rule "r" where `body` holds.
inline Sources DenyIf(const std::string& body) {
  return {{"append.rego",
           "package nexus.append\n"
           "decision := {\"allow\": count(deny) == 0, \"deny\": [d | some d in deny]}\n"
           "deny contains {\"rule\": \"r\", \"message\": \"m\"} if {\n" +
               body + "\n}\n"}};
}

}  // namespace nexus::policy

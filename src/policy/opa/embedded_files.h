#pragma once

// Files that the build puts into the program: the policies of the source tree and the module that
// answers batches. Constant; thread-safe.

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace nexus::policy {

struct EmbeddedFile {
  absl::string_view path;  // within the folder of policies
  absl::string_view content;
};

// policies/shipped/**/*.rego without the tests.
absl::Span<const EmbeddedFile> DefaultPolicies();

// src/policy/opa/batch.rego
const EmbeddedFile& BatchModule();

}  // namespace nexus::policy

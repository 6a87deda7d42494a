#pragma once

// A policy of a domain: rules that may refuse what goes to its streams, beside the server's own.
// docs/reference/domains.md has the JSON form.
//
// Values and pure functions; thread-safe.

#include <array>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "domain/declaration_header.h"
#include "domain/domain_package.h"
#include "nexus/port/json_reader.h"

namespace nexus::domain {

// In the folder of a policy: the base64 text (RFC 4648, padded, one line) of its compiled bundle.
inline constexpr absl::string_view kBundleFile = "policy.bundle";

// What a domain's policies may decide, by the names of entrypoints.
inline constexpr std::array<absl::string_view, 2> kPolicyOperations = {"append", "execute"};

struct PolicyDeclaration {
  std::string name;                     // [a-z0-9-]+
  std::string folder;                   // of the package: "policies"
  std::vector<std::string> categories;  // beside those of the domain's own aggregates

  std::string bundle_path() const;
  // Whether a path of the package is in the folder, at any depth.
  bool Holds(absl::string_view path) const;

  friend bool operator==(const PolicyDeclaration&, const PolicyDeclaration&) = default;
};

// Reads the `spec` of a declaration of kPolicy strictly. MALFORMED_REQUEST with the JSON pointer of
// what is wrong.
absl::StatusOr<PolicyDeclaration> ParsePolicy(const DeclarationHeader& header, JsonReader& json);

// Those of a package, in its order. A declaration that cannot be read is left out.
std::vector<PolicyDeclaration> PoliciesOf(const DomainPackage& package, JsonReader& json);

}  // namespace nexus::domain

#pragma once

// A package taken apart: what of it goes to which registry.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/declaration_header.h"
#include "domain/domain_package.h"
#include "identity/access/role.h"
#include "nexus/port/json_reader.h"
#include "route/declaration/route_declaration.h"
#include "schema/schema_registry.h"

namespace nexus::domain {

struct DeclaredRoute {
  route::RouteDeclaration route;
  std::string path;
};

struct DeclaredRole {
  identity::Role role;
  std::string path;
};

// One declaration as it stands in the package.
struct Declared {
  Kind kind = Kind::kSchema;
  std::string name;
  std::string path;
  std::string text;
};

struct PackageParts {
  std::vector<Declared> all;  // by kind and name
  std::vector<schema::PackageSchema> schemas;
  std::vector<DeclaredRoute> routes;
  std::vector<DeclaredRole> roles;
};

// MALFORMED_REQUEST, with a violation for every declaration that is wrong.
absl::StatusOr<PackageParts> TakeApart(const DomainPackage& package, JsonReader& json);

}  // namespace nexus::domain

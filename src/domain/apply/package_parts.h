#pragma once

// A package taken apart: what of it goes to which registry.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/declaration_header.h"
#include "domain/domain_package.h"
#include "nexus/port/json_reader.h"
#include "route/declaration/route_declaration.h"
#include "schema/schema_registry.h"

namespace nexus::domain {

struct DeclaredRoute {
  route::RouteDeclaration route;
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
};

// MALFORMED_REQUEST, with a violation for every declaration that is wrong; UNIMPLEMENTED for a kind
// that cannot be applied.
absl::StatusOr<PackageParts> TakeApart(const DomainPackage& package, JsonReader& json);

// Adds what is wrong in one place to what is wrong in others: a violation each, with `path`.
class FaultList {
 public:
  void Add(const std::string& path, const absl::Status& status);
  // Adds what is a list of such itself, as it is.
  void Join(const absl::Status& status);
  // OK, or all of them, with the reason of the first.
  absl::Status ToStatus() const;

 private:
  ErrorDetails details_;
  std::string text_;
};

}  // namespace nexus::domain

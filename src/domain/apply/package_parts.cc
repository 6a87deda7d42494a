#include "domain/apply/package_parts.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "declaration/fault_list.h"
#include "declaration/strict_object.h"
#include "domain/role_declaration.h"
#include "domain/schema_declaration.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {
namespace {

// The earlier versions first: each is registered after the one before it.
absl::Status TakeSchema(const DeclarationHeader& header, const DomainPackage& package,
                        const std::string& path, JsonReader& json, PackageParts& parts) {
  NEXUS_ASSIGN_OR_RETURN(SchemaDeclaration declared, ParseSchema(header, json));
  schema::PackageSchema schema;
  schema.path = path;
  schema::RegisterRequest& request = schema.request;
  request.subject = header.name;
  request.comment = header.comment;
  request.format = declared.format;
  const auto text = [&](const std::string& file,
                        absl::string_view pointer) -> absl::StatusOr<std::string> {
    if (const PackageFile* const found = package.FindFile(file)) return found->text;
    return declaration::DeclarationFault(pointer,
                                         absl::StrCat("there is no file ", file, " in the domain"));
  };
  for (size_t i = 0; i < declared.earlier.size(); ++i) {
    NEXUS_ASSIGN_OR_RETURN(request.definition,
                           text(declared.earlier[i], absl::StrCat("/spec/earlier/", i)));
    schema.version = static_cast<uint32_t>(i + 1);
    parts.schemas.push_back(schema);
  }
  request.definition = std::move(declared.definition);
  if (!declared.file.empty()) {
    NEXUS_ASSIGN_OR_RETURN(request.definition, text(declared.file, "/spec/file"));
  }
  schema.version = 0;
  parts.schemas.push_back(std::move(schema));
  return absl::OkStatus();
}

absl::StatusOr<route::RouteDeclaration> RouteOf(const DeclarationHeader& header, JsonReader& json) {
  const absl::string_view members = absl::string_view(header.spec).substr(1);
  return route::ParseRoute(
      absl::StrCat("{\"name\":", JsonString(header.name), members == "}" ? "" : ",", members),
      json);
}

absl::Status Take(const DeclarationHeader& header, const DomainPackage& package,
                  const std::string& path, JsonReader& json, PackageParts& parts) {
  switch (header.kind) {
    case Kind::kSchema:
      return TakeSchema(header, package, path, json, parts);
    case Kind::kRoute: {
      NEXUS_ASSIGN_OR_RETURN(route::RouteDeclaration route, RouteOf(header, json));
      parts.routes.push_back({std::move(route), path});
      return absl::OkStatus();
    }
    case Kind::kAggregate:
    case Kind::kUpcaster:
    case Kind::kPolicy:
      return absl::OkStatus();  // DomainState reads them
    case Kind::kRole: {
      NEXUS_ASSIGN_OR_RETURN(const RoleDeclaration role, ParseRole(header, json));
      parts.roles.push_back(
          {{role.name, role.operations, role.system_streams, role.comment}, path});
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PackageParts> TakeApart(const DomainPackage& package, JsonReader& json) {
  PackageParts parts;
  declaration::FaultList faults;
  absl::flat_hash_set<std::pair<Kind, std::string>> seen;
  for (const PackageFile& file : package.declarations) {
    const absl::StatusOr<DeclarationHeader> header = ParseHeader(file.text, json);
    if (!header.ok()) {
      faults.Add(file.path, header.status());
      continue;
    }
    if (!seen.emplace(header->kind, header->name).second) {
      faults.Add(file.path, declaration::DeclarationFault(
                                "/metadata/name", absl::StrCat(KindName(header->kind), " ",
                                                               header->name, " is there twice")));
      continue;
    }
    if (const absl::Status taken = Take(*header, package, file.path, json, parts); !taken.ok()) {
      faults.Add(file.path, taken);
    }
    parts.all.push_back({header->kind, header->name, file.path, file.text});
  }
  NEXUS_RETURN_IF_ERROR(faults.ToStatus());
  std::sort(parts.all.begin(), parts.all.end(), [](const Declared& a, const Declared& b) {
    return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
  });
  return parts;
}

}  // namespace nexus::domain

#include "domain/apply/package_parts.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "declaration/fault_list.h"
#include "declaration/strict_object.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {
namespace {

constexpr std::pair<SchemaFormat, absl::string_view> kFormats[] = {
    {SchemaFormat::kJsonSchema, "json"},
    {SchemaFormat::kAvro, "avro"},
    {SchemaFormat::kProtobuf, "protobuf"}};

absl::StatusOr<schema::PackageSchema> SchemaOf(const DeclarationHeader& header,
                                               const DomainPackage& package,
                                               const std::string& path, JsonReader& json) {
  schema::PackageSchema schema;
  schema.path = path;
  schema::RegisterRequest& request = schema.request;
  request.subject = header.name;
  request.comment = header.comment;
  declaration::StrictObject object(json, header.spec, "/spec");
  std::string file;
  std::string definition;
  object.OneOf("format", kFormats, request.format);
  object.Text("file", file);
  object.Json("definition", definition);
  if (object.Has("file") == object.Has("definition")) {
    object.Fail("", "either file or definition is needed");
  }
  if (object.Has("definition") && request.format == SchemaFormat::kProtobuf) {
    object.Fail("definition", "a Protobuf schema stands in a file");
  }
  NEXUS_RETURN_IF_ERROR(object.Finish());
  if (file.empty()) {
    request.definition = std::move(definition);
    return schema;
  }
  const PackageFile* const found = package.FindFile(file);
  if (found == nullptr) {
    return declaration::DeclarationFault("/spec/file",
                                         absl::StrCat("there is no file ", file, " in the domain"));
  }
  request.definition = found->text;
  return schema;
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
    case Kind::kSchema: {
      NEXUS_ASSIGN_OR_RETURN(schema::PackageSchema schema, SchemaOf(header, package, path, json));
      parts.schemas.push_back(std::move(schema));
      return absl::OkStatus();
    }
    case Kind::kRoute: {
      NEXUS_ASSIGN_OR_RETURN(route::RouteDeclaration route, RouteOf(header, json));
      parts.routes.push_back({std::move(route), path});
      return absl::OkStatus();
    }
    case Kind::kAggregate:
    case Kind::kUpcaster:
      return absl::OkStatus();  // DomainState reads them
    case Kind::kPolicy:
    case Kind::kRole:
      break;
  }
  return MakeError(ErrorReason::kUnimplemented,
                   absl::StrCat("declarations of the kind ", KindName(header.kind),
                                " cannot be applied with a domain yet"));
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

#include "domain/declaration_header.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "declaration/strict_object.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {
namespace {

constexpr std::pair<Kind, absl::string_view> kKinds[] = {
    {Kind::kSchema, "Schema"}, {Kind::kAggregate, "Aggregate"}, {Kind::kUpcaster, "Upcaster"},
    {Kind::kRoute, "Route"},   {Kind::kPolicy, "Policy"},       {Kind::kRole, "Role"}};
// Schemas and roles have names of their own kinds, such as "OrderPlaced".
constexpr size_t kNameBytesMax = 255;

}  // namespace

bool IsPlainName(absl::string_view name) {
  if (name.empty() || name.size() > kDomainNameBytesMax) return false;
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

absl::StatusOr<DeclarationHeader> ParseHeader(absl::string_view text, JsonReader& json) {
  declaration::StrictObject object(json, text, "");
  DeclarationHeader header;
  std::string version;
  std::string metadata;
  for (const char* name : {"apiVersion", "kind", "metadata", "spec"}) object.Require(name);
  object.Text("apiVersion", version);
  if (object.status().ok() && version != kApiVersion) {
    object.Fail("apiVersion", absl::StrCat("'", version, "' is not known; known is ", kApiVersion));
  }
  object.OneOf("kind", kKinds, header.kind);
  object.Json("metadata", metadata);
  object.Json("spec", header.spec);
  if (object.status().ok() && !absl::StartsWith(header.spec, "{")) {
    object.Fail("spec", "an object is needed here");
  }
  NEXUS_RETURN_IF_ERROR(object.Finish());
  declaration::StrictObject about(json, metadata, "/metadata");
  about.Require("name");
  about.Text("name", header.name, kNameBytesMax);
  about.Text("comment", header.comment);
  if (about.status().ok() && header.name.empty()) about.Fail("name", "it is empty");
  NEXUS_RETURN_IF_ERROR(about.Finish());
  return header;
}

bool IsPlainCategory(absl::string_view category) {
  return !category.empty() && category[0] != '$' && !absl::StrContains(category, '-');
}

}  // namespace nexus::domain

#include "domain/policy_declaration.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "declaration/strict_object.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {
namespace {

constexpr size_t kCategoriesMax = 256;
constexpr size_t kCategoryBytesMax = 100;
constexpr char kDefaultFolder[] = "policies";

}  // namespace

std::string PolicyDeclaration::bundle_path() const {
  return absl::StrCat(folder, "/", kBundleFile);
}

bool PolicyDeclaration::Holds(absl::string_view path) const {
  return path.size() > folder.size() && path[folder.size()] == '/' &&
         absl::StartsWith(path, folder);
}

absl::StatusOr<PolicyDeclaration> ParsePolicy(const DeclarationHeader& header, JsonReader& json) {
  if (!IsPlainName(header.name)) {
    return declaration::DeclarationFault(
        "/metadata/name", absl::StrCat("'", header.name, "' is not of a-z, 0-9 and '-'"));
  }
  PolicyDeclaration policy;
  policy.name = header.name;
  policy.folder = kDefaultFolder;
  declaration::StrictObject object(json, header.spec, "/spec");
  object.Text("folder", policy.folder);
  if (object.status().ok() && !IsPlainPath(policy.folder)) {
    object.Fail("folder", absl::StrCat("'", policy.folder, "' is no path in the folder"));
  }
  object.Texts("categories", policy.categories, kCategoriesMax);
  if (object.Has("categories") && object.status().ok() && policy.categories.empty()) {
    object.Fail("categories", "one at least is needed");
  }
  absl::flat_hash_set<absl::string_view> seen;
  for (size_t i = 0; i < policy.categories.size() && object.status().ok(); ++i) {
    const std::string& category = policy.categories[i];
    const std::string place = absl::StrCat("categories/", i);
    if (!IsPlainCategory(category) || category.size() > kCategoryBytesMax) {
      object.Fail(place, absl::StrCat("'", category.substr(0, kCategoryBytesMax),
                                      "' is no category of your own: it ends before the first '-' "
                                      "and has no '$'"));
    }
    if (!seen.insert(category).second)
      object.Fail(place, absl::StrCat(category, " is there twice"));
  }
  NEXUS_RETURN_IF_ERROR(object.Finish());
  return policy;
}

std::vector<PolicyDeclaration> PoliciesOf(const DomainPackage& package, JsonReader& json) {
  std::vector<PolicyDeclaration> policies;
  for (const PackageFile& file : package.declarations) {
    const auto header = ParseHeader(file.text, json);
    if (!header.ok() || header->kind != Kind::kPolicy) continue;
    auto policy = ParsePolicy(*header, json);
    if (policy.ok()) policies.push_back(*std::move(policy));
  }
  return policies;
}

}  // namespace nexus::domain

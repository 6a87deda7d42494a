#include "domain/domain_state.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "declaration/strict_object.h"
#include "digest/sha256.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {
namespace {

// The fault with the file that it stands in.
absl::Status In(const PackageFile& file, const absl::Status& status) {
  ErrorDetails details = DetailsOf(status);
  for (Violation& violation : details.violations) violation.field = file.path;
  return MakeError(absl::StrCat(file.path, ": ", status.message()), details);
}

absl::Status Fault(const PackageFile& file, absl::string_view pointer, absl::string_view message) {
  return In(file, declaration::DeclarationFault(pointer, message));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const DomainState>> DomainState::Build(
    std::map<std::string, DomainRecord> domains, JsonReader& json) {
  auto state = absl::WrapUnique(new DomainState);
  state->domains_ = std::move(domains);
  for (const auto& [name, domain] : state->domains_) {
    NEXUS_RETURN_IF_ERROR(state->Take(domain, json));
  }
  NEXUS_RETURN_IF_ERROR(state->ResolveCategories());
  state->MakeDigests();
  return std::shared_ptr<const DomainState>(std::move(state));
}

absl::Status DomainState::Take(const DomainRecord& domain, JsonReader& json) {
  for (const PackageFile& file : domain.package->declarations) {
    const absl::StatusOr<DeclarationHeader> header = ParseHeader(file.text, json);
    if (!header.ok()) return In(file, header.status());
    if (header->kind == Kind::kAggregate) {
      absl::StatusOr<AggregateDeclaration> aggregate = ParseAggregate(*header, json);
      if (!aggregate.ok()) return In(file, aggregate.status());
      NEXUS_RETURN_IF_ERROR(TakeAggregate(domain, file, *std::move(aggregate)));
    }
    if (header->kind == Kind::kUpcaster) {
      absl::StatusOr<UpcasterDeclaration> upcaster = ParseUpcaster(*header, json);
      if (!upcaster.ok()) return In(file, upcaster.status());
      NEXUS_RETURN_IF_ERROR(TakeUpcaster(domain, file, *std::move(upcaster)));
    }
    if (header->kind == Kind::kPolicy) {
      absl::StatusOr<PolicyDeclaration> policy = ParsePolicy(*header, json);
      if (!policy.ok()) return In(file, policy.status());
      NEXUS_RETURN_IF_ERROR(TakePolicy(domain, file, *std::move(policy)));
    }
  }
  return absl::OkStatus();
}

absl::Status DomainState::TakeAggregate(const DomainRecord& domain, const PackageFile& file,
                                        AggregateDeclaration declaration) {
  const DomainPackage& package = *domain.package;
  if (!declaration.is_remote() && package.FindFile(declaration.script) == nullptr) {
    return Fault(file, "/spec/script",
                 absl::StrCat("there is no file ", declaration.script, " in the domain"));
  }
  auto record = std::make_shared<AggregateRecord>();
  record->domain = package.name;
  record->domain_version = domain.version;
  record->package = domain.package;
  record->declaration = std::move(declaration);
  const AggregateDeclaration& aggregate = record->declaration;
  const auto claim = [&](ByName& names, const std::string& name, absl::string_view pointer,
                         absl::string_view what) {
    const auto [at, is_new] = names.emplace(name, record.get());
    if (is_new) return absl::OkStatus();
    return Fault(file, pointer,
                 absl::StrCat("the ", what, " ", name, " belongs to the aggregate ",
                              at->second->declaration.name, " of the domain ", at->second->domain));
  };
  NEXUS_RETURN_IF_ERROR(claim(by_name_, aggregate.name, "/metadata/name", "name"));
  NEXUS_RETURN_IF_ERROR(claim(by_category_, aggregate.category, "/spec/category", "category"));
  for (size_t i = 0; i < aggregate.commands.size(); ++i) {
    NEXUS_RETURN_IF_ERROR(
        claim(by_command_, aggregate.commands[i], absl::StrCat("/spec/commands/", i), "command"));
  }
  taken_.push_back(record.get());
  aggregates_.push_back(std::move(record));
  return absl::OkStatus();
}

absl::Status DomainState::TakeUpcaster(const DomainRecord& domain, const PackageFile& file,
                                       UpcasterDeclaration declaration) {
  if (domain.package->FindFile(declaration.script) == nullptr) {
    return Fault(file, "/spec/script",
                 absl::StrCat("there is no file ", declaration.script, " in the domain"));
  }
  for (const UpcasterRecord& other : upcasters_) {
    if (other.declaration.type != declaration.type || other.declaration.from != declaration.from) {
      continue;
    }
    return Fault(
        file, "/spec/from",
        absl::StrCat("the step from version ", declaration.from, " of ", declaration.type,
                     " is declared by ", other.declaration.name, " of the domain ", other.domain));
  }
  upcasters_.push_back({std::move(declaration), domain.package->name, domain.package});
  return absl::OkStatus();
}

absl::Status DomainState::TakePolicy(const DomainRecord& domain, const PackageFile& file,
                                     PolicyDeclaration declaration) {
  const DomainPackage& package = *domain.package;
  const PackageFile* const bundle = package.FindFile(declaration.bundle_path());
  if (bundle == nullptr) {
    return Fault(file, "/spec/folder",
                 absl::StrCat("there is no file ", declaration.bundle_path(),
                              " in the domain: nexusctl compiles it"));
  }
  for (const PolicyRecord& other : policies_) {
    const PolicyDeclaration& known = other.declaration;
    if (other.domain != package.name) continue;
    if (known.folder != declaration.folder && !known.Holds(declaration.folder) &&
        !declaration.Holds(known.folder)) {
      continue;
    }
    return Fault(file, "/spec/folder",
                 absl::StrCat("the folder ", known.folder, " belongs to the policy ", known.name));
  }
  PolicyRecord& record = policies_.emplace_back();
  record.domain = package.name;
  record.domain_version = domain.version;
  record.package = domain.package;
  record.digest = Sha256Hex(bundle->text);
  record.declaration = std::move(declaration);
  policy_files_.push_back(&file);
  return absl::OkStatus();
}

absl::Status DomainState::ResolveCategories() {
  for (size_t i = 0; i < policies_.size(); ++i) {
    PolicyRecord& policy = policies_[i];
    const PackageFile& file = *policy_files_[i];
    std::vector<std::string>& categories = policy.categories;
    for (const auto& aggregate : aggregates_) {
      if (aggregate->domain != policy.domain) continue;
      categories.push_back(aggregate->declaration.category);
    }
    const std::vector<std::string>& named = policy.declaration.categories;
    for (size_t k = 0; k < named.size(); ++k) {
      const AggregateRecord* const owner = FindCategory(named[k]);
      if (owner == nullptr || owner->domain == policy.domain) continue;
      return Fault(file, absl::StrCat("/spec/categories/", k),
                   absl::StrCat("the policy ", policy.declaration.name, " of the domain ",
                                policy.domain, " cannot decide about the category ", named[k],
                                ": it belongs to the aggregate ", owner->declaration.name,
                                " of the domain ", owner->domain));
    }
    categories.insert(categories.end(), named.begin(), named.end());
    if (categories.empty()) {
      return Fault(file, "/spec",
                   "the domain has no aggregate: categories must say what this is about");
    }
    std::sort(categories.begin(), categories.end());
    categories.erase(std::unique(categories.begin(), categories.end()), categories.end());
  }
  policy_files_.clear();
  std::stable_sort(policies_.begin(), policies_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.domain, a.declaration.name) < std::tie(b.domain, b.declaration.name);
  });
  return absl::OkStatus();
}

void DomainState::MakeDigests() {
  for (AggregateRecord* const record : taken_) {
    record->code_digest = CodeDigest(*record);
    const std::string steps = UpcasterDigest(*record);
    if (!steps.empty()) record->code_digest = Sha256Hex(record->code_digest + steps);
  }
}

std::string DomainState::CodeDigest(const AggregateRecord& aggregate) const {
  std::string bytes =
      absl::StrCat(aggregate.declaration.category, "\n", aggregate.declaration.script, "\n");
  AppendFiles(*aggregate.package, bytes);
  return Sha256Hex(bytes);
}

void DomainState::AppendFiles(const DomainPackage& package, std::string& bytes) const {
  // Scripts import other scripts alone, so a rule that changes makes no state anew.
  const auto is_of_policy = [&](const std::string& path) {
    return !absl::EndsWith(path, ".js") &&
           std::any_of(policies_.begin(), policies_.end(), [&](const PolicyRecord& policy) {
             return policy.domain == package.name && policy.declaration.Holds(path);
           });
  };
  for (const PackageFile& file : package.files) {
    if (is_of_policy(file.path)) continue;
    absl::StrAppend(&bytes, file.path.size(), ":", file.path, file.text.size(), ":", file.text);
  }
}

// Those of the types that it declares, of what these succeed and of what succeeds them, and all of
// its own domain.
std::string DomainState::UpcasterDigest(const AggregateRecord& aggregate) const {
  const auto& events = aggregate.declaration.events;
  absl::flat_hash_set<absl::string_view> types(events.begin(), events.end());
  for (size_t before = 0; before != types.size();) {
    before = types.size();
    for (const auto& [upcaster, domain, package] : upcasters_) {
      if (!types.contains(upcaster.type) && !types.contains(upcaster.to_type)) continue;
      types.insert(upcaster.type);
      types.insert(upcaster.to_type);
    }
  }
  std::string bytes;
  for (const auto& [upcaster, domain, package] : upcasters_) {
    if (domain != aggregate.domain && !types.contains(upcaster.type)) continue;
    absl::StrAppend(&bytes, upcaster.type, "\n", upcaster.from, "\n", upcaster.to_type, "\n",
                    upcaster.to, "\n", upcaster.script, "\n");
    // Its own files are in the digest already.
    if (domain != aggregate.domain) AppendFiles(*package, bytes);
  }
  return bytes.empty() ? "" : Sha256Hex(bytes);
}

const AggregateRecord* DomainState::FindCommand(absl::string_view command) const {
  const auto found = by_command_.find(command);
  return found == by_command_.end() ? nullptr : found->second;
}

const AggregateRecord* DomainState::FindAggregate(absl::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

const AggregateRecord* DomainState::FindCategory(absl::string_view category) const {
  const auto found = by_category_.find(category);
  return found == by_category_.end() ? nullptr : found->second;
}

}  // namespace nexus::domain

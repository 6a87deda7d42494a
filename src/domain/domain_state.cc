#include "domain/domain_state.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/memory/memory.h"
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

void AppendFiles(const DomainPackage& package, std::string& bytes) {
  for (const PackageFile& file : package.files) {
    absl::StrAppend(&bytes, file.path.size(), ":", file.path, file.text.size(), ":", file.text);
  }
}

std::string CodeDigest(const DomainPackage& package, const AggregateDeclaration& declaration) {
  std::string bytes = absl::StrCat(declaration.category, "\n", declaration.script, "\n");
  AppendFiles(package, bytes);
  return Sha256Hex(bytes);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const DomainState>> DomainState::Build(
    std::map<std::string, DomainRecord> domains, JsonReader& json) {
  auto state = absl::WrapUnique(new DomainState);
  state->domains_ = std::move(domains);
  for (const auto& [name, domain] : state->domains_) {
    NEXUS_RETURN_IF_ERROR(state->Take(domain, json));
  }
  if (state->upcasters_.empty()) return std::shared_ptr<const DomainState>(std::move(state));
  for (AggregateRecord* const record : state->taken_) {
    const std::string steps = state->UpcasterDigest(*record);
    if (!steps.empty()) record->code_digest = Sha256Hex(record->code_digest + steps);
  }
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
  record->code_digest = CodeDigest(package, declaration);
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

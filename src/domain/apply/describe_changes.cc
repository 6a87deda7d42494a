// What a package changes, for people.

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "domain/apply/domain_application.h"
#include "domain/policy_declaration.h"

namespace nexus::domain {
namespace {

std::vector<const PackageFile*> SourcesOf(const PolicyDeclaration& policy,
                                          const DomainPackage& package) {
  std::vector<const PackageFile*> sources;
  for (const PackageFile& file : package.files) {
    if (policy.Holds(file.path) && file.path != policy.bundle_path()) sources.push_back(&file);
  }
  return sources;
}

}  // namespace

void DomainApplier::DescribeSchemas(Application& a) const {
  a.outcome.changes.clear();
  const schema::SchemaCatalog& catalog = parts_.engine.schemas().catalog();
  for (size_t i = 0; i < a.planned->size(); ++i) {
    const schema::PlannedSchema& planned = (*a.planned)[i];
    const schema::SchemaRecord& record = *planned.record;
    DomainChange change;
    change.kind = Kind::kSchema;
    change.name = record.subject;
    change.path = a.parts.schemas[i].path;
    change.detail = absl::StrCat("version ", record.version);
    if (planned.is_new) {
      const schema::SchemaRecordPtr before = catalog.Find(record.subject, 0);
      change.change = before == nullptr ? ChangeKind::kCreate : ChangeKind::kUpdate;
      if (before != nullptr) change.before = before->definition;
      change.after = record.definition;
    }
    a.outcome.changes.push_back(std::move(change));
  }
}

void DomainApplier::DescribeOthers(Application& a) const {
  for (const Declared& declared : a.parts.all) {
    if (declared.kind != Kind::kSchema) a.outcome.changes.push_back(Describe(a, declared));
  }
  for (const Declared& declared : a.before.all) {
    if (FindIn(a.parts, declared.kind, declared.name) != nullptr) continue;
    DomainChange change;
    change.change = ChangeKind::kRemove;
    change.kind = declared.kind;
    change.name = declared.name;
    if (declared.kind == Kind::kSchema) {
      change.change = ChangeKind::kUnchanged;
      change.detail = "not declared any more; its versions stay";
    } else {
      change.before = declared.text;
    }
    a.outcome.changes.push_back(std::move(change));
  }
  std::stable_sort(a.outcome.changes.begin(), a.outcome.changes.end(),
                   [](const DomainChange& one, const DomainChange& other) {
                     return std::tie(one.kind, one.name) < std::tie(other.kind, other.name);
                   });
}

DomainChange DomainApplier::Describe(const Application& a, const Declared& declared) const {
  DomainChange change = DescribeText(a, declared);
  const auto tried = a.tried.find(declared.name);
  if (declared.kind != Kind::kUpcaster || tried == a.tried.end()) return change;
  const uint64_t events = tried->second;
  const std::string told = events == 0   ? "no stored event to try it with"
                           : events == 1 ? "1 stored event comes out valid"
                                         : absl::StrCat(events, " stored events come out valid");
  absl::StrAppend(&change.detail, change.detail.empty() ? "" : "; ", told);
  return change;
}

DomainChange DomainApplier::DescribeText(const Application& a, const Declared& declared) const {
  DomainChange change;
  change.kind = declared.kind;
  change.name = declared.name;
  change.path = declared.path;
  const Declared* const before = FindIn(a.before, declared.kind, declared.name);
  if (before == nullptr) {
    change.change = ChangeKind::kCreate;
    change.after = declared.text;
    return change;
  }
  if (before->text != declared.text) {
    change.change = ChangeKind::kUpdate;
    change.before = before->text;
    change.after = declared.text;
  }
  if (declared.kind == Kind::kPolicy) DescribePolicy(a, change);
  if (declared.kind != Kind::kAggregate && declared.kind != Kind::kUpcaster) return change;
  // Code is the same only if every file is: what a script imports is not looked up.
  for (const PackageFile& file : a.event->package.files) {
    if (!absl::EndsWith(file.path, ".js")) continue;
    const PackageFile* const old = a.old->FindFile(file.path);
    if (old != nullptr && old->text == file.text) continue;
    change.change = ChangeKind::kUpdate;
    change.detail = "its code changes";
    absl::StrAppend(&change.before, old == nullptr ? "" : old->text);
    absl::StrAppend(&change.after, file.text);
  }
  return change;
}

// Shows the sources: of what is compiled nobody can read a difference.
void DomainApplier::DescribePolicy(const Application& a, DomainChange& change) const {
  const auto find = [&](const DomainPackage& package) -> std::optional<PolicyDeclaration> {
    for (PolicyDeclaration& policy : PoliciesOf(package, parts_.json)) {
      if (policy.name == change.name) return std::move(policy);
    }
    return std::nullopt;
  };
  const DomainPackage& package = a.event->package;
  const std::optional<PolicyDeclaration> policy = find(package);
  const std::optional<PolicyDeclaration> before = find(*a.old);
  if (!policy.has_value() || !before.has_value()) return;
  const auto told = [&](const std::vector<const PackageFile*>& files, const DomainPackage& other) {
    std::string text;
    for (const PackageFile* const file : files) {
      const PackageFile* const same = other.FindFile(file->path);
      if (same != nullptr && same->text == file->text) continue;
      const bool ends = absl::EndsWith(file->text, "\n");
      absl::StrAppend(&text, "# ", file->path, "\n", file->text, ends ? "" : "\n");
    }
    return text;
  };
  const std::string old_sources = told(SourcesOf(*before, *a.old), package);
  const std::string sources = told(SourcesOf(*policy, package), *a.old);
  const PackageFile* const bundle = package.FindFile(policy->bundle_path());
  const PackageFile* const old_bundle = a.old->FindFile(before->bundle_path());
  const bool same_bundle =
      bundle != nullptr && old_bundle != nullptr && bundle->text == old_bundle->text;
  const bool same_sources = sources.empty() && old_sources.empty();
  if (same_sources && same_bundle) return;
  change.change = ChangeKind::kUpdate;
  change.detail = same_sources ? "compiled anew from the same rules" : "its rules change";
  absl::StrAppend(&change.before, change.before.empty() ? "" : "\n", old_sources);
  absl::StrAppend(&change.after, change.after.empty() ? "" : "\n", sources);
}

}  // namespace nexus::domain

// What a package changes, for people.

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "domain/apply/domain_application.h"

namespace nexus::domain {

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
  if (declared.kind == Kind::kRoute || a.old->files == a.event->package.files) return change;
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

}  // namespace nexus::domain

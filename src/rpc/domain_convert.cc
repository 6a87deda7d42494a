#include "rpc/domain_convert.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "rpc/convert.h"

namespace nexus::rpc {
namespace {

admin::v1::DomainChangeKind KindOf(domain::ChangeKind kind) {
  switch (kind) {
    case domain::ChangeKind::kCreate:
      return admin::v1::DOMAIN_CHANGE_KIND_CREATE;
    case domain::ChangeKind::kUpdate:
      return admin::v1::DOMAIN_CHANGE_KIND_UPDATE;
    case domain::ChangeKind::kUnchanged:
      return admin::v1::DOMAIN_CHANGE_KIND_UNCHANGED;
    case domain::ChangeKind::kRemove:
      return admin::v1::DOMAIN_CHANGE_KIND_REMOVE;
  }
  return admin::v1::DOMAIN_CHANGE_KIND_UNSPECIFIED;
}

template <typename Files>
std::vector<domain::PackageFile> FilesOf(Files& files) {
  std::vector<domain::PackageFile> out;
  for (admin::v1::DomainFile& file : files) {
    out.push_back({std::move(*file.mutable_path()), std::move(*file.mutable_text())});
  }
  // The same package whatever order its files came in.
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return out;
}

}  // namespace

domain::DomainPackage ToPackage(admin::v1::ApplyDomainRequest& request) {
  domain::DomainPackage package;
  package.name = request.name();
  package.declarations = FilesOf(*request.mutable_declarations());
  package.files = FilesOf(*request.mutable_files());
  return package;
}

void FillDomain(const domain::DomainRecord& record, WithFiles files, admin::v1::Domain& out) {
  out.set_name(record.package->name);
  out.set_version(record.version);
  out.set_digest(record.digest);
  out.set_comment(record.comment);
  out.set_applied_by(record.principal);
  if (record.position.value > 0) FillTimestamp(record.applied, *out.mutable_apply_time());
  out.set_position(record.position.value);
  out.set_removed(record.removed);
  out.set_rolled_back_to(record.rolled_back_to);
  if (files == WithFiles::kNo) return;
  for (const domain::PackageFile& file : record.package->declarations) {
    admin::v1::DomainFile& one = *out.add_declarations();
    one.set_path(file.path);
    one.set_text(file.text);
  }
  for (const domain::PackageFile& file : record.package->files) {
    admin::v1::DomainFile& one = *out.add_files();
    one.set_path(file.path);
    one.set_text(file.text);
  }
}

void FillDeclared(const domain::DomainState& state, const std::string& name,
                  admin::v1::Domain& out) {
  std::vector<std::string> aggregates;
  std::vector<std::string> commands;
  for (const auto& record : state.aggregates()) {
    if (record->domain != name) continue;
    aggregates.push_back(record->declaration.name);
    commands.insert(commands.end(), record->declaration.commands.begin(),
                    record->declaration.commands.end());
  }
  std::sort(aggregates.begin(), aggregates.end());
  std::sort(commands.begin(), commands.end());
  for (std::string& aggregate : aggregates) out.add_aggregates(std::move(aggregate));
  for (std::string& command : commands) out.add_commands(std::move(command));
}

void FillOutcome(const domain::ApplyOutcome& outcome, admin::v1::ApplyDomainResponse& out) {
  for (const domain::DomainChange& change : outcome.changes) {
    admin::v1::DomainChange& row = *out.add_changes();
    row.set_change(KindOf(change.change));
    row.set_kind(std::string(domain::KindName(change.kind)));
    row.set_name(change.name);
    row.set_path(change.path);
    row.set_before(change.before);
    row.set_after(change.after);
    row.set_detail(change.detail);
  }
  FillDomain(outcome.record, WithFiles::kNo, *out.mutable_domain());
  out.set_position(outcome.position.value);
}

}  // namespace nexus::rpc

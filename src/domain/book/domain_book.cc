#include "domain/book/domain_book.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/text.h"

namespace nexus::domain {
namespace {

absl::Status WrongPath(absl::string_view path, absl::string_view why) {
  return MakeError(ErrorReason::kMalformedRequest,
                   absl::StrCat("the path '", path, "' in the domain ", why));
}

absl::Status CheckPath(absl::string_view path) {
  if (path.empty() || path.size() > kPathBytesMax) {
    return WrongPath(path.substr(0, 80), absl::StrCat("has 1 to ", kPathBytesMax, " bytes"));
  }
  for (const unsigned char c : path) {
    if (absl::ascii_isalnum(c) || absl::StrContains("._-/", static_cast<char>(c))) continue;
    return WrongPath(path, "may have letters, digits, '.', '_', '-' and '/' only");
  }
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty() || part == "." || part == "..") {
      return WrongPath(path, "has an empty part, '.' or '..'");
    }
  }
  return absl::OkStatus();
}

}  // namespace

DomainBook::DomainBook(const DomainBookParts& parts, DomainBookOptions options)
    : parts_(parts),
      options_(options),
      now_(*DomainState::Build({}, parts.json)),
      stream_(StreamName::Literal(kDomainsStream), parts.log, parts.reader, parts.executor,
              parts.clock, parts.ids, [this](const RecordedEvent& event) { return Fold(event); }) {}

absl::Status DomainBook::Load() {
  NEXUS_RETURN_IF_ERROR(stream_.CatchUp());
  loaded_ = true;
  if (parts_.on_state) parts_.on_state(*Snapshot());
  return absl::OkStatus();
}

DomainBook::SnapshotPtr DomainBook::Snapshot() const {
  absl::MutexLock lock(&mutex_);
  return now_;
}

std::vector<DomainRecord> DomainBook::History(absl::string_view name) const {
  absl::MutexLock lock(&mutex_);
  const auto found = history_.find(name);
  return found == history_.end() ? std::vector<DomainRecord>() : found->second;
}

absl::StatusOr<DomainRecord> DomainBook::Find(absl::string_view name, uint64_t version) const {
  const std::vector<DomainRecord> history = History(name);
  if (version == 0 && !history.empty() && !history.back().removed) return history.back();
  for (const DomainRecord& record : history) {
    if (version != 0 && record.version == version) return record;
  }
  return MakeError(ErrorReason::kNotFound,
                   version == 0 ? absl::StrCat("there is no domain ", name)
                                : absl::StrCat("the domain ", name, " has no version ", version));
}

absl::Status DomainBook::Fold(const RecordedEvent& event) {
  NEXUS_ASSIGN_OR_RETURN(const DomainEvent change,
                         DecodeDomainEvent(event.type, event.data, parts_.json));
  return Take(change, event.position, event.recorded, event.principal);
}

absl::Status DomainBook::Take(const DomainEvent& event, Position position, Timestamp recorded,
                              absl::string_view principal) {
  DomainRecord record;
  record.version = event.version;
  record.position = position;
  record.applied = recorded;
  record.principal = std::string(principal);
  record.comment = event.comment;
  record.removed = event.removed;
  record.rolled_back_to = event.rolled_back_to;
  record.package = std::make_shared<const DomainPackage>(event.package);
  if (!event.removed) record.digest = DigestOf(event.package);
  // Nobody else folds meanwhile, and readers need not wait for what takes long.
  std::map<std::string, DomainRecord> domains = Snapshot()->domains();
  if (event.removed) {
    domains.erase(event.package.name);
  } else {
    domains[event.package.name] = record;
  }
  NEXUS_ASSIGN_OR_RETURN(SnapshotPtr next, DomainState::Build(std::move(domains), parts_.json));
  if (loaded_ && parts_.on_state) parts_.on_state(*next);
  absl::MutexLock lock(&mutex_);
  now_ = std::move(next);
  history_[event.package.name].push_back(std::move(record));
  return absl::OkStatus();
}

absl::Status DomainBook::CheckSize(const DomainPackage& package) const {
  if (!IsPlainName(package.name)) {
    return MakeError(ErrorReason::kMalformedName,
                     absl::StrCat("the name of a domain has 1 to ", kDomainNameBytesMax,
                                  " of a-z, 0-9 and '-', not '", package.name.substr(0, 80), "'"));
  }
  size_t bytes = 0;
  absl::flat_hash_set<absl::string_view> paths;
  for (const auto* files : {&package.declarations, &package.files}) {
    for (const PackageFile& file : *files) {
      NEXUS_RETURN_IF_ERROR(CheckPath(file.path));
      if (!paths.insert(file.path).second) return WrongPath(file.path, "is there twice");
      if (const auto byte = FindInvalidUtf8(file.text)) {
        return MakeError(ErrorReason::kInvalidUtf8,
                         absl::StrCat(file.path, " is not UTF-8 at byte ", *byte));
      }
      bytes += file.path.size() + file.text.size();
    }
  }
  if (paths.size() > options_.files_max || bytes > options_.package_bytes_max) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("a domain has at most ", options_.files_max, " files and ",
                                  options_.package_bytes_max, " bytes; this one has ", paths.size(),
                                  " and ", bytes));
  }
  return absl::OkStatus();
}

absl::StatusOr<DomainBook::SnapshotPtr> DomainBook::With(const DomainPackage& package) const {
  NEXUS_RETURN_IF_ERROR(CheckSize(package));
  std::map<std::string, DomainRecord> domains = Snapshot()->domains();
  if (domains.size() >= options_.domains_max && !domains.contains(package.name)) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("there are ", options_.domains_max, " domains already"));
  }
  DomainRecord& record = domains[package.name];
  record.package = std::make_shared<const DomainPackage>(package);
  record.digest = DigestOf(package);
  record.version = NextVersion(package.name);
  return DomainState::Build(std::move(domains), parts_.json);
}

uint64_t DomainBook::NextVersion(const std::string& name) const {
  absl::MutexLock lock(&mutex_);
  const auto found = history_.find(name);
  return found == history_.end() ? 1 : found->second.back().version + 1;
}

DomainBook::Plan DomainBook::PlanApplied(DomainEvent& event, Check& check) const {
  const SnapshotPtr now = Snapshot();
  const auto found = now->domains().find(event.package.name);
  event.version = 0;
  if (found != now->domains().end() && *found->second.package == event.package) {
    return std::nullopt;
  }
  NEXUS_ASSIGN_OR_RETURN(const SnapshotPtr next, With(event.package));
  if (check) NEXUS_RETURN_IF_ERROR(check(*next));
  event.version = NextVersion(event.package.name);
  std::string data = EncodeDomainEvent(event);
  if (data.size() > options_.event_bytes_max) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("as JSON a domain has at most ", options_.event_bytes_max,
                                  " bytes; this one has ", data.size()));
  }
  return GovernanceStream::NewEvent{std::string(TypeOf(event)), std::move(data)};
}

DomainBook::Plan DomainBook::PlanRemoved(DomainEvent& event) const {
  if (!Snapshot()->domains().contains(event.package.name)) {
    return MakeError(ErrorReason::kNotFound,
                     absl::StrCat("there is no domain ", event.package.name));
  }
  event.version = NextVersion(event.package.name);
  return GovernanceStream::NewEvent{std::string(TypeOf(event)), EncodeDomainEvent(event)};
}

governance::JointPart DomainBook::ApplyTogether(std::shared_ptr<DomainEvent> event, Check check,
                                                std::string principal) {
  return Together(
      event,
      [this, event, check = std::move(check)]() mutable { return PlanApplied(*event, check); },
      std::move(principal));
}

governance::JointPart DomainBook::RemoveTogether(std::shared_ptr<DomainEvent> event,
                                                 std::string principal) {
  return Together(
      event, [this, event] { return PlanRemoved(*event); }, std::move(principal));
}

governance::JointPart DomainBook::Together(std::shared_ptr<DomainEvent> event,
                                           absl::AnyInvocable<Plan()> plan, std::string principal) {
  return {&stream_,
          [plan = std::move(
               plan)]() mutable -> absl::StatusOr<std::vector<GovernanceStream::NewEvent>> {
            NEXUS_ASSIGN_OR_RETURN(std::optional<GovernanceStream::NewEvent> planned, plan());
            std::vector<GovernanceStream::NewEvent> events;
            if (planned.has_value()) events.push_back(*std::move(planned));
            return events;
          },
          [this, event, principal = std::move(principal)](Revision, Position position,
                                                          Timestamp recorded) {
            // It was planned against this very state.
            Take(*event, position, recorded, principal).IgnoreError();
          }};
}

}  // namespace nexus::domain

#include "schema/schema_catalog.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "schema/schema_content.h"

namespace nexus::schema {

SchemaCatalog::Subject* SchemaCatalog::FindSubject(absl::string_view subject) const {
  const auto at = by_name_.find(subject);
  return at == by_name_.end() ? nullptr : at->second;
}

SchemaRecordPtr SchemaCatalog::FindVersion(const Subject& subject, uint32_t version) {
  const auto& versions = subject.versions;
  // Dense versions stand at their number less one; imported ones may leave gaps.
  if (version - 1 < versions.size() && versions[version - 1]->version == version) {
    return versions[version - 1];
  }
  const auto at = std::lower_bound(
      versions.begin(), versions.end(), version,
      [](const SchemaRecordPtr& record, uint32_t wanted) { return record->version < wanted; });
  return at == versions.end() || (*at)->version != version ? nullptr : *at;
}

SchemaRecordPtr SchemaCatalog::Find(absl::string_view subject, uint32_t version) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Subject* found = FindSubject(subject);
  if (found == nullptr) return nullptr;
  if (version == 0) return found->latest;
  SchemaRecordPtr record = FindVersion(*found, version);
  return record != nullptr && record->state == SchemaState::kLive ? record : nullptr;
}

SchemaRecordPtr SchemaCatalog::FindStored(absl::string_view subject, uint32_t version) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Subject* found = FindSubject(subject);
  return found == nullptr ? nullptr : FindVersion(*found, version);
}

SchemaRecordPtr SchemaCatalog::FindContent(absl::string_view subject, absl::string_view digest,
                                           bool deleted_too) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Subject* found = FindSubject(subject);
  if (found == nullptr) return nullptr;
  SchemaRecordPtr deleted;
  for (auto at = found->versions.rbegin(); at != found->versions.rend(); ++at) {
    const SchemaRecordPtr& record = *at;
    if (record->digest != digest) continue;
    if (record->state == SchemaState::kLive) return record;
    if (record->state == SchemaState::kDeleted && deleted == nullptr) deleted = record;
  }
  return deleted_too ? deleted : nullptr;
}

std::vector<SchemaRecordPtr> SchemaCatalog::WithId(uint32_t id) const {
  absl::ReaderMutexLock lock(&mutex_);
  std::vector<SchemaRecordPtr> records;
  const auto at = with_id_.find(id);
  if (at == with_id_.end()) return records;
  for (const auto& [subject, version] : at->second) {
    SchemaRecordPtr record = FindVersion(*subject, version);
    if (record->state != SchemaState::kErased) records.push_back(std::move(record));
  }
  std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
    return std::tie(a->subject, a->version) < std::tie(b->subject, b->version);
  });
  return records;
}

SchemaRecordPtr SchemaCatalog::FindWithId(absl::string_view subject, uint32_t id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Subject* const found = FindSubject(subject);
  if (found == nullptr) return nullptr;
  SchemaRecordPtr hidden;
  for (auto at = found->versions.rbegin(); at != found->versions.rend(); ++at) {
    const SchemaRecordPtr& record = *at;
    if (record->id != id) continue;
    if (record->state == SchemaState::kLive) return record;
    if (hidden == nullptr) hidden = record;
  }
  return hidden;
}

uint32_t SchemaCatalog::IdOf(absl::string_view digest) const {
  const std::optional<UuidBytes> guid = GuidBytesOf(digest);
  if (!guid) return 0;
  absl::ReaderMutexLock lock(&mutex_);
  const auto at = id_of_guid_.find(*guid);
  return at == id_of_guid_.end() || DigestHere(at->second) != digest ? 0 : at->second;
}

uint32_t SchemaCatalog::IdOfGuid(absl::string_view guid) const {
  const absl::StatusOr<UuidBytes> bytes = ParseUuid(guid);
  // The text form, and no other, is what clients were given.
  if (!bytes.ok() || FormatUuid(*bytes) != guid) return 0;
  absl::ReaderMutexLock lock(&mutex_);
  const auto at = id_of_guid_.find(*bytes);
  return at == id_of_guid_.end() ? 0 : at->second;
}

absl::string_view SchemaCatalog::DigestHere(uint32_t id) const {
  const auto at = with_id_.find(id);
  if (at == with_id_.end()) return "";
  const auto& [subject, version] = at->second.front();
  return FindVersion(*subject, version)->digest;
}

std::string SchemaCatalog::DigestOf(uint32_t id) const {
  absl::ReaderMutexLock lock(&mutex_);
  return std::string(DigestHere(id));
}

uint32_t SchemaCatalog::NextId() const {
  absl::ReaderMutexLock lock(&mutex_);
  return with_id_.empty() ? 1 : with_id_.rbegin()->first + 1;
}

uint32_t SchemaCatalog::HighestVersion(absl::string_view subject) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Subject* found = FindSubject(subject);
  return found == nullptr ? 0 : found->versions.back()->version;
}

bool SchemaCatalog::IsWanted(const SchemaRecord& record, Deleted deleted) {
  if (record.state == SchemaState::kErased) return false;
  if (deleted == Deleted::kIncluded) return true;
  return (record.state == SchemaState::kDeleted) == (deleted == Deleted::kOnly);
}

bool SchemaCatalog::ListSubject(const Subject& subject, const SchemaQuery& query, uint32_t after,
                                SchemaPage& page) {
  const auto take = [&](const SchemaRecordPtr& record) {
    if (record->version <= after || !IsWanted(*record, query.deleted)) return true;
    if (page.records.size() == query.limit) return false;
    page.records.push_back(record);
    return true;
  };
  if (!query.latest_only)
    return std::all_of(subject.versions.begin(), subject.versions.end(), take);
  // The latest of a subject that was already listed may be a newer one by now: not listed again.
  if (after != 0) return true;
  for (auto at = subject.versions.rbegin(); at != subject.versions.rend(); ++at) {
    if (IsWanted(**at, query.deleted)) return take(*at);
  }
  return true;
}

SchemaPage SchemaCatalog::List(const SchemaQuery& query) const {
  SchemaPage page;
  absl::ReaderMutexLock lock(&mutex_);
  const std::string& first = std::max({query.subject, query.after_subject, query.subject_prefix});
  for (auto at = subjects_.lower_bound(first); at != subjects_.end(); ++at) {
    if (!query.subject.empty() && at->first != query.subject) break;
    if (!absl::StartsWith(at->first, query.subject_prefix)) break;
    const uint32_t after = at->first == query.after_subject ? query.after_version : 0;
    if (!ListSubject(at->second, query, after, page)) return page;
  }
  page.end = true;
  return page;
}

std::vector<SchemaRecordPtr> SchemaCatalog::Versions(absl::string_view subject) const {
  std::vector<SchemaRecordPtr> versions = VersionsAndDeleted(subject);
  std::erase_if(versions, [](const auto& record) { return record->state != SchemaState::kLive; });
  return versions;
}

std::vector<SchemaRecordPtr> SchemaCatalog::VersionsAndDeleted(absl::string_view subject) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Subject* found = FindSubject(subject);
  if (found == nullptr) return {};
  std::vector<SchemaRecordPtr> versions = found->versions;
  std::erase_if(versions, [](const auto& record) { return record->state == SchemaState::kErased; });
  return versions;
}

std::vector<SchemaRecordPtr> SchemaCatalog::ReferencedBy(absl::string_view subject,
                                                         uint32_t version) const {
  absl::ReaderMutexLock lock(&mutex_);
  std::vector<SchemaRecordPtr> records;
  const auto at = referenced_by_.find(Name(std::string(subject), version));
  if (at == referenced_by_.end()) return records;
  for (const auto& [user, user_version] : at->second) {
    SchemaRecordPtr record = FindVersion(*FindSubject(user), user_version);
    if (record->state == SchemaState::kLive) records.push_back(std::move(record));
  }
  return records;
}

void SchemaCatalog::Add(SchemaRecordPtr record) {
  absl::MutexLock lock(&mutex_);
  const auto [at, is_new] = subjects_.try_emplace(record->subject);
  Subject& subject = at->second;
  if (is_new) by_name_.emplace(at->first, &subject);
  if (const auto guid = GuidBytesOf(record->digest)) id_of_guid_.emplace(*guid, record->id);
  with_id_[record->id].push_back({&subject, record->version});
  for (const RecordReference& reference : record->references) {
    referenced_by_[Name(reference.subject, reference.version)].emplace_back(record->subject,
                                                                            record->version);
  }
  const auto place = std::upper_bound(
      subject.versions.begin(), subject.versions.end(), record->version,
      [](uint32_t version, const SchemaRecordPtr& other) { return version < other->version; });
  if (record->state == SchemaState::kLive &&
      (subject.latest == nullptr || subject.latest->version < record->version)) {
    subject.latest = record;
  }
  subject.versions.insert(place, std::move(record));
}

void SchemaCatalog::SetState(absl::string_view subject, absl::Span<const uint32_t> versions,
                             SchemaState state) {
  absl::MutexLock lock(&mutex_);
  Subject* found = FindSubject(subject);
  if (found == nullptr) return;
  found->latest = nullptr;
  for (SchemaRecordPtr& record : found->versions) {
    if (std::find(versions.begin(), versions.end(), record->version) != versions.end()) {
      auto changed = std::make_shared<SchemaRecord>(*record);
      changed->state = state;
      record = std::move(changed);
    }
    if (record->state == SchemaState::kLive) found->latest = record;
  }
}

}  // namespace nexus::schema

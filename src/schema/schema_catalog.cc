#include "schema/schema_catalog.h"

#include <utility>

namespace nexus::schema {

const SchemaCatalog::Subject* SchemaCatalog::FindSubject(absl::string_view subject) const {
  const auto at = by_name_.find(subject);
  return at == by_name_.end() ? nullptr : at->second;
}

SchemaRecordPtr SchemaCatalog::Find(absl::string_view subject, uint32_t version) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Subject* found = FindSubject(subject);
  if (found == nullptr || version > found->versions.size()) return nullptr;
  return version == 0 ? found->versions.back() : found->versions[version - 1];
}

SchemaRecordPtr SchemaCatalog::FindContent(absl::string_view subject,
                                           absl::string_view digest) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Subject* found = FindSubject(subject);
  if (found == nullptr) return nullptr;
  const auto at = found->by_digest.find(digest);
  return at == found->by_digest.end() ? nullptr : found->versions[at->second - 1];
}

uint32_t SchemaCatalog::LatestVersion(absl::string_view subject) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Subject* found = FindSubject(subject);
  return found == nullptr ? 0 : static_cast<uint32_t>(found->versions.size());
}

SchemaPage SchemaCatalog::List(const SchemaQuery& query) const {
  SchemaPage page;
  absl::ReaderMutexLock lock(&mutex_);
  const std::string& first = std::max(query.subject, query.after_subject);
  for (auto at = subjects_.lower_bound(first); at != subjects_.end(); ++at) {
    if (!query.subject.empty() && at->first != query.subject) break;
    const auto& versions = at->second.versions;
    size_t from = at->first == query.after_subject ? query.after_version : 0;
    if (query.latest_only && from < versions.size()) from = versions.size() - 1;
    // The latest of a subject that was already listed may be a newer one by now: not listed again.
    if (query.latest_only && at->first == query.after_subject) continue;
    for (; from < versions.size(); ++from) {
      if (page.records.size() == query.limit) return page;
      page.records.push_back(versions[from]);
    }
  }
  page.end = true;
  return page;
}

void SchemaCatalog::Add(SchemaRecordPtr record) {
  absl::MutexLock lock(&mutex_);
  const auto [at, is_new] = subjects_.try_emplace(record->subject);
  if (is_new) by_name_.emplace(record->subject, &at->second);
  at->second.by_digest.emplace(record->digest, record->version);
  at->second.versions.push_back(std::move(record));
}

std::vector<SchemaRecordPtr> SchemaCatalog::Versions(absl::string_view subject) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Subject* found = FindSubject(subject);
  return found == nullptr ? std::vector<SchemaRecordPtr>() : found->versions;
}

CompatibilitySettings SchemaCatalog::GetCompatibility(absl::string_view subject) const {
  absl::ReaderMutexLock lock(&mutex_);
  auto at = compatibility_.find(subject);
  const bool own = at != compatibility_.end();
  if (!own) at = compatibility_.find("");
  CompatibilitySettings settings;
  if (at != compatibility_.end()) settings = at->second;
  settings.subject = std::string(subject);
  settings.inherited = !own && !subject.empty();
  return settings;
}

void SchemaCatalog::SetCompatibility(CompatibilitySettings settings) {
  absl::MutexLock lock(&mutex_);
  std::string subject = settings.subject;
  settings.stored = true;
  compatibility_[std::move(subject)] = std::move(settings);
}

CategorySettings SchemaCatalog::GetCategory(absl::string_view category) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto at = categories_.find(category);
  return {std::string(category), at == categories_.end() ? default_mode_ : at->second};
}

bool SchemaCatalog::SchemaRequired(absl::string_view category) const {
  SchemaMode mode = default_mode_;
  if (has_categories_.load(std::memory_order_acquire)) {
    absl::ReaderMutexLock lock(&mutex_);
    const auto at = categories_.find(category);
    if (at != categories_.end()) mode = at->second;
  }
  return mode == SchemaMode::kRequired;
}

void SchemaCatalog::SetCategory(const CategorySettings& settings) {
  absl::MutexLock lock(&mutex_);
  categories_[settings.category] = settings.schema_mode;
  has_categories_.store(true, std::memory_order_release);
}

}  // namespace nexus::schema

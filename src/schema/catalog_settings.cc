// The settings that the catalog holds: compatibility, modes, validation, categories.

#include <string>
#include <utility>

#include "schema/schema_catalog.h"

namespace nexus::schema {
namespace {

template <typename Settings>
using BySubject = absl::flat_hash_map<std::string, Settings>;

// Those of the subject, else the global ones, else the end.
template <typename Settings>
auto FindEffective(const BySubject<Settings>& all, absl::string_view subject) {
  const auto own = all.find(subject);
  return own != all.end() ? own : all.find("");
}

// The same, else what `Settings` begins with.
template <typename Settings>
Settings Effective(const BySubject<Settings>& all, absl::string_view subject) {
  const auto at = FindEffective(all, subject);
  Settings settings;
  if (at != all.end()) settings = at->second;
  settings.subject = std::string(subject);
  settings.inherited = !subject.empty() && (at == all.end() || at->first != subject);
  return settings;
}

template <typename Settings>
void Store(Settings settings, BySubject<Settings>& all) {
  settings.stored = true;
  std::string subject = settings.subject;
  all[std::move(subject)] = std::move(settings);
}

}  // namespace

CompatibilitySettings SchemaCatalog::GetCompatibility(absl::string_view subject) const {
  absl::ReaderMutexLock lock(&mutex_);
  return Effective(compatibility_, subject);
}

void SchemaCatalog::SetCompatibility(CompatibilitySettings settings) {
  absl::MutexLock lock(&mutex_);
  Store(std::move(settings), compatibility_);
}

void SchemaCatalog::ClearCompatibility(absl::string_view subject) {
  absl::MutexLock lock(&mutex_);
  compatibility_.erase(subject);
}

ModeSettings SchemaCatalog::GetMode(absl::string_view subject) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto global = modes_.find("");
  if (global != modes_.end() && global->second.mode == RegistryMode::kReadOnlyOverride) {
    ModeSettings settings = global->second;
    settings.subject = std::string(subject);
    settings.inherited = !subject.empty();
    return settings;
  }
  return Effective(modes_, subject);
}

void SchemaCatalog::SetMode(ModeSettings settings) {
  absl::MutexLock lock(&mutex_);
  Store(std::move(settings), modes_);
}

void SchemaCatalog::ClearMode(absl::string_view subject) {
  absl::MutexLock lock(&mutex_);
  modes_.erase(subject);
}

ValidationSettings SchemaCatalog::GetValidation(absl::string_view subject) const {
  absl::ReaderMutexLock lock(&mutex_);
  return Effective(validation_, subject);
}

UndeclaredFields SchemaCatalog::UndeclaredFieldsOf(absl::string_view subject,
                                                   SchemaFormat format) const {
  UndeclaredFields setting = UndeclaredFields::kByFormat;
  if (has_validation_.load(std::memory_order_acquire)) {
    absl::ReaderMutexLock lock(&mutex_);
    const auto at = FindEffective(validation_, subject);
    if (at != validation_.end()) setting = at->second.undeclared_fields;
  }
  return ResolveUndeclaredFields(setting, format);
}

void SchemaCatalog::SetValidation(ValidationSettings settings) {
  absl::MutexLock lock(&mutex_);
  Store(std::move(settings), validation_);
  has_validation_.store(true, std::memory_order_release);
}

void SchemaCatalog::ClearValidation(absl::string_view subject) {
  absl::MutexLock lock(&mutex_);
  validation_.erase(subject);
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

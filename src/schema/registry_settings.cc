// How settings change: compatibility, modes, validation, categories.

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/schema_events.h"
#include "schema/schema_registry.h"

namespace nexus::schema {
namespace {

// Of settings: no subject at all means the global ones.
absl::Status CheckSettings(absl::string_view subject, absl::string_view comment,
                           const SchemaRequestLimits& limits) {
  if (!subject.empty()) {
    NEXUS_RETURN_IF_ERROR(CheckName("subject", subject, limits.subject_bytes_max));
  }
  return CheckComment(comment, limits);
}

template <typename Settings>
bool IsOwn(const Settings& settings) {
  return settings.stored && !settings.inherited;
}

absl::Status NoSettings(absl::string_view subject, absl::string_view what) {
  return MakeError(ErrorReason::kNotFound, absl::StrCat(subject, " has no ", what, " of its own"));
}

}  // namespace

void SchemaRegistry::UpdateCompatibility(CompatibilitySettings settings, AdmissionStamp stamp,
                                         Done<CompatibilitySettings> done) {
  absl::Status status = CheckSettings(settings.subject, settings.comment, options_.limits);
  if (!status.ok()) return done(std::move(status));
  settings.inherited = false;
  settings.updated_by = stamp.principal;
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, settings]() -> Plan {
    const CompatibilitySettings now = catalog_.GetCompatibility(settings.subject);
    if (IsOwn(now) && now.rules == settings.rules) return std::nullopt;
    return GovernanceStream::NewEvent{kCompatibilityUpdatedType,
                                      EncodeCompatibilityUpdated(settings)};
  };
  change.apply = [this, settings](Timestamp recorded) {
    CompatibilitySettings now = settings;
    now.updated = recorded;
    catalog_.SetCompatibility(std::move(now));
  };
  change.done = [this, subject = settings.subject,
                 done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    done(catalog_.GetCompatibility(subject));
  };
  stream_.Submit(std::move(change));
}

void SchemaRegistry::ClearCompatibility(std::string subject, std::string comment,
                                        AdmissionStamp stamp, Done<CompatibilitySettings> done) {
  absl::Status status = CheckSettings(subject, comment, options_.limits);
  if (!status.ok()) return done(std::move(status));
  auto before = std::make_shared<CompatibilitySettings>();  // shared by the steps
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, subject, comment, before]() -> Plan {
    *before = catalog_.GetCompatibility(subject);
    if (!IsOwn(*before)) return NoSettings(subject, "compatibility settings");
    return GovernanceStream::NewEvent{kCompatibilityClearedType,
                                      EncodeSettingsCleared({subject, comment})};
  };
  change.apply = [this, subject](Timestamp) { catalog_.ClearCompatibility(subject); };
  change.done = [before, done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    done(*before);
  };
  stream_.Submit(std::move(change));
}

void SchemaRegistry::UpdateMode(ModeSettings settings, bool force, AdmissionStamp stamp,
                                Done<ModeSettings> done) {
  absl::Status status = CheckSettings(settings.subject, settings.comment, options_.limits);
  if (status.ok() && settings.mode == RegistryMode::kReadOnlyOverride &&
      !settings.subject.empty()) {
    status = MakeError(ErrorReason::kMalformedRequest,
                       "READONLY_OVERRIDE is a mode of the whole registry, not of a subject");
  }
  if (!status.ok()) return done(std::move(status));
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, settings, force]() -> Plan {
    const ModeSettings now = catalog_.GetMode(settings.subject);
    if (IsOwn(now) && now.mode == settings.mode) return std::nullopt;
    SchemaQuery live;
    live.subject = settings.subject;
    live.limit = 1;
    if (settings.mode == RegistryMode::kImport && !force && !catalog_.List(live).records.empty()) {
      return MakeError(ErrorReason::kSchemaInUse,
                       "IMPORT is for what has no live version; force it to import beside them");
    }
    return GovernanceStream::NewEvent{kModeUpdatedType, EncodeModeUpdated(settings)};
  };
  change.apply = [this, settings](Timestamp) { catalog_.SetMode(settings); };
  change.done = [settings, done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    settings.stored = true;
    done(settings);
  };
  stream_.Submit(std::move(change));
}

void SchemaRegistry::ClearMode(std::string subject, std::string comment, AdmissionStamp stamp,
                               Done<ModeSettings> done) {
  absl::Status status = CheckSettings(subject, comment, options_.limits);
  if (!status.ok()) return done(std::move(status));
  auto before = std::make_shared<ModeSettings>();  // shared by the steps
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, subject, comment, before]() -> Plan {
    *before = catalog_.GetMode(subject);
    if (!IsOwn(*before)) return NoSettings(subject, "mode");
    return GovernanceStream::NewEvent{kModeClearedType, EncodeSettingsCleared({subject, comment})};
  };
  change.apply = [this, subject](Timestamp) { catalog_.ClearMode(subject); };
  change.done = [before, done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    done(*before);
  };
  stream_.Submit(std::move(change));
}

void SchemaRegistry::UpdateValidation(ValidationSettings settings, AdmissionStamp stamp,
                                      Done<ValidationSettings> done) {
  absl::Status status = CheckSettings(settings.subject, settings.comment, options_.limits);
  if (!status.ok()) return done(std::move(status));
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, settings]() -> Plan {
    const ValidationSettings now = catalog_.GetValidation(settings.subject);
    if (IsOwn(now) && now.undeclared_fields == settings.undeclared_fields) return std::nullopt;
    return GovernanceStream::NewEvent{kValidationUpdatedType, EncodeValidationUpdated(settings)};
  };
  change.apply = [this, settings](Timestamp) { catalog_.SetValidation(settings); };
  change.done = [this, subject = settings.subject,
                 done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    done(catalog_.GetValidation(subject));
  };
  stream_.Submit(std::move(change));
}

void SchemaRegistry::ClearValidation(std::string subject, std::string comment, AdmissionStamp stamp,
                                     Done<ValidationSettings> done) {
  absl::Status status = CheckSettings(subject, comment, options_.limits);
  if (!status.ok()) return done(std::move(status));
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, subject, comment]() -> Plan {
    if (!IsOwn(catalog_.GetValidation(subject))) return NoSettings(subject, "validation settings");
    return GovernanceStream::NewEvent{kValidationClearedType,
                                      EncodeSettingsCleared({subject, comment})};
  };
  change.apply = [this, subject](Timestamp) { catalog_.ClearValidation(subject); };
  change.done = [this, subject, done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    done(catalog_.GetValidation(subject));
  };
  stream_.Submit(std::move(change));
}

void SchemaRegistry::UpdateCategory(CategorySettings settings, AdmissionStamp stamp,
                                    Done<CategorySettings> done) {
  absl::Status status = CheckName("category", settings.category, kStreamNameBytesMax);
  if (status.ok() && absl::StrContains(settings.category, '-')) {
    status = MakeError(ErrorReason::kMalformedName,
                       "a category is what precedes the first '-' of a stream's name");
  }
  if (!status.ok()) return done(std::move(status));
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, settings]() -> absl::StatusOr<std::optional<GovernanceStream::NewEvent>> {
    if (catalog_.GetCategory(settings.category) == settings) return std::nullopt;
    return GovernanceStream::NewEvent{kCategoryUpdatedType, EncodeCategoryUpdated(settings)};
  };
  change.apply = [this, settings](Timestamp) { catalog_.SetCategory(settings); };
  change.done = [settings, done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    done(settings);
  };
  stream_.Submit(std::move(change));
}

}  // namespace nexus::schema

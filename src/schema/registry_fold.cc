// From stored events to the catalog.

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/lazy_schema.h"
#include "schema/schema_events.h"
#include "schema/schema_registry.h"

namespace nexus::schema {
namespace {

// How much of what new events are checked by is compiled at start, in bytes of definitions. What
// comes out takes some thirty times as much memory; beyond, the first event of a type makes it.
constexpr size_t kCompiledAtStartBytesMax = 2 << 20;

std::string NameOfStored(absl::string_view subject, uint32_t version, Revision revision) {
  return absl::StrCat("the stored schema ", subject, " version ", version, " (", kSchemasStream,
                      " revision ", revision.value, ")");
}

}  // namespace

absl::Status SchemaRegistry::Fold(const RecordedEvent& event) {
  if (event.type == kSchemaRegisteredType) return FoldRegistered(event);
  if (event.type == kSchemaDeletedType) return FoldDeleted(event);
  return FoldSettings(event);
}

absl::Status SchemaRegistry::FoldSettings(const RecordedEvent& event) {
  if (event.type == kCompatibilityUpdatedType) {
    NEXUS_ASSIGN_OR_RETURN(CompatibilitySettings settings,
                           DecodeCompatibilityUpdated(event.data, parts_.json));
    settings.updated_by = std::string(event.principal);
    settings.updated = event.recorded;
    catalog_.SetCompatibility(std::move(settings));
  } else if (event.type == kCompatibilityClearedType) {
    NEXUS_ASSIGN_OR_RETURN(const SettingsCleared cleared,
                           DecodeSettingsCleared(event.data, parts_.json));
    catalog_.ClearCompatibility(cleared.subject);
  } else if (event.type == kModeUpdatedType) {
    NEXUS_ASSIGN_OR_RETURN(ModeSettings settings, DecodeModeUpdated(event.data, parts_.json));
    catalog_.SetMode(std::move(settings));
  } else if (event.type == kModeClearedType) {
    NEXUS_ASSIGN_OR_RETURN(const SettingsCleared cleared,
                           DecodeSettingsCleared(event.data, parts_.json));
    catalog_.ClearMode(cleared.subject);
  } else if (event.type == kValidationUpdatedType) {
    NEXUS_ASSIGN_OR_RETURN(ValidationSettings settings,
                           DecodeValidationUpdated(event.data, parts_.json));
    catalog_.SetValidation(std::move(settings));
  } else if (event.type == kValidationClearedType) {
    NEXUS_ASSIGN_OR_RETURN(const SettingsCleared cleared,
                           DecodeSettingsCleared(event.data, parts_.json));
    catalog_.ClearValidation(cleared.subject);
  } else if (event.type == kCategoryUpdatedType) {
    NEXUS_ASSIGN_OR_RETURN(const CategorySettings settings,
                           DecodeCategoryUpdated(event.data, parts_.json));
    catalog_.SetCategory(settings);
  } else {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     absl::StrCat(kSchemasStream, " has an event of the unknown type ", event.type,
                                  " at revision ", event.revision.value));
  }
  return absl::OkStatus();
}

absl::Status SchemaRegistry::FoldDeleted(const RecordedEvent& event) {
  NEXUS_ASSIGN_OR_RETURN(const SchemaDeleted deleted, DecodeSchemaDeleted(event.data, parts_.json));
  for (const uint32_t version : deleted.versions) {
    if (catalog_.FindStored(deleted.subject, version) != nullptr) continue;
    return MakeError(ErrorReason::kDataLoss,
                     absl::StrCat("a stored deletion names version ", version, " of ",
                                  deleted.subject, ", which was never registered (", kSchemasStream,
                                  " revision ", event.revision.value, ")"));
  }
  catalog_.SetState(deleted.subject, deleted.versions,
                    deleted.permanent ? SchemaState::kErased : SchemaState::kDeleted);
  return absl::OkStatus();
}

absl::Status SchemaRegistry::FoldRegistered(const RecordedEvent& event) {
  NEXUS_ASSIGN_OR_RETURN(SchemaRegistered stored, DecodeSchemaRegistered(event.data, parts_.json));
  const uint32_t known = catalog_.IdOf(stored.digest);
  // Only an import leaves versions out; that is in the mode IMPORT at this place of the stream.
  const bool follows = stored.version == catalog_.HighestVersion(stored.subject) + 1 ||
                       (catalog_.GetMode(stored.subject).mode == RegistryMode::kImport &&
                        catalog_.FindStored(stored.subject, stored.version) == nullptr);
  if (!follows) {
    return MakeError(ErrorReason::kDataLoss,
                     absl::StrCat(NameOfStored(stored.subject, stored.version, event.revision),
                                  " does not follow the one before"));
  }
  // Written before there were ids: the one that it would have got.
  if (stored.id == 0) stored.id = known != 0 ? known : catalog_.NextId();
  const std::string holder = catalog_.DigestOf(stored.id);
  if ((known != 0 && known != stored.id) || (!holder.empty() && holder != stored.digest)) {
    return MakeError(ErrorReason::kDataLoss,
                     absl::StrCat(NameOfStored(stored.subject, stored.version, event.revision),
                                  " has the id of other content"));
  }
  auto record = std::make_shared<SchemaRecord>(SchemaRecord{
      std::move(stored.subject), stored.version, stored.id, stored.format,
      std::move(stored.definition), std::move(stored.references), std::move(stored.metadata),
      std::move(stored.rule_set), std::move(stored.digest), std::string(event.principal),
      event.recorded, std::move(stored.comment), SchemaState::kLive, nullptr});
  record->compiled = std::make_shared<const LazySchema>(
      [this, subject = record->subject, version = record->version, revision = event.revision] {
        return CompileStored(*catalog_.FindStored(subject, version), revision);
      });
  catalog_.Add(std::move(record));
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const CompiledSchema>> SchemaRegistry::CompileStored(
    const SchemaRecord& record, Revision revision) const {
  RegisterRequest request;
  request.subject = record.subject;
  request.definition = record.definition;
  request.format = record.format;
  request.references = record.references;
  request.metadata = record.metadata;
  request.rule_set = record.rule_set;
  absl::StatusOr<Candidate> candidate = CompileChecked(request);
  if (!candidate.ok()) {
    return MakeError(absl::StrCat(NameOfStored(record.subject, record.version, revision),
                                  " no longer compiles: ", candidate.status().message()),
                     DetailsOf(candidate.status()));
  }
  if (candidate->digest != record.digest) {
    return MakeError(ErrorReason::kDataLoss,
                     absl::StrCat(NameOfStored(record.subject, record.version, revision),
                                  " does not match its digest"));
  }
  return std::move(candidate->compiled);
}

absl::Status SchemaRegistry::Load() {
  NEXUS_RETURN_IF_ERROR(stream_.CatchUp());
  // What new events will be checked by must be sound; older versions are compiled by who needs
  // them.
  SchemaQuery query;
  query.latest_only = true;
  query.limit = SIZE_MAX;
  size_t compiled_bytes = 0;
  for (const SchemaRecordPtr& record : catalog_.List(query).records) {
    compiled_bytes += record->definition.size();
    const auto* lazy = dynamic_cast<const LazySchema*>(record->compiled.get());
    if (lazy != nullptr && compiled_bytes > kCompiledAtStartBytesMax) {
      NEXUS_RETURN_IF_ERROR(lazy->Check());
    } else {
      NEXUS_RETURN_IF_ERROR(record->compiled->Get().status());
    }
  }
  return absl::OkStatus();
}

}  // namespace nexus::schema

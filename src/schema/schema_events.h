#pragma once

// The events of the stream `$schemas`, byte for byte: docs/reference/schema-events.md.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/port/json_reader.h"
#include "schema/schema_record.h"

namespace nexus::schema {

inline constexpr char kSchemasStream[] = "$schemas";
inline constexpr char kSchemaRegisteredType[] = "$schema-registered";
inline constexpr char kCategoryUpdatedType[] = "$category-updated";
inline constexpr char kCompatibilityUpdatedType[] = "$compatibility-updated";
inline constexpr char kCompatibilityClearedType[] = "$compatibility-cleared";
inline constexpr char kSchemaDeletedType[] = "$schema-deleted";
inline constexpr char kModeUpdatedType[] = "$registry-mode-updated";
inline constexpr char kModeClearedType[] = "$registry-mode-cleared";
inline constexpr char kValidationUpdatedType[] = "$validation-updated";
inline constexpr char kValidationClearedType[] = "$validation-cleared";

struct SchemaRegistered {
  std::string subject;
  uint32_t version = 0;
  uint32_t id = 0;  // 0: written before there were ids
  SchemaFormat format = SchemaFormat::kJsonSchema;
  std::string definition;
  std::vector<RecordReference> references;
  std::string metadata;  // canonical JSON, or empty
  std::string rule_set;
  std::string digest;
  std::string comment;
};

struct SchemaDeleted {
  std::string subject;
  std::vector<uint32_t> versions;
  bool permanent = false;
  std::string comment;
};

// That a subject has no setting of its own any more.
struct SettingsCleared {
  std::string subject;
  std::string comment;
};

std::string EncodeSchemaRegistered(const SchemaRegistered& event);
std::string EncodeSchemaDeleted(const SchemaDeleted& event);
std::string EncodeCategoryUpdated(const CategorySettings& settings);
// Who and when stand on the event itself.
std::string EncodeCompatibilityUpdated(const CompatibilitySettings& settings);
std::string EncodeModeUpdated(const ModeSettings& settings);
std::string EncodeValidationUpdated(const ValidationSettings& settings);
std::string EncodeSettingsCleared(const SettingsCleared& event);

// DATA_LOSS if `data` is not such an event. A member that is not known is passed over: a newer
// server may have written it.
absl::StatusOr<SchemaRegistered> DecodeSchemaRegistered(absl::string_view data, JsonReader& json);
absl::StatusOr<SchemaDeleted> DecodeSchemaDeleted(absl::string_view data, JsonReader& json);
absl::StatusOr<CategorySettings> DecodeCategoryUpdated(absl::string_view data, JsonReader& json);
absl::StatusOr<CompatibilitySettings> DecodeCompatibilityUpdated(absl::string_view data,
                                                                 JsonReader& json);
absl::StatusOr<ModeSettings> DecodeModeUpdated(absl::string_view data, JsonReader& json);
absl::StatusOr<ValidationSettings> DecodeValidationUpdated(absl::string_view data,
                                                           JsonReader& json);
absl::StatusOr<SettingsCleared> DecodeSettingsCleared(absl::string_view data, JsonReader& json);

// `[{"name":...,"subject":...,"version":...},...]`. MALFORMED_JSON if it is not.
absl::StatusOr<std::vector<RecordReference>> ParseReferences(absl::string_view array,
                                                             JsonReader& json);

}  // namespace nexus::schema

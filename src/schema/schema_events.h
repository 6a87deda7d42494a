#pragma once

// The events of the stream `$schemas`, byte for byte: docs/reference/schema-events.md.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/port/json_reader.h"
#include "schema/schema_record.h"

namespace nexus::schema {

inline constexpr char kSchemasStream[] = "$schemas";
inline constexpr char kSchemaRegisteredType[] = "$schema-registered";
inline constexpr char kCategoryUpdatedType[] = "$category-updated";
inline constexpr char kCompatibilityUpdatedType[] = "$compatibility-updated";

struct SchemaRegistered {
  std::string subject;
  uint32_t version = 0;
  std::string definition;
  std::string digest;
  std::string comment;
};

std::string EncodeSchemaRegistered(const SchemaRegistered& event);
std::string EncodeCategoryUpdated(const CategorySettings& settings);
// Who and when stand on the event itself.
std::string EncodeCompatibilityUpdated(const CompatibilitySettings& settings);

// DATA_LOSS if `data` is not such an event. A member that is not known is passed over: a newer
// server may have written it.
absl::StatusOr<SchemaRegistered> DecodeSchemaRegistered(absl::string_view data, JsonReader& json);
absl::StatusOr<CategorySettings> DecodeCategoryUpdated(absl::string_view data, JsonReader& json);
absl::StatusOr<CompatibilitySettings> DecodeCompatibilityUpdated(absl::string_view data,
                                                                 JsonReader& json);

}  // namespace nexus::schema

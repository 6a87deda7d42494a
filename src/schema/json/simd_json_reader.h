#pragma once

// The JsonReader port over simdjson.

#include <cstddef>

#include "nexus/port/json_reader.h"

namespace nexus::schema {

class SimdJsonReader : public JsonReader {
 public:
  // Documents may nest `depth_max` deep. The default fits what JsonSchemaOptions lets a schema
  // have.
  explicit SimdJsonReader(size_t depth_max = 128) : depth_max_(depth_max) {}

  absl::StatusOr<std::string> Canonical(absl::string_view json) override;
  absl::StatusOr<absl::flat_hash_map<std::string, JsonMember>> ReadObject(
      absl::string_view json) override;
  absl::StatusOr<std::vector<JsonMember>> ReadArray(absl::string_view json) override;
  absl::StatusOr<JsonMember> ReadAt(absl::string_view json, absl::string_view pointer) override;

 private:
  const size_t depth_max_;
};

}  // namespace nexus::schema

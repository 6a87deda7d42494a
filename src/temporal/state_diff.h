#pragma once

// What differs between two JSON values, place by place. Pure but for `json`.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/port/json_reader.h"
#include "temporal/past_query.h"

namespace nexus::temporal {

struct StateDiff {
  std::vector<FieldChange> changes;  // in the order of their pointers, names bytewise
  uint64_t left_out = 0;
};

// Objects member by member, arrays item by item from the first on; numbers by value. At most
// `changes_max`. MALFORMED_JSON.
absl::StatusOr<StateDiff> DiffStates(absl::string_view before, absl::string_view after,
                                     size_t changes_max, JsonReader& json);

// The value at `pointer` as JSON; nothing if there is none. MALFORMED_REQUEST if it is no pointer.
absl::StatusOr<std::optional<std::string>> ValueAt(absl::string_view state,
                                                   absl::string_view pointer, JsonReader& json);

}  // namespace nexus::temporal

#pragma once

// What every walk through a datum needs: limits, the keys of a map, the way to a fault.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/avro/datum_reader.h"

namespace nexus::schema {

struct DatumLimits {
  size_t depth_max = 64;               // records, arrays and maps inside one another
  uint64_t empty_items_max = 100'000;  // items of zero bytes, in all arrays together
  uint64_t steps_max = 10'000'000;     // values looked at
  size_t output_bytes_max = 16 << 20;  // of JSON, or of a datum that was converted
};

// The keys of one map; allocates for large maps only.
class DatumKeys {
 public:
  // False if `key` was there.
  bool Insert(absl::string_view key) {
    if (few_.size() < kFewMax) {
      if (std::find(few_.begin(), few_.end(), key) != few_.end()) return false;
      few_.push_back(key);
      return true;
    }
    if (many_.empty()) many_.insert(few_.begin(), few_.end());
    return many_.insert(key).second;
  }

 private:
  static constexpr size_t kFewMax = 16;
  absl::InlinedVector<absl::string_view, kFewMax> few_;
  absl::flat_hash_set<absl::string_view> many_;
};

// The way to a fault: kept only once there is one, innermost first.
class DatumPath {
 public:
  // Always false, so that it can end a walk.
  bool Note(absl::string_view token) {
    tokens_.emplace_back(token);
    return false;
  }
  bool NoteIndex(uint64_t index) { return Note(absl::StrCat(index)); }
  std::string Pointer() const;

 private:
  std::vector<std::string> tokens_;
};

// The violation that a fault at the end of a path is.
Violation DatumViolation(const DatumFault& fault, const DatumPath& path);

}  // namespace nexus::schema

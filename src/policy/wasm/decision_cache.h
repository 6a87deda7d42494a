#pragma once

// Decisions of one revision of one program, by what they depend on. A program of its own gets a
// cache of its own, so that a new revision begins with an empty one.
//
// Thread-safe. Bounded: when the young half is full it becomes the old half, whose entries are lost
// with the next change unless they are asked for.

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "nexus/port/policy_decider.h"

namespace nexus::policy {

class DecisionCache {
 public:
  // 0: nothing is kept.
  explicit DecisionCache(size_t bytes_max) : part_bytes_max_(bytes_max / kParts / 2) {}

  bool enabled() const { return part_bytes_max_ > 0; }
  std::optional<PolicyAnswer> Find(absl::string_view key);
  // Too large an entry is not kept.
  void Keep(std::string key, const PolicyAnswer& answer);

  size_t bytes() const;  // about what it holds

 private:
  static constexpr size_t kParts = 8;  // so that threads seldom meet
  using Entries = absl::flat_hash_map<std::string, PolicyAnswer>;
  struct Part {
    mutable absl::Mutex mutex;
    Entries young ABSL_GUARDED_BY(mutex);
    Entries old ABSL_GUARDED_BY(mutex);
    size_t young_bytes ABSL_GUARDED_BY(mutex) = 0;
    size_t old_bytes ABSL_GUARDED_BY(mutex) = 0;
  };

  Part& PartOf(size_t hash) { return parts_[hash >> 57 & (kParts - 1)]; }
  void KeepYoung(Part& part, std::string key, PolicyAnswer answer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(part.mutex);

  const size_t part_bytes_max_;  // of a half
  std::array<Part, kParts> parts_;
};

}  // namespace nexus::policy

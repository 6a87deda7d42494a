#pragma once

// Names known in advance, found by their length and their first and last eight bytes. A name of up
// to sixteen bytes is told by these alone; the place in the table follows from them by a hash whose
// seed was chosen so that, nearly always, no two names share a place.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace nexus::schema {

class KeyTable {
 public:
  KeyTable() = default;
  // Distinct names; Find() gives their index.
  explicit KeyTable(std::vector<std::string> names);

  // -1 if it is none of the names. At least eight bytes behind the text must be readable.
  int Find(std::string_view name) const {
    if (!crowd_.empty()) return FindInCrowd(name);
    const Key key = KeyOf(name);
    for (size_t at = PlaceOf(key, seed_) & mask_;; at = (at + 1) & mask_) {
      const Entry& entry = entries_[at];
      if (entry.name < 0) return -1;
      if (entry.key.first == key.first && entry.key.last == key.last &&
          entry.key.length == key.length &&
          (key.length <= 16 || names_[static_cast<size_t>(entry.name)] == name)) {
        return entry.name;
      }
    }
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  struct Key {
    uint64_t first = 0;
    uint64_t last = 0;
    uint32_t length = 0;
  };
  struct Entry {
    Key key;
    int name = -1;
  };

  static Key KeyOf(std::string_view name) {
    Key key;
    key.length = static_cast<uint32_t>(name.size());
    std::memcpy(&key.first, name.data(), 8);
    if (name.size() < 8) {
      key.first &= (uint64_t{1} << (8 * name.size())) - 1;
    } else {
      std::memcpy(&key.last, name.data() + name.size() - 8, 8);
    }
    return key;
  }
  static size_t PlaceOf(const Key& key, uint64_t seed) {
    const uint64_t mixed = (key.first ^ (key.last << 1) ^ key.length) * seed;
    return static_cast<size_t>(mixed >> 40);
  }

  int FindInCrowd(std::string_view name) const;

  std::vector<std::string> names_;
  std::vector<Entry> entries_ = std::vector<Entry>(1);  // a power of two, never full
  uint64_t seed_ = 1;
  size_t mask_ = 0;
  // All names, if too many of them meet in one place, which only happens on purpose.
  absl::flat_hash_map<std::string, int> crowd_;
};

}  // namespace nexus::schema

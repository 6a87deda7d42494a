#include "schema/json/key_table.h"

#include <bit>
#include <utility>

namespace nexus::schema {
namespace {

// Odd, and far from each other.
uint64_t SeedOf(uint64_t attempt) { return (attempt * 2 + 1) * 0x9E3779B97F4A7C15u | 1; }

constexpr size_t kSizesMax = 3;  // each twice the last
// Among so many names no seed keeps all apart: one is as good as another.
constexpr size_t kNamesToKeepApart = 256;
constexpr size_t kStepsMax = 32;  // from a name's place to where it is

}  // namespace

KeyTable::KeyTable(std::vector<std::string> names) : names_(std::move(names)) {
  std::vector<Key> keys;
  for (const std::string& name : names_) {
    const std::string padded = name + std::string(8, '\0');
    keys.push_back(KeyOf({padded.data(), name.size()}));
  }
  size_t size = std::bit_ceil(names_.size() * 2 + 1);
  size_t best = keys.size() + 1;
  const size_t seeds = names_.size() <= kNamesToKeepApart ? 64 : 1;
  for (size_t attempt = 0; attempt < seeds * kSizesMax && best > 0; ++attempt) {
    if (attempt > 0 && attempt % seeds == 0) size *= 2;
    std::vector<bool> taken(size);
    size_t clashes = 0;
    for (const Key& key : keys) {
      const size_t at = PlaceOf(key, SeedOf(attempt)) & (size - 1);
      clashes += taken[at] ? 1 : 0;
      taken[at] = true;
    }
    if (clashes >= best) continue;
    best = clashes;
    seed_ = SeedOf(attempt);
    mask_ = size - 1;
  }
  // Those that clash all the same (they differ only in their middle) go to the next free places.
  entries_.assign(mask_ + 1, Entry());
  for (size_t i = 0; i < keys.size(); ++i) {
    size_t at = PlaceOf(keys[i], seed_) & mask_;
    size_t steps = 0;
    for (; entries_[at].name >= 0 && steps <= kStepsMax; ++steps) at = (at + 1) & mask_;
    if (steps > kStepsMax) {
      for (size_t j = 0; j < names_.size(); ++j) crowd_.emplace(names_[j], static_cast<int>(j));
      return;
    }
    entries_[at] = {keys[i], static_cast<int>(i)};
  }
}

int KeyTable::FindInCrowd(std::string_view name) const {
  const auto at = crowd_.find(absl::string_view(name.data(), name.size()));
  return at == crowd_.end() ? -1 : at->second;
}

}  // namespace nexus::schema

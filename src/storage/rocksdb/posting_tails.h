#pragma once

// The last blocks of the terms in use that are still small: they are written again, longer, in
// place of one more small block.
//
// Not thread-safe. Holds the `terms_max` terms used last, and up to as many before them.

#include <cstddef>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "storage/rocksdb/posting_block.h"

namespace nexus::storage {

class PostingTails {
 public:
  // Blocks with more bytes are left as they are. About what the key costs: writing the block again
  // is no dearer than a new one.
  static constexpr size_t kSmallBytes = 64;

  explicit PostingTails(size_t terms_max) : generation_max_(terms_max / 2) {}

  // Takes the tail of the term with this prefix out, if there is one: otherwise an empty block.
  PostingBlock Take(const std::string& prefix) {
    for (auto* generation : {&young_, &old_}) {
      const auto found = generation->find(prefix);
      if (found == generation->end()) continue;
      PostingBlock block = std::move(found->second);
      generation->erase(found);
      return block;
    }
    return {};
  }

  void Keep(std::string prefix, PostingBlock block) {
    if (block.deltas.size() >= kSmallBytes) return;
    if (young_.size() >= generation_max_) {
      old_ = std::move(young_);
      young_.clear();
    }
    young_[std::move(prefix)] = std::move(block);
  }

  void Clear() {
    young_.clear();
    old_.clear();
  }

 private:
  const size_t generation_max_;
  absl::flat_hash_map<std::string, PostingBlock> young_;
  absl::flat_hash_map<std::string, PostingBlock> old_;
};

}  // namespace nexus::storage

#pragma once

// The heads of the streams that were written last, so that a busy stream costs no look-up.
//
// Not thread-safe: the ordering thread owns it. Bounded: the least recently used entry leaves.

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "log/log_state.h"

namespace nexus::storage {

class StreamHeadCache {
 public:
  explicit StreamHeadCache(size_t entries_max) : entries_max_(entries_max) {}

  // `key` is the stream's row key (tenant and name).
  std::optional<log::StreamHead> Find(absl::string_view key) {
    const auto it = index_.find(key);
    if (it == index_.end()) return std::nullopt;
    recent_.splice(recent_.begin(), recent_, it->second);
    return it->second->second;
  }

  void Put(const std::string& key, const log::StreamHead& head) {
    if (const auto it = index_.find(key); it != index_.end()) {
      it->second->second = head;
      recent_.splice(recent_.begin(), recent_, it->second);
      return;
    }
    if (entries_max_ == 0) return;
    if (recent_.size() == entries_max_) {
      index_.erase(recent_.back().first);
      recent_.pop_back();
    }
    recent_.emplace_front(key, head);
    index_.emplace(recent_.front().first, recent_.begin());
  }

  size_t size() const { return recent_.size(); }

 private:
  using Entry = std::pair<const std::string, log::StreamHead>;

  const size_t entries_max_;
  std::list<Entry> recent_;  // the most recently used first
  // Keys view into the entries, which never move.
  absl::flat_hash_map<absl::string_view, std::list<Entry>::iterator> index_;
};

}  // namespace nexus::storage

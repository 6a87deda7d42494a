#pragma once

// A set of names and prefixes that answers without allocating.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

namespace nexus::identity {

// Values by prefix. As many lookups as there are different lengths of prefixes, which are few.
template <typename Value>
class PrefixMap {
 public:
  Value& operator[](const std::string& prefix) {
    const auto [at, added] = by_prefix_.try_emplace(prefix);
    if (added) NoteLength(prefix.size());
    return at->second;
  }
  bool empty() const { return by_prefix_.empty(); }

  friend bool operator==(const PrefixMap&, const PrefixMap&) = default;

  // Whether `holds(value)` for any prefix of `text`.
  template <typename Holds>
  bool AnyOf(absl::string_view text, Holds holds) const {
    for (const size_t length : lengths_) {
      if (length > text.size()) return false;
      const auto found = by_prefix_.find(text.substr(0, length));
      if (found != by_prefix_.end() && holds(found->second)) return true;
    }
    return false;
  }

 private:
  void NoteLength(size_t length) {
    size_t at = 0;
    while (at < lengths_.size() && lengths_[at] < length) ++at;
    if (at < lengths_.size() && lengths_[at] == length) return;
    lengths_.insert(lengths_.begin() + static_cast<ptrdiff_t>(at), length);
  }

  absl::flat_hash_map<std::string, Value> by_prefix_;
  std::vector<size_t> lengths_;  // ascending
};

class NameSet {
 public:
  // A name, or a prefix that ends in '*'.
  void Add(absl::string_view pattern) {
    if (pattern == "*") {
      all_ = true;
    } else if (!pattern.empty() && pattern.back() == '*') {
      prefixes_[std::string(pattern.substr(0, pattern.size() - 1))] = true;
    } else {
      names_.emplace(pattern);
    }
  }
  void AddAll() { all_ = true; }

  bool empty() const { return !all_ && names_.empty() && prefixes_.empty(); }
  bool all() const { return all_; }
  bool Contains(absl::string_view name) const {
    return all_ || (!names_.empty() && names_.contains(name)) ||
           prefixes_.AnyOf(name, [](bool) { return true; });
  }
  friend bool operator==(const NameSet&, const NameSet&) = default;

 private:
  bool all_ = false;
  absl::flat_hash_set<std::string> names_;
  PrefixMap<bool> prefixes_;
};

}  // namespace nexus::identity

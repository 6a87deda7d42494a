#pragma once

// What append conditions look at, of the events of one commit, without their payload: small enough
// to be kept in memory for many commits, and quick to pass over.
//
// Immutable after construction; thread-safe.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nexus/core/commit.h"
#include "nexus/core/event_filter.h"

namespace nexus::log {

// A filter that tells from 64 bits of an event that it cannot match. Borrows the filter.
class FilterProbe {
 public:
  explicit FilterProbe(const EventFilter& filter);

  // False: the event with this signature does not match. True: it may.
  bool MayMatch(uint64_t signature) const {
    if (items_.empty()) return true;
    for (const Item& item : items_) {
      if (item.MayMatch(signature)) return true;
    }
    return false;
  }
  const EventFilter& filter() const { return filter_; }

 private:
  struct Item {
    uint64_t all = 0;    // of tags: every bit must be set
    uint64_t types = 0;  // of each of the others one bit must be set, if it has any
    uint64_t categories = 0;
    uint64_t correlations = 0;

    bool MayMatch(uint64_t signature) const {
      return (signature & all) == all && OneOf(signature, types) && OneOf(signature, categories) &&
             OneOf(signature, correlations);
    }
    static bool OneOf(uint64_t signature, uint64_t bits) {
      return bits == 0 || (signature & bits) != 0;
    }
  };

  const EventFilter& filter_;
  std::vector<Item> items_;
};

class CommitTraits {
 public:
  explicit CommitTraits(const Commit& commit);

  uint32_t tenant() const { return tenant_; }
  size_t events() const { return events_.size(); }
  size_t bytes() const;  // of memory, about
  // Where it cannot match, none of the events does.
  uint64_t signature() const { return signature_; }

  // Index of the first event that matches, from `from` on and before `end`; nothing if none does.
  std::optional<size_t> FirstMatch(const FilterProbe& probe, size_t from, size_t end) const;

 private:
  struct Entry {
    uint64_t signature = 0;
    uint32_t text = 0;    // where its text begins
    uint32_t stream = 0;  // where the text of its stream begins
  };

  bool Matches(const EventFilter& filter, const Entry& entry) const;

  uint32_t tenant_;
  uint64_t signature_ = 0;
  std::vector<Entry> events_;
  std::string text_;
};

}  // namespace nexus::log

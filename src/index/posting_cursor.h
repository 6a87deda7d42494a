#pragma once

// Walks what the index knows, in one direction: terms, their unions and intersections.
//
// Places are keys that ascend in the direction of the walk, so that both directions are one code.
// Not thread-safe. The index must outlive the cursor.

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "index/query_plan.h"
#include "nexus/port/commit_locator.h"
#include "nexus/port/event_index.h"

namespace nexus::index {

// How much may still be looked at. Shared by the cursors of one walk.
struct Budget {
  size_t left = 0;

  void Use(size_t n) { left -= n < left ? n : left; }
  bool spent() const { return left == 0; }
};

// What is walked: where, and on whose account.
struct Walk {
  EventIndex& index;
  PositionRange range;
  Direction direction;
  Budget& budget;

  uint64_t KeyOf(Position position) const {
    return direction == Direction::kForward ? position.value : UINT64_MAX - position.value;
  }
  Position At(uint64_t key) const {
    return Position(direction == Direction::kForward ? key : UINT64_MAX - key);
  }
  uint64_t begin() const {
    return KeyOf(direction == Direction::kForward ? range.first : range.last);
  }
  uint64_t last() const {
    return KeyOf(direction == Direction::kForward ? range.last : range.first);
  }
};

struct CursorStep {
  enum class Kind {
    kAt,       // the next place is `key`
    kEnd,      // none follows
    kStopped,  // the budget is spent: there is none before `key`
  };

  Kind kind = Kind::kEnd;
  uint64_t key = 0;
};

class PostingCursor {
 public:
  virtual ~PostingCursor() = default;

  // The first place at or behind `key`; keys never descend. Reads from disk.
  virtual absl::StatusOr<CursorStep> Seek(uint64_t key) = 0;
};

// `walk.index`, `walk.budget` must outlive the cursor. Looks up the commits that the plan names.
absl::StatusOr<std::unique_ptr<PostingCursor>> OpenCursor(const std::vector<ItemPlan>& plan,
                                                          const Walk& walk, CommitLocator& commits);

}  // namespace nexus::index

#include "index/posting_cursor.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "nexus/core/status_macros.h"

namespace nexus::index {
namespace {

using Cursors = std::vector<std::unique_ptr<PostingCursor>>;

constexpr size_t kChunkMin = 16;
constexpr size_t kChunkMax = 1'024;
// What one look-up costs, in postings.
constexpr size_t kFindCost = 16;

class TermCursor : public PostingCursor {
 public:
  TermCursor(IndexTerm term, const Walk& walk) : term_(std::move(term)), walk_(walk) {}

  absl::StatusOr<CursorStep> Seek(uint64_t key) override {
    while (at_ < found_.size() && walk_.KeyOf(found_[at_]) < key) ++at_;
    if (at_ == found_.size() && !exhausted_) {
      if (walk_.budget.spent()) return CursorStep{CursorStep::Kind::kStopped, key};
      NEXUS_RETURN_IF_ERROR(Fetch(key));
    }
    if (at_ == found_.size()) return CursorStep{};
    return CursorStep{CursorStep::Kind::kAt, walk_.KeyOf(found_[at_])};
  }

 private:
  absl::Status Fetch(uint64_t key) {
    // Who reads on wants more at a time; who jumps wastes what lies in between.
    const bool reads_on = !found_.empty() && key == walk_.KeyOf(found_.back()) + 1;
    chunk_ = reads_on ? std::min(chunk_ * 4, kChunkMax) : kChunkMin;
    PositionRange range = walk_.range;
    (walk_.direction == Direction::kForward ? range.first : range.last) = walk_.At(key);
    at_ = 0;
    if (key > walk_.last()) {
      found_.clear();
    } else {
      NEXUS_ASSIGN_OR_RETURN(found_, walk_.index.Find(term_, range, walk_.direction, chunk_));
    }
    exhausted_ = found_.size() < chunk_;
    walk_.budget.Use(kFindCost + found_.size());
    return absl::OkStatus();
  }

  const IndexTerm term_;
  const Walk walk_;
  std::vector<Position> found_;
  size_t at_ = 0;
  size_t chunk_ = kChunkMin;
  bool exhausted_ = false;
};

// The events of one commit.
class CommitCursor : public PostingCursor {
 public:
  CommitCursor(uint64_t begin, uint64_t last) : begin_(begin), last_(last) {}

  absl::StatusOr<CursorStep> Seek(uint64_t key) override {
    key = std::max(key, begin_);
    if (key > last_) return CursorStep{};
    return CursorStep{CursorStep::Kind::kAt, key};
  }

 private:
  const uint64_t begin_;
  const uint64_t last_;
};

class UnionCursor : public PostingCursor {
 public:
  explicit UnionCursor(Cursors parts) : parts_(std::move(parts)) {}

  absl::StatusOr<CursorStep> Seek(uint64_t key) override {
    CursorStep nearest;
    for (const std::unique_ptr<PostingCursor>& part : parts_) {
      NEXUS_ASSIGN_OR_RETURN(const CursorStep step, part->Seek(key));
      if (step.kind == CursorStep::Kind::kEnd) continue;
      const bool first = nearest.kind == CursorStep::Kind::kEnd;
      if (first || step.key < nearest.key ||
          (step.key == nearest.key && step.kind == CursorStep::Kind::kAt)) {
        nearest = step;
      }
    }
    return nearest;
  }

 private:
  const Cursors parts_;
};

class IntersectionCursor : public PostingCursor {
 public:
  explicit IntersectionCursor(Cursors parts) : parts_(std::move(parts)) {}

  // Leapfrog: each part jumps to where the farthest one stands, until all stand together.
  absl::StatusOr<CursorStep> Seek(uint64_t key) override {
    size_t together = 0;
    for (size_t i = 0; together < parts_.size(); i = (i + 1) % parts_.size()) {
      NEXUS_ASSIGN_OR_RETURN(const CursorStep step, parts_[i]->Seek(key));
      if (step.kind != CursorStep::Kind::kAt) return step;
      together = step.key == key ? together + 1 : 1;
      key = step.key;
    }
    return CursorStep{CursorStep::Kind::kAt, key};
  }

 private:
  const Cursors parts_;
};

absl::StatusOr<std::unique_ptr<PostingCursor>> OpenGroup(const TermGroup& group, const Walk& walk,
                                                         CommitLocator& commits) {
  Cursors parts;
  for (const IndexTerm& term : group.terms) {
    parts.push_back(std::make_unique<TermCursor>(term, walk));
  }
  for (const CommitId& id : group.commits) {
    NEXUS_ASSIGN_OR_RETURN(const std::optional<PositionRange> found, commits.LocateCommit(id));
    if (!found.has_value()) continue;
    const Position first = std::max(found->first, walk.range.first);
    const Position last = std::min(found->last, walk.range.last);
    if (first > last) continue;
    const uint64_t one = walk.KeyOf(first);  // backwards the keys descend
    const uint64_t other = walk.KeyOf(last);
    parts.push_back(std::make_unique<CommitCursor>(std::min(one, other), std::max(one, other)));
  }
  if (parts.size() == 1) return std::move(parts.front());
  return std::unique_ptr<PostingCursor>(std::make_unique<UnionCursor>(std::move(parts)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostingCursor>> OpenCursor(const std::vector<ItemPlan>& plan,
                                                          const Walk& walk,
                                                          CommitLocator& commits) {
  Cursors items;
  for (const ItemPlan& item : plan) {
    Cursors groups;
    for (const TermGroup& group : item) {
      NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<PostingCursor> part, OpenGroup(group, walk, commits));
      groups.push_back(std::move(part));
    }
    items.push_back(std::make_unique<IntersectionCursor>(std::move(groups)));
  }
  return std::unique_ptr<PostingCursor>(std::make_unique<UnionCursor>(std::move(items)));
}

}  // namespace nexus::index

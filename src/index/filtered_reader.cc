#include "index/filtered_reader.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "index/posting_cursor.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::index {
namespace {

// Reading on is cheaper than jumping where one of so many events, or more, is wanted.
constexpr uint64_t kDense = 4;
constexpr size_t kCandidatesMax = 1'024;

}  // namespace

// One call of Page().
class FilteredReader::Reading {
 public:
  Reading(const FilteredReader& of, const Selection& selection, PositionRange range,
          Direction direction, PageLimits limits)
      : parts_(of.parts_),
        options_(of.options_),
        selection_(selection),
        range_(range),
        forward_(direction == Direction::kForward),
        direction_(direction),
        limits_(limits),
        budget_{of.options_.looked_at_max} {
    limits_.events_max = std::max<size_t>(limits_.events_max, 1);
  }

  absl::StatusOr<FilteredPage> Run() {
    page_.batch.head = parts_.reader.Head();
    range_.first = std::max(range_.first, Position(1));
    range_.last = std::min(range_.last, page_.batch.head);
    if (range_.first > range_.last) return Empty();
    const auto plan = selection_.MatchesAll() ? std::nullopt : PlanOf(selection_.filter);
    bool use_index = plan.has_value();
    do {
      const Position indexed = use_index ? parts_.index.IndexedTo() : Position();
      if (Indexed(indexed)) {
        // The log knows what a damaged or vanished index does not.
        const absl::Status taken = TakeIndexed(*plan, indexed);
        use_index = taken.ok();
        CountFailure(taken);
      } else {
        NEXUS_RETURN_IF_ERROR(Scan(Near(indexed)));
      }
      NEXUS_RETURN_IF_ERROR(fault_);
    } while (page_.batch.events.empty() && !Done() && (!moved_ || !budget_.spent()));
    page_.batch.end = Done();
    return std::move(page_);
  }

 private:
  Position near() const { return forward_ ? range_.first : range_.last; }
  bool Done() const { return range_.first > range_.last; }
  bool Indexed(Position indexed) const { return near() <= indexed; }

  FilteredPage Empty() {
    page_.scanned_to = forward_ ? Position(range_.first.value - 1) : range_.last.Next();
    page_.batch.end = true;
    return std::move(page_);
  }

  // One that is being built again is not ready; that is no failure.
  void CountFailure(const absl::Status& taken) const {
    const bool failed = !taken.ok() && ReasonOf(taken) != ErrorReason::kNotReady;
    if (failed && parts_.failures != nullptr) parts_.failures->Add(1);
  }

  // Everything up to and including `position` was looked at.
  void Passed(Position position) {
    moved_ = true;
    page_.scanned_to = position;
    if (forward_) {
      range_.first = position.Next();
    } else {
      range_.last = Position(position.value - 1);
    }
  }

  // The part of the range that the index answers for, or that it does not.
  PositionRange Near(Position indexed) const {
    PositionRange part = range_;
    if (Indexed(indexed)) {
      part.last = std::min(part.last, indexed);
    } else if (!forward_) {
      part.first = std::max(part.first, indexed.Next());
    }
    return part;
  }

  // An error means that the index did not answer; one of the log goes to `fault_`.
  absl::Status TakeIndexed(const std::vector<ItemPlan>& plan, Position indexed) {
    const Walk walk{parts_.index, Near(indexed), direction_, budget_};
    NEXUS_ASSIGN_OR_RETURN(const std::unique_ptr<PostingCursor> cursor,
                           OpenCursor(plan, walk, parts_.commits));
    std::vector<Position> candidates;
    Position passed = walk.At(walk.last());
    uint64_t key = walk.begin();
    const size_t wanted = std::min(limits_.events_max, kCandidatesMax);
    while (true) {
      NEXUS_ASSIGN_OR_RETURN(const CursorStep step, cursor->Seek(key));
      if (step.kind == CursorStep::Kind::kEnd) break;
      if (step.kind == CursorStep::Kind::kStopped || candidates.size() == wanted) {
        passed = walk.At(step.key - 1);
        break;
      }
      candidates.push_back(walk.At(step.key));
      if (step.key == walk.last()) break;
      key = step.key + 1;
    }
    fault_ = TakeCandidates(candidates, passed);
    return absl::OkStatus();
  }

  absl::Status TakeCandidates(const std::vector<Position>& candidates, Position passed) {
    if (candidates.empty()) {
      if (forward_ ? passed >= range_.first : passed <= range_.last) {
        Passed(passed);
        return absl::OkStatus();
      }
      // The walk's budget was spent before its first step, and every page must come further.
      return Scan(range_);
    }
    const auto [low, high] = std::minmax(candidates.front(), candidates.back());
    if (high.value - low.value < kDense * candidates.size()) {
      (forward_ ? range_.first : range_.last) = candidates.front();
      return Scan({low, high});
    }
    NEXUS_ASSIGN_OR_RETURN(EventBatch read, parts_.reader.ReadAt(candidates, limits_));
    budget_.Use(read.events.size());
    const Position last = read.end ? passed : read.events.back().position;
    Keep(std::move(read));
    Passed(last);
    return absl::OkStatus();
  }

  // One page of the log, within `part` of the range, which begins where the range does.
  absl::Status Scan(PositionRange part) {
    PageLimits limits{options_.scan_page.events_max,
                      std::min(options_.scan_page.bytes_max, limits_.bytes_max)};
    if (selection_.MatchesAll()) limits = limits_;
    const uint64_t left = part.last.value - part.first.value + 1;
    limits.events_max = static_cast<size_t>(std::min<uint64_t>(limits.events_max, left));
    NEXUS_ASSIGN_OR_RETURN(EventBatch read, parts_.reader.ReadAll(forward_ ? part.first : part.last,
                                                                  direction_, limits));
    if (read.events.empty()) {
      return MakeError(ErrorReason::kDataLoss, "nothing to read, although the head lies beyond");
    }
    budget_.Use(read.events.size());
    const Position last = read.events.back().position;
    Keep(std::move(read));
    // The rest of a page with more matches than wanted is read again.
    const bool full = page_.batch.events.size() >= limits_.events_max;
    Passed(full ? page_.batch.events.back().position : last);
    return absl::OkStatus();
  }

  // `page_` has no event yet.
  void Keep(EventBatch read) {
    if (!selection_.MatchesAll()) {
      std::erase_if(read.events, [this](const RecordedEvent& e) { return !selection_.Matches(e); });
    }
    if (read.events.empty()) return;
    if (read.events.size() > limits_.events_max) read.events.resize(limits_.events_max);
    page_.batch.events = std::move(read.events);
    page_.batch.backing = std::move(read.backing);
  }

  const FilteredReaderParts& parts_;
  const FilteredReaderOptions& options_;
  const Selection& selection_;
  PositionRange range_;  // what is still to be looked at
  bool moved_ = false;
  const bool forward_;
  const Direction direction_;
  PageLimits limits_;
  Budget budget_;
  FilteredPage page_;
  absl::Status fault_;
};

Counter& IndexFailures(MetricsRegistry& metrics) {
  return metrics.GetCounter("nexus_index_read_failures_total",
                            "Reads of the index that failed; the log was read in its place.", {});
}

absl::StatusOr<FilteredPage> FilteredReader::Page(const Selection& selection, PositionRange range,
                                                  Direction direction, PageLimits limits) {
  return Reading(*this, selection, range, direction, limits).Run();
}

absl::StatusOr<std::optional<Position>> FilteredReader::FirstMatch(const EventFilter& filter,
                                                                   Position after, Position up_to) {
  const Selection selection{filter};
  const PageLimits one{1, SIZE_MAX};
  while (after < up_to) {
    NEXUS_ASSIGN_OR_RETURN(const FilteredPage page,
                           Page(selection, {after.Next(), up_to}, Direction::kForward, one));
    if (!page.batch.events.empty()) return page.batch.events.front().position;
    if (page.batch.end) break;
    after = page.scanned_to;
  }
  return std::optional<Position>();
}

}  // namespace nexus::index

#include "temporal/query_answer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "temporal/state_diff.h"

namespace nexus::temporal {
namespace {

constexpr size_t kChangesMax = 1'000;
// What an answer holds beside its continuation: a message has less than 4 MiB.
constexpr size_t kAnswerBytesMax = 1 << 20;
constexpr size_t kStateBytesMax = 3 << 20;

class Answering {
 public:
  Answering(const QueryAnswerParts& parts, const PastQuery& query, const QueryAsker& asker,
            PastFold& fold, StreamName stream)
      : parts_(parts),
        query_(query),
        asker_(asker),
        fold_(fold),
        stream_(std::move(stream)),
        walk_(parts.walk, stream_, asker.visible, fold, parts.limits) {}

  absl::StatusOr<PastAnswer> Answer() {
    NEXUS_RETURN_IF_ERROR(Begin());
    bool reached = true;
    if (progress_.from.has_value() && !progress_.from_reached) {
      NEXUS_ASSIGN_OR_RETURN(reached, walk_.Advance(*progress_.from));
      if (reached) NEXUS_RETURN_IF_ERROR(TakeFrom());
    }
    if (reached && query_.kind == QueryKind::kFieldHistory) {
      NEXUS_ASSIGN_OR_RETURN(reached, WalkField());
    } else if (reached) {
      NEXUS_ASSIGN_OR_RETURN(reached, walk_.Advance(progress_.to));
    }
    return Finish(reached);
  }

 private:
  absl::Status Begin() {
    if (!query_.continuation.empty()) {
      NEXUS_ASSIGN_OR_RETURN(progress_,
                             parts_.continuations.Open(query_.continuation, asker_.owner));
      NEXUS_RETURN_IF_ERROR(fold_.Restore(progress_.state));
      walk_.GoOnBehind(progress_.last);
      return absl::OkStatus();
    }
    const Timestamp now = parts_.walk.clock.Now();
    EventReader& reader = parts_.walk.reader;
    NEXUS_ASSIGN_OR_RETURN(const StreamInfo info, reader.GetStream(stream_));
    NEXUS_ASSIGN_OR_RETURN(progress_.to, FindBound(query_.to, stream_, now, reader));
    if (query_.kind != QueryKind::kStateAsOf) {
      progress_.from = PastBound{.position = {}, .revision = {}, .time = info.created};
      if (query_.from.has_value()) {
        NEXUS_ASSIGN_OR_RETURN(*progress_.from, FindBound(*query_.from, stream_, now, reader));
      }
      NEXUS_RETURN_IF_ERROR(CheckSpan());
    }
    return BeginWithSnapshot() ? absl::OkStatus() : fold_.Begin();
  }

  // What a snapshot was made of is not looked at: who may not see all of it gets none.
  bool BeginWithSnapshot() {
    const FoldFacts facts = fold_.Facts();
    if (parts_.snapshots == nullptr || !parts_.current) return false;
    if (facts.aggregate.empty() || asker_.visible) return false;
    const PastBound first = progress_.from.value_or(progress_.to);
    SnapshotBound bound;
    bound.position = first.position;
    if (first.revision.has_value()) bound.revision = *first.revision;
    const std::optional<Snapshot> found = parts_.snapshots->Find(stream_, parts_.current, bound);
    if (!found.has_value()) return false;
    if (!fold_.Restore(found->state).ok()) {
      parts_.snapshots->CountUnreadable();
      return false;
    }
    parts_.snapshots->CountUsed(found->info);
    progress_.snapshot_revision = found->info.revision;
    walk_.GoOnBehind(PastEvent{found->info.revision, found->info.position, found->info.recorded});
    return true;
  }

  absl::Status CheckSpan() const {
    const PastBound& from = *progress_.from;
    const PastBound& to = progress_.to;
    if (from.position > to.position) {
      return MakeError(ErrorReason::kMalformedRequest, "`from` lies behind `to`");
    }
    const absl::Duration span = absl::Microseconds(to.time.micros - from.time.micros);
    if (span <= parts_.limits.span_max) return absl::OkStatus();
    return MakeError(
        ErrorReason::kLimitExceeded,
        absl::StrCat("the points lie ", absl::ToInt64Hours(span) / 24,
                     " days apart; a query compares at most ",
                     absl::ToInt64Hours(parts_.limits.span_max) / 24, ": ask for parts of it"));
  }

  absl::Status TakeFrom() {
    progress_.from_reached = true;
    progress_.from_event = walk_.last();
    if (query_.kind == QueryKind::kDiff) {
      NEXUS_ASSIGN_OR_RETURN(progress_.from_state, fold_.State());
      return absl::OkStatus();
    }
    NEXUS_ASSIGN_OR_RETURN(FieldValue first, ValueNow());
    if (walk_.last().has_value()) answer_.values.push_back(std::move(first));
    return absl::OkStatus();
  }

  absl::StatusOr<FieldValue> ValueNow() {
    FieldValue value;
    NEXUS_ASSIGN_OR_RETURN(const std::string state, fold_.State());
    NEXUS_ASSIGN_OR_RETURN(value.value, ValueAt(state, query_.pointer, parts_.json));
    return value;
  }

  absl::StatusOr<bool> WalkField() {
    NEXUS_ASSIGN_OR_RETURN(FieldValue now, ValueNow());
    size_t bytes = 0;
    return walk_.Advance(progress_.to, [&](const RecordedEvent& event) -> absl::Status {
      NEXUS_ASSIGN_OR_RETURN(FieldValue next, ValueNow());
      if (next.value == now.value) return absl::OkStatus();
      now.value = next.value;
      next.event = walk_.last();
      next.event_id = event.id.ToString();
      next.type = std::string(event.type);
      next.principal = std::string(event.principal);
      next.correlation_id = std::string(event.correlation_id);
      bytes += sizeof(FieldValue) + next.correlation_id.size() + next.value.value_or("").size();
      answer_.values.push_back(std::move(next));
      if (bytes > kAnswerBytesMax) walk_.Pause();
      return absl::OkStatus();
    });
  }

  absl::StatusOr<PastAnswer> Finish(bool reached) {
    if (progress_.from_reached) {
      const auto count = [](const std::optional<PastEvent>& last) {
        return last.has_value() ? last->revision.value + 1 : 0;
      };
      progress_.events_between = count(walk_.last()) - count(progress_.from_event);
    }
    answer_.fold = fold_.Facts();
    answer_.fold.events_read = walk_.events_read();
    answer_.fold.snapshot_revision = progress_.snapshot_revision;
    answer_.position = progress_.to.position;
    answer_.last = walk_.last();
    if (!reached) return Pause();
    if (query_.kind == QueryKind::kFieldHistory) return std::move(answer_);
    NEXUS_ASSIGN_OR_RETURN(std::string state, fold_.State());
    if (query_.kind == QueryKind::kStateAsOf) {
      NEXUS_RETURN_IF_ERROR(CheckSize(state));
      answer_.state = std::move(state);
      return std::move(answer_);
    }
    NEXUS_RETURN_IF_ERROR(Compare(state));
    return std::move(answer_);
  }

  absl::StatusOr<PastAnswer> Pause() {
    progress_.last = walk_.last();
    NEXUS_ASSIGN_OR_RETURN(progress_.state, fold_.State());
    NEXUS_ASSIGN_OR_RETURN(answer_.continuation,
                           parts_.continuations.Seal(progress_, asker_.owner));
    return std::move(answer_);
  }

  absl::Status Compare(const std::string& state) {
    NEXUS_ASSIGN_OR_RETURN(StateDiff diff,
                           DiffStates(progress_.from_state, state, kChangesMax, parts_.json));
    size_t bytes = 0;
    for (const FieldChange& change : diff.changes) {
      bytes += change.pointer.size() + change.before.value_or("").size() +
               change.after.value_or("").size();
    }
    if (bytes > kStateBytesMax) {
      return MakeError(ErrorReason::kLimitExceeded,
                       "what differs does not fit an answer; ask for the two states");
    }
    answer_.changes = std::move(diff.changes);
    answer_.changes_left_out = diff.left_out;
    answer_.from = progress_.from_event;
    answer_.events_between = progress_.events_between;
    return absl::OkStatus();
  }

  static absl::Status CheckSize(const std::string& state) {
    if (state.size() <= kStateBytesMax) return absl::OkStatus();
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("the state has ", state.size(),
                                  " bytes; an answer holds at most ", kStateBytesMax));
  }

  const QueryAnswerParts& parts_;
  const PastQuery& query_;
  const QueryAsker& asker_;
  PastFold& fold_;
  const StreamName stream_;
  PastWalk walk_;
  PastProgress progress_;
  PastAnswer answer_;
};

}  // namespace

absl::StatusOr<PastAnswer> AnswerQuery(const QueryAnswerParts& parts, const PastQuery& query,
                                       const QueryAsker& asker, PastFold& fold) {
  NEXUS_ASSIGN_OR_RETURN(StreamName stream, StreamName::Parse(query.stream));
  return Answering(parts, query, asker, fold, std::move(stream)).Answer();
}

}  // namespace nexus::temporal

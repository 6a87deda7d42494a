#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "history/check_parts.h"
#include "history/head_range.h"
#include "history/names.h"

namespace nexus::history {
namespace {

std::string Text(std::optional<Revision> revision) {
  return revision.has_value() ? absl::StrCat(revision->value) : std::string("no stream");
}

class AcceptedCheck {
 public:
  AcceptedCheck(CheckState& state, const LoggedCommit& commit)
      : state_(state), commit_(commit), call_(*commit.call) {}

  void Run() {
    CheckRealTime();
    const uint64_t head = commit_.first - 1;
    for (const CommitStream& stream : call_.streams) {
      const uint64_t events = state_.log.EventsOf(stream.name.str(), head);
      std::optional<Revision> last;
      if (events > 0) last = Revision(events - 1);
      if (stream.expected.Holds(last)) continue;
      state_.Found('c', absl::StrCat(NameOf(call_), " was accepted expecting ", stream.name.str(),
                                     " at ", stream.expected.ToString(), ", and it was at ",
                                     Text(last), After(stream.name.str(), events)));
    }
    for (size_t i = 0; i < call_.conditions.size(); ++i) {
      const AppendCondition& condition = call_.conditions[i];
      const auto match = state_.log.FirstMatch(condition.fail_if_match, condition.after.value);
      if (!match.has_value() || *match > head) continue;
      state_.Found('c', absl::StrCat(NameOf(call_), " was accepted at ", commit_.first,
                                     " although condition ", i, " (nothing after ",
                                     condition.after.value, ") is broken by position ", *match,
                                     " of ", NameOf(state_.log.CommitAt(*match))));
    }
  }

 private:
  void CheckRealTime() {
    const Fact* floor = state_.time.FloorBefore(commit_.invoked);
    if (floor == nullptr || floor->head < commit_.first) return;
    const bool acknowledged = call_.outcome == Outcome::kStored;
    state_.Found(acknowledged ? 'b' : 'e',
                 absl::StrCat(NameOf(call_), " stands at ", commit_.first, " and was called after ",
                              floor->Name(), " had been told of ", floor->head));
  }

  std::string After(const std::string& stream, uint64_t events) const {
    if (events == 0) return "";
    const uint64_t position = (*state_.log.Stream(stream))[events - 1];
    return absl::StrCat(" since ", NameOf(state_.log.CommitAt(position)));
  }

  CheckState& state_;
  const LoggedCommit& commit_;
  const AppendCall& call_;
};

// Narrows the head down to where all that a refusal says is true.
class RefusalCheck {
 public:
  RefusalCheck(CheckState& state, const AppendCall& call)
      : state_(state), log_(state.log), call_(call), range_(log_.head()) {}

  void Run() {
    range_.AtLeast(state_.time.FloorBefore(call_.invoked));
    range_.AtMost(state_.time.CeilingAfter(call_.returned));
    const LoggedCommit* own = log_.Find(call_.commit);
    switch (call_.reason) {
      case ErrorReason::kRevisionConflict:
      case ErrorReason::kAppendConditionFailed:
      case ErrorReason::kEventIdTaken:
        if (own != nullptr) range_.AtMost(own->first - 1, "the same commit stands at", own->first);
        if (!CheckLists() || !NarrowByIds() || !NarrowByStreams() || !NarrowByConditions()) return;
        break;
      case ErrorReason::kIdReused:
        if (own == nullptr) return Wrong("no other commit has this id");
        range_.AtLeast(own->last, "the commit of this id ends at", own->last);
        break;
      default:
        return;  // of the server's state, not of the log's
    }
    if (!range_.empty() && log_.HasBoundary(range_.low(), range_.high())) return;
    Wrong(absl::StrCat("at no moment was all of it true: ", range_.ToString()));
  }

 private:
  void Wrong(const std::string& why) {
    state_.Found(
        'd', absl::StrCat(NameOf(call_), " was refused (", ReasonName(call_.reason), "): ", why));
  }

  // The reason is that of the first list that is not empty: ids, expectations, conditions.
  bool CheckLists() {
    ErrorReason reason = ErrorReason::kUnspecified;
    if (!call_.failed_conditions.empty()) reason = ErrorReason::kAppendConditionFailed;
    if (!call_.failed_expectations.empty()) reason = ErrorReason::kRevisionConflict;
    if (!call_.taken_event_ids.empty()) reason = ErrorReason::kEventIdTaken;
    if (reason == call_.reason) return true;
    Wrong("what it lists does not fit its reason");
    return false;
  }

  bool NarrowByStreams() {
    for (const CommitStream& stream : call_.streams) {
      const std::string& name = stream.name.str();
      const auto failed =
          std::find_if(call_.failed_expectations.begin(), call_.failed_expectations.end(),
                       [&name](const FailedExpectation& one) { return one.stream == name; });
      state_.steps.Take();
      if (failed == call_.failed_expectations.end()) {
        if (!NarrowTo(name, stream.expected)) return false;
        continue;
      }
      if (stream.expected.Holds(failed->actual)) {
        Wrong(absl::StrCat(name, " is told to be at ", Text(failed->actual), ", as expected"));
        return false;
      }
      const uint64_t events = failed->actual.has_value() ? failed->actual->value + 1 : 0;
      if (!NarrowToCount(name, events)) return false;
    }
    return true;
  }

  // What is not listed held.
  bool NarrowTo(const std::string& name, const ExpectedRevision& expected) {
    switch (expected.kind) {
      case ExpectedRevision::Kind::kAny:
        return true;
      case ExpectedRevision::Kind::kNoStream:
        return NarrowToCount(name, 0);
      case ExpectedRevision::Kind::kExact:
        return NarrowToCount(name, expected.exact.value + 1);
      case ExpectedRevision::Kind::kStreamExists:
        break;
    }
    const std::vector<uint64_t>* positions = log_.Stream(name);
    if (positions == nullptr) {
      Wrong(absl::StrCat(name, " does not exist, and that is not listed"));
      return false;
    }
    range_.AtLeast(positions->front(), "begins at", positions->front(), &name);
    return true;
  }

  // The stream had exactly `events` events.
  bool NarrowToCount(const std::string& name, uint64_t events) {
    const std::vector<uint64_t>* positions = log_.Stream(name);
    const uint64_t count = positions == nullptr ? 0 : positions->size();
    if (events > count) {
      Wrong(absl::StrCat(name, " never had ", events, " events"));
      return false;
    }
    if (events > 0) {
      const uint64_t at = (*positions)[events - 1];
      range_.AtLeast(at, "got to that revision at", at, &name);
    }
    if (events < count) {
      const uint64_t next = (*positions)[events];
      range_.AtMost(next - 1, "moved on at", next, &name);
    }
    return true;
  }

  bool NarrowByConditions() {
    for (size_t i = 0; i < call_.conditions.size(); ++i) {
      const AppendCondition& condition = call_.conditions[i];
      const auto match = log_.FirstMatch(condition.fail_if_match, condition.after.value);
      const auto failed = std::find_if(
          call_.failed_conditions.begin(), call_.failed_conditions.end(),
          [i](const FailedCondition& one) { return one.index == static_cast<uint32_t>(i); });
      if (failed == call_.failed_conditions.end()) {
        if (match.has_value()) {
          range_.AtMost(*match - 1, "a condition that is not listed is broken at", *match);
        }
        continue;
      }
      if (match != failed->position.value) {
        Wrong(absl::StrCat("condition ", i, " names position ", failed->position.value,
                           ", the first match is ", match.value_or(0)));
        return false;
      }
      range_.AtLeast(*match, "a listed condition is broken at", *match);
    }
    return true;
  }

  bool NarrowByIds() {
    for (const TakenEventId& taken : call_.taken_event_ids) {
      const LoggedEvent* event = log_.FindEvent(taken.stream, taken.id);
      if (event == nullptr || event->revision != taken.revision.value) {
        Wrong(absl::StrCat("event ", taken.id.ToString(), " is not at revision ",
                           taken.revision.value, " of ", taken.stream));
        return false;
      }
      range_.AtLeast(event->position, "has the event id at", event->position, &event->stream);
    }
    return true;
  }

  CheckState& state_;
  FinalLog& log_;
  const AppendCall& call_;
  HeadRange range_;
};

}  // namespace

void CheckAccepted(CheckState& state) {
  for (const LoggedCommit& commit : state.log.commits()) {
    if (commit.call != nullptr) AcceptedCheck(state, commit).Run();
  }
}

void CheckRefusals(CheckState& state) {
  for (const AppendCall& call : state.history.calls.appends) {
    if (call.outcome == Outcome::kRefused) RefusalCheck(state, call).Run();
  }
}

}  // namespace nexus::history

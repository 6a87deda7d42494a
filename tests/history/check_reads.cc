#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "history/check_parts.h"
#include "history/head_range.h"
#include "history/names.h"

namespace nexus::history {
namespace {

class ReadCheck {
 public:
  ReadCheck(CheckState& state, const ReadCall& read)
      : state_(state), log_(state.log), read_(read), range_(log_.head()) {}

  void Run() {
    for (const SeenEvent& event : read_.events) {
      if (!IsInLog(state_, event, read_.stream, NameOf(read_))) return;
    }
    if (read_.head.value_or(0) > log_.head()) {
      state_.Found('g', absl::StrCat(NameOf(read_), " was told the head ", *read_.head,
                                     ", and the log ends at ", log_.head()));
      return;
    }
    range_.AtLeast(state_.time.FloorBefore(read_.invoked));
    range_.AtMost(state_.time.CeilingAfter(read_.returned));
    if (read_.head.has_value()) {
      range_.AtLeast(*read_.head, "it names the head", *read_.head);
      range_.AtMost(*read_.head, "it names the head", *read_.head);
    }
    range_.AtLeast(read_.min_position, "it asked for", read_.min_position);
    if (!CheckPlaces() || !CheckEnd()) return;
    if (range_.empty()) Wrong(range_.ToString());
  }

 private:
  bool Forward() const { return read_.direction == Direction::kForward; }
  uint64_t PlaceOf(const SeenEvent& event) const {
    return read_.stream.empty() ? event.position : event.revision;
  }

  bool Wrong(const std::string& why) {
    // If a crash lies between what was told and this read, it is the crash that took it away.
    state_.Found(LostInACrash() ? 'g' : 'f', absl::StrCat(NameOf(read_), ": ", why));
    return false;
  }

  bool LostInACrash() {
    const Fact* floor = state_.time.FloorBefore(read_.invoked);
    uint64_t shown = read_.head.value_or(0);
    for (const SeenEvent& event : read_.events) shown = std::max(shown, event.position);
    if (floor == nullptr || floor->head <= shown) return false;
    const std::vector<Tick>& crashes = state_.history.crashes;
    const size_t at = state_.steps.Find(crashes, [&](Tick crash) { return crash < floor->at; });
    return at < crashes.size() && crashes[at] < read_.invoked;
  }

  // One after the other, from where it was asked to begin.
  bool CheckPlaces() {
    for (size_t i = 0; i < read_.events.size(); ++i) {
      state_.steps.Take();
      const uint64_t place = PlaceOf(read_.events[i]);
      if (i == 0) {
        if (!CheckFirst(place)) return false;
      } else {
        const uint64_t before = PlaceOf(read_.events[i - 1]);
        if (place != (Forward() ? before + 1 : before - 1)) {
          return Wrong(absl::StrCat("shows ", place, " after ", before));
        }
      }
      const uint64_t position = read_.events[i].position;
      range_.AtLeast(position, "it shows position", position);
    }
    return true;
  }

  bool CheckFirst(uint64_t place) {
    if (Forward()) {
      const uint64_t first = read_.stream.empty() ? std::max<uint64_t>(read_.from, 1) : read_.from;
      return place == first || Wrong(absl::StrCat("begins at ", place));
    }
    if (place == read_.from) return true;
    if (place > read_.from) return Wrong(absl::StrCat("begins at ", place));
    // Asked for beyond the end: the first one shown is the last that was there.
    NarrowToCount(read_.stream.empty() ? place : place + 1);
    return true;
  }

  // Where it says that it reached the end, nothing more was there.
  bool CheckEnd() {
    if (read_.not_found) {
      NarrowToCount(0);
      return true;
    }
    if (!read_.complete) return true;
    if (!Forward()) return CheckBackwardEnd();
    const uint64_t base = read_.stream.empty() ? 1 : 0;
    if (!read_.events.empty()) {
      NarrowToCount(PlaceOf(read_.events.back()) + 1 - base);
    } else {
      NarrowToAtMost(std::max(read_.from, base) - base);
    }
    return true;
  }

  bool CheckBackwardEnd() {
    const uint64_t base = read_.stream.empty() ? 1 : 0;
    if (read_.events.empty()) {
      if (read_.from >= base) NarrowToCount(0);
      return true;
    }
    const uint64_t last = PlaceOf(read_.events.back());
    return last == base || Wrong(absl::StrCat("says that nothing lies before ", last));
  }

  // The log or the stream had exactly, or at most, `count` events.
  void NarrowToCount(uint64_t count) {
    NarrowToAtMost(count);
    if (count == 0) return;
    const uint64_t at = PositionOf(count);
    range_.AtLeast(at, "it ends at position", at);
  }
  void NarrowToAtMost(uint64_t count) {
    const uint64_t next = PositionOf(count + 1);
    if (next != 0) range_.AtMost(next - 1, "it leaves out position", next);
  }
  // Of the `count`-th event of the log or the stream; 0: there is none.
  uint64_t PositionOf(uint64_t count) const {
    if (read_.stream.empty()) return count <= log_.head() ? count : 0;
    const std::vector<uint64_t>* positions = log_.Stream(read_.stream);
    return positions != nullptr && count <= positions->size() ? (*positions)[count - 1] : 0;
  }

  CheckState& state_;
  FinalLog& log_;
  const ReadCall& read_;
  HeadRange range_;
};

class SessionCheck {
 public:
  SessionCheck(CheckState& state, const Session& session)
      : state_(state), log_(state.log), session_(session), next_(session.next) {
    const bool all = session.stream.empty();
    plain_ = !all || (session.filter.MatchesAll() && !session.exclude_system);
    if (!all) next_ += 1;  // counted from 1, like positions
  }

  void Run() {
    for (const Delivery& delivery : session_.deliveries) {
      if (!CheckDelivery(delivery)) return;
    }
  }

 private:
  bool Wrong(const Delivery& delivery, const std::string& why) {
    state_.Found('f', absl::StrCat(NameOf(session_), ", message at tick ", delivery.at, ": ", why));
    return false;
  }

  uint64_t PlaceOf(const SeenEvent& event) const {
    return session_.stream.empty() ? event.position : event.revision + 1;
  }

  bool CheckDelivery(const Delivery& delivery) {
    for (const SeenEvent& event : delivery.events) {
      if (!IsInLog(state_, event, session_.stream, NameOf(session_))) return false;
      if (!PassTo(delivery, PlaceOf(event))) return false;
      ++next_;
      if (event.position > delivery.head) {
        return Wrong(delivery, absl::StrCat("position ", event.position, " is beyond the head ",
                                            delivery.head));
      }
    }
    if (delivery.checkpoint.has_value()) {
      const uint64_t after = *delivery.checkpoint + (session_.stream.empty() ? 1 : 2);
      if (!PassTo(delivery, after)) return false;
    }
    if (delivery.head > log_.head()) {
      state_.Found('g',
                   absl::StrCat(NameOf(session_), " was told the head ", delivery.head, " at tick ",
                                delivery.at, ", and the log ends at ", log_.head()));
      return false;
    }
    const Fact* ceiling = state_.time.CeilingAfter(delivery.at);
    if (ceiling == nullptr || delivery.head <= ceiling->head) return true;
    return Wrong(delivery, absl::StrCat("knows the head ", delivery.head, " before the call of ",
                                        ceiling->Name()));
  }

  // Everything before `place` was delivered or not asked for.
  bool PassTo(const Delivery& delivery, uint64_t place) {
    state_.steps.Take();
    if (place < next_) {
      return Wrong(delivery, absl::StrCat("shows or passes ", Shown(place), " again after ",
                                          Shown(next_ - 1)));
    }
    for (; next_ < place; ++next_) {
      state_.steps.Take();
      if (plain_ || next_ > log_.head() || IsWanted(log_.at(next_))) {
        return Wrong(delivery,
                     absl::StrCat("goes on to ", Shown(place), " without ", Shown(next_)));
      }
    }
    return true;
  }

  uint64_t Shown(uint64_t place) const { return session_.stream.empty() ? place : place - 1; }

  bool IsWanted(const LoggedEvent& event) const {
    if (session_.exclude_system && absl::StartsWith(event.stream, "$")) return false;
    const std::vector<absl::string_view> tags(event.tags.begin(), event.tags.end());
    if (session_.filter.MatchesAll()) return true;
    return session_.filter.Matches({event.stream, event.type, tags, event.correlation});
  }

  CheckState& state_;
  FinalLog& log_;
  const Session& session_;
  uint64_t next_;  // the place that comes next, from 1
  bool plain_ = true;
};

}  // namespace

bool IsInLog(CheckState& state, const SeenEvent& seen, const std::string& stream,
             const std::string& who) {
  state.steps.Take();
  if (seen.position == 0 || seen.position > state.log.head()) {
    state.Found('g',
                absl::StrCat("position ", seen.position, " was shown to ", who, " and is gone"));
    return false;
  }
  const LoggedEvent& event = state.log.at(seen.position);
  if (event.digest != seen.digest || event.revision != seen.revision) {
    state.Found('g', absl::StrCat("position ", seen.position, " was shown to ", who,
                                  " as something else than ",
                                  NameOf(state.log.CommitAt(seen.position)), " has there"));
    return false;
  }
  if (stream.empty() || event.stream == stream) return true;
  state.Found('f', absl::StrCat(who, " was shown position ", seen.position, " of ", event.stream));
  return false;
}

void CheckReads(CheckState& state) {
  for (const ReadCall& read : state.history.calls.reads) ReadCheck(state, read).Run();
}

void CheckSessions(CheckState& state) {
  for (const Session& session : state.history.calls.sessions) SessionCheck(state, session).Run();
}

}  // namespace nexus::history

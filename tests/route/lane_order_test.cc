// Random faults against the lane book, judged by what the sink has seen.

#include <deque>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "route/lane_book.h"

namespace nexus::route {
namespace {

class Play {
 public:
  Play(uint64_t seed, size_t per_lane, bool runs = false)
      : random_(seed), book_(Options(per_lane, runs), Position(0)), runs_(runs) {}

  void Run(uint64_t events) {
    while (last_ < events || !Quiet()) Step(events);
    // Somebody mends what was wrong; whatever is parked catches up.
    mended_ = true;
    while (book_.parked_lanes() > 0) {
      for (const char* stream : kStreams) Retry(stream);
      while (!Quiet()) Step(events);
    }
  }

  // Every event has arrived; the last arrivals of a stream are in order.
  void ExpectComplete(uint64_t events) const {
    EXPECT_EQ(book_.checkpoint().value, events);
    EXPECT_EQ(book_.parked_lanes(), 0u);
    std::map<std::string, size_t> last_of_stream;
    for (uint64_t position = 1; position <= events; ++position) {
      const std::string stream(events_[position - 1].stream);
      const auto arrival = last_arrival_.find(position);
      ASSERT_NE(arrival, last_arrival_.end()) << "lost: " << position;
      size_t& before = last_of_stream[stream];
      ASSERT_LE(before, arrival->second) << "out of order: " << position;
      before = arrival->second;
    }
  }
  bool strict_order() const { return strict_order_; }

 private:
  static LaneBook::Options Options(size_t per_lane, bool runs) {
    return {.in_flight_per_lane_max = per_lane, .only_in_runs = runs, .attempts_max = 3};
  }

  static constexpr const char* kStreams[] = {"a", "b", "c", "d"};

  bool Quiet() {
    TakeReads();
    return book_.size() == 0 && duties_.empty() && reads_.empty();
  }
  void TakeReads() {
    for (RecoveryDuty& duty : book_.TakeRecoveries()) {
      if (!duty.done) reads_.push_back(std::move(duty));
    }
  }

  void Step(uint64_t events) {
    const uint64_t choice = random_() % 10;
    TakeReads();
    if (choice == 9 && random_() % 4 == 0) Retry(kStreams[random_() % 4]);
    if (choice < 3 && last_ < events) {
      Admit();
    } else if (choice < 6) {
      Take();
    } else if (choice < 9) {
      ReportOne();
    } else if (!duties_.empty()) {
      const LaneDuty duty = duties_.front();
      duties_.pop_front();
      Perform(duty);
    } else if (!reads_.empty()) {
      ReadOne();
    }
    ASSERT_LT(book_.checkpoint().value, *FirstOpen());
  }

  // The rule, word for word: no checkpoint at or beyond an event that is not done with.
  std::optional<uint64_t> FirstOpen() const {
    for (uint64_t p = book_.checkpoint().value + 1; p <= last_; ++p) return p;
    return last_ + 1;
  }

  // A person has a parked lane tried again.
  void Retry(const std::string& stream) {
    const auto parked = parked_at_.find(stream);
    if (parked == parked_at_.end() || !book_.IsParked(stream)) return;
    for (uint64_t p = parked->second; p <= last_; ++p) {
      if (events_[p - 1].stream == stream) dead_.erase(p);
    }
    book_.BeginRecovery(stream, events_[parked->second - 1].revision);
  }
  void ReadOne() {
    const RecoveryDuty duty = reads_.front();
    reads_.pop_front();
    std::vector<OutboundEvent> page;
    Revision next = duty.from;
    bool all = true;
    for (const RecordedEvent& event : events_) {
      if (event.stream != duty.lane || event.revision < duty.from) continue;
      all = page.size() < 3;
      if (!all) break;
      OutboundEvent outbound;
      outbound.event = &event;
      page.push_back(outbound);
      next = event.revision.Next();
    }
    book_.Recover(duty.lane, std::move(page), nullptr, all, next);
  }

  void Admit() {
    RecordedEvent& event = events_.emplace_back();
    event.position = Position(++last_);
    event.stream = kStreams[random_() % 4];
    event.revision = Revision(revisions_[std::string(event.stream)]++);
    OutboundEvent outbound;
    outbound.event = &event;
    book_.Admit(outbound, nullptr);
  }
  void Take() {
    const auto handover = book_.Take();
    if (!handover) return;
    const uint64_t position = handover->event.event->position.value;
    // Poison is refused on arrival; the rest arrives, whatever the report will say.
    const bool poison = position % 37 == 0 && !mended_;
    bool arrives = !poison && random_() % 10 != 0;
    if (runs_ && !FollowsWell(*handover->event.event)) arrives = false;
    if (arrives) Arrive(*handover->event.event);
    before_ = {std::string(handover->event.event->stream), arrives};
    flying_.push_back({position, poison                            ? Outcome::kRefused
                                 : !arrives || random_() % 20 == 0 ? Outcome::kUnavailable
                                                                   : Outcome::kDelivered});
  }
  // A sink that takes runs: what is not alone on its way comes right behind another of its stream,
  // and does not arrive if that did not.
  bool FollowsWell(const RecordedEvent& event) {
    for (const auto& [position, outcome] : flying_) {
      if (events_[position - 1].stream != event.stream) continue;
      EXPECT_EQ(before_.first, event.stream) << event.position.value;
      return before_.second;
    }
    return true;
  }
  void Arrive(const RecordedEvent& event) {
    uint64_t& highest = highest_[std::string(event.stream)];
    if (event.position.value > highest + 0 && MissedBefore(event)) strict_order_ = false;
    highest = std::max(highest, event.position.value);
    last_arrival_[event.position.value] = ++arrivals_;
  }
  bool MissedBefore(const RecordedEvent& event) const {
    for (uint64_t p = 1; p < event.position.value; ++p) {
      if (events_[p - 1].stream == event.stream && last_arrival_.count(p) == 0 &&
          dead_.count(p) == 0) {
        return true;
      }
    }
    return false;
  }
  void ReportOne() {
    if (flying_.empty()) return;
    const size_t i = random_() % flying_.size();
    const auto [position, outcome] = flying_[i];
    flying_.erase(flying_.begin() + static_cast<long>(i));
    Add(book_.Report(Position(position), outcome, {.error = "poison"}));
  }
  void Perform(const LaneDuty& duty) {
    if (duty.kind == LaneDuty::Kind::kBackOff) {
      book_.BackOffOver(duty.lane);
      return;
    }
    const uint64_t position = book_.Front(duty.lane).event.event->position.value;
    dead_.insert(position);
    parked_at_[duty.lane] = position;
    Add(book_.DeadLettered(duty.lane));
  }
  void Add(LaneDuty duty) {
    if (duty.kind != LaneDuty::Kind::kNone) duties_.push_back(std::move(duty));
  }

  std::mt19937_64 random_;
  LaneBook book_;
  std::deque<RecordedEvent> events_;
  std::deque<LaneDuty> duties_;
  std::deque<RecoveryDuty> reads_;
  std::map<std::string, uint64_t> revisions_;
  std::map<std::string, uint64_t> parked_at_;
  bool mended_ = false;
  std::vector<std::pair<uint64_t, Outcome>> flying_;
  std::map<uint64_t, size_t> last_arrival_;
  std::map<std::string, uint64_t> highest_;
  std::set<uint64_t> dead_;
  size_t arrivals_ = 0;
  const bool runs_;
  std::pair<std::string, bool> before_;  // the stream of what was taken last, and if it arrived
  uint64_t last_ = 0;
  bool strict_order_ = true;
};

TEST(LaneOrderTest, LosesNothingAndEndsInOrderUnderRandomFaults) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Play play(seed, 16);
    play.Run(150);
    play.ExpectComplete(150);
    if (HasFatalFailure()) FAIL() << "seed " << seed;
  }
}

TEST(LaneOrderTest, NeverOvertakesInRuns) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Play play(seed, 16, /*runs=*/true);
    play.Run(150);
    play.ExpectComplete(150);
    ASSERT_TRUE(play.strict_order()) << "seed " << seed;
  }
}

TEST(LaneOrderTest, NeverOvertakesWithOneEventOnItsWayALane) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Play play(seed, 1);
    play.Run(150);
    play.ExpectComplete(150);
    ASSERT_TRUE(play.strict_order()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace nexus::route

// How long commands wait for their turn at one aggregate, and who need not wait for that.

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "command/command_fixture.h"
#include "command/turn_pace.h"
#include "gmock/gmock.h"
#include "nexus/core/errors.h"

namespace nexus::command {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kWaitMax = absl::Milliseconds(150);

TurnPace PaceOf(absl::Duration each, int turns = 200) {
  TurnPace pace;
  for (int i = 0; i < turns; ++i) pace.Add(each);
  return pace;
}

TEST(TurnPaceTest, BeginsWithAGuessAndFollowsWhatTurnsTake) {
  EXPECT_EQ(TurnPace().each(), TurnPace::kGuess);
  EXPECT_NEAR(absl::ToDoubleMilliseconds(PaceOf(absl::Milliseconds(20)).each()), 20, 0.01);
  TurnPace pace = PaceOf(absl::Milliseconds(2));
  pace.Add(absl::Milliseconds(802));
  EXPECT_NEAR(absl::ToDoubleMilliseconds(pace.each()), 102, 0.1) << "an eighth of it";
  for (int i = 0; i < 120; ++i) pace.Add(absl::Milliseconds(2));
  EXPECT_LT(pace.each(), absl::Milliseconds(3)) << "forgotten after some more";
}

TEST(TurnPaceTest, AFewQuickTurnsAreNotBelieved) {
  TurnPace pace = PaceOf(absl::Milliseconds(10));
  for (int i = 0; i < 8; ++i) pace.Add(absl::Milliseconds(1));
  EXPECT_GT(pace.each(), absl::Milliseconds(7));
  for (int i = 0; i < 8; ++i) pace.Add(absl::Milliseconds(20));
  EXPECT_GT(pace.each(), absl::Milliseconds(13)) << "slow ones are, at once";
}

TEST(SharedPaceTest, BeginsAgainAfterAPause) {
  const absl::Duration begun = absl::Hours(1);
  SharedPace pace;
  EXPECT_EQ(pace.At(begun).each(), TurnPace::kGuess);
  absl::Duration now = begun;
  for (int i = 0; i < 200; ++i) pace.Add(absl::Milliseconds(20), now += absl::Milliseconds(20));
  EXPECT_NEAR(absl::ToDoubleMilliseconds(pace.At(now + TurnPace::kPause).each()), 20, 0.1);
  EXPECT_EQ(pace.At(now + TurnPace::kPause + absl::Milliseconds(1)).each(), TurnPace::kGuess);
  // Nor does the next turn bring it back.
  now += absl::Seconds(5);
  pace.Add(TurnPace::kGuess, now);
  EXPECT_EQ(pace.At(now).each(), TurnPace::kGuess);
}

TEST(SharedPaceTest, ATurnThatTakesLongIsNoPauseAndCountsAsOneThatIsSlow) {
  SharedPace pace;
  pace.Add(absl::Milliseconds(10), absl::Seconds(10));
  const absl::Duration before = pace.At(absl::Seconds(10)).each();
  pace.Add(absl::Seconds(8), absl::Seconds(18));
  EXPECT_EQ(pace.At(absl::Seconds(18)).each(), before + (SharedPace::kTurnMax - before) / 8);
}

TEST(TurnQueueTest, ExpectsATurnForEachWhoWaitsAndTheOneUnderWay) {
  TurnQueue queue{.waiting = 10, .pace = PaceOf(absl::Milliseconds(5))};
  EXPECT_NEAR(absl::ToDoubleMilliseconds(queue.ExpectedWait()), 55, 0.1);
  queue.under_way = absl::Milliseconds(3);
  EXPECT_NEAR(absl::ToDoubleMilliseconds(queue.ExpectedWait()), 55, 0.1);
  // Longer than others: it may last as long again.
  queue.under_way = absl::Milliseconds(300);
  EXPECT_NEAR(absl::ToDoubleMilliseconds(queue.ExpectedWait()), 350, 0.1);
  queue.spent = absl::Milliseconds(20);
  EXPECT_NEAR(absl::ToDoubleMilliseconds(queue.ExpectedWait()), 370, 0.1);
}

TEST(CheckWaitTest, RefusesWhatIsOverTheBoundAndSaysByHowMuch) {
  TurnQueue queue{.waiting = 28, .pace = PaceOf(absl::Milliseconds(5))};
  EXPECT_TRUE(CheckWait("account-7", queue, kWaitMax).ok());
  queue.waiting = 40;
  const absl::Status refused = CheckWait("account-7", queue, kWaitMax);
  EXPECT_EQ(ReasonOf(refused), ErrorReason::kOverloaded);
  EXPECT_THAT(refused.message(), HasSubstr("40 commands wait for account-7"));
  EXPECT_NEAR(absl::ToDoubleMilliseconds(*DetailsOf(refused).retry_after), 55, 0.1);
  EXPECT_TRUE(CheckWait("account-7", queue, absl::InfiniteDuration()).ok());
}

TEST(CheckWaitTest, EightMayWaitWhateverIsExpected) {
  TurnQueue queue{.waiting = 7, .under_way = absl::Minutes(1), .pace = PaceOf(absl::Seconds(1))};
  EXPECT_TRUE(CheckWait("account-7", queue, kWaitMax).ok());
  queue.waiting = 8;
  EXPECT_FALSE(CheckWait("account-7", queue, kWaitMax).ok());
}

// A log that stores a commit when it is told to.
class HeldLog : public LogBackend {
 public:
  explicit HeldLog(LogBackend& log) : log_(log) {}

  void Propose(Commit commit, CommitDone done) override {
    absl::MutexLock lock(&mutex_);
    held_.emplace_back(std::move(commit), std::move(done));
  }
  absl::StatusOr<std::optional<CommitReceipt>> FindCommit(const Commit& candidate) override {
    return log_.FindCommit(candidate);
  }
  void SetHeadListener(HeadListener listener) override {
    log_.SetHeadListener(std::move(listener));
  }
  absl::Status Health() override { return log_.Health(); }
  void Drain() override { log_.Drain(); }

  // False: there is none.
  bool StoreOne() {
    std::pair<Commit, CommitDone> next;
    {
      absl::MutexLock lock(&mutex_);
      if (held_.empty()) return false;
      next = std::move(held_.front());
      held_.pop_front();
    }
    log_.Propose(std::move(next.first), std::move(next.second));
    return true;
  }
  bool IsHolding() {
    absl::MutexLock lock(&mutex_);
    return !held_.empty();
  }

 private:
  LogBackend& log_;
  absl::Mutex mutex_;
  std::deque<std::pair<Commit, CommitDone>> held_ ABSL_GUARDED_BY(mutex_);
};

class TurnWaitTest : public CommandFixture {
 protected:
  LogBackend& Backend() override { return held_; }
  void SetUp() override {
    CommandFixture::SetUp();
    CommandWorkerOptions options;
    options.wait_max = kWaitMax;
    Start(options);
  }
  void TearDown() override {
    TakeTurns(absl::ZeroDuration());
    CommandFixture::TearDown();
  }

  struct Answer {
    absl::Status status;
    absl::Duration took;
  };
  // So many at once, of one aggregate.
  void Send(int commands, const std::string& account = "7") {
    for (int i = 0; i < commands; ++i) {
      const absl::Duration begun = clock_.Monotonic();
      {
        absl::MutexLock lock(&mutex_);
        ++sent_;
      }
      runner_->Execute(Command("Deposit", account, Amount(1)), {}, [this, begun](auto receipt) {
        absl::MutexLock lock(&mutex_);
        answers_.push_back({receipt.status(), clock_.Monotonic() - begun});
      });
    }
  }
  // Stores what waits, one commit after the other, each in `each` by the clock of the server; until
  // all have been answered.
  void TakeTurns(absl::Duration each) {
    EXPECT_TRUE(fake::Eventually([&] {
      executor_.RunAll();
      while (held_.IsHolding()) {
        clock_.Advance(each);
        held_.StoreOne();
      }
      absl::MutexLock lock(&mutex_);
      return answers_.size() == sent_;
    }));
  }
  void Learn(absl::Duration each, const std::string& account = "7") {
    for (int i = 0; i < 100; ++i) {
      Send(1, account);
      TakeTurns(each);
    }
    Forget();
  }
  void Forget() {
    absl::MutexLock lock(&mutex_);
    sent_ = 0;
    answers_.clear();
  }
  size_t Count(ErrorReason reason) {
    absl::MutexLock lock(&mutex_);
    size_t count = 0;
    for (const Answer& answer : answers_) {
      if (answer.status.ok() ? reason == ErrorReason::kUnspecified
                             : ReasonOf(answer.status) == reason) {
        ++count;
      }
    }
    return count;
  }
  size_t Stored() { return Count(ErrorReason::kUnspecified); }
  size_t Refused() { return Count(ErrorReason::kOverloaded); }
  absl::Duration Longest() {
    absl::MutexLock lock(&mutex_);
    absl::Duration longest;
    for (const Answer& answer : answers_) longest = std::max(longest, answer.took);
    return longest;
  }

  HeldLog held_{log_};
  absl::Mutex mutex_;
  size_t sent_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Answer> answers_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(TurnWaitTest, OfManyAtOnceEachIsStoredInTimeOrRefusedAtOnce) {
  constexpr absl::Duration kCommit = absl::Milliseconds(5);
  Learn(kCommit);
  const size_t before = ReadStream("account-7").events.size();
  Send(200);
  // Before the store has taken any of them.
  ASSERT_TRUE(fake::Eventually([&] { return Refused() >= 169; }));
  EXPECT_EQ(Stored(), 0u);
  EXPECT_EQ(Longest(), absl::ZeroDuration());
  TakeTurns(kCommit);
  // One under way and thirty behind it, of whom the last expects 150 ms.
  EXPECT_EQ(Stored(), 31u);
  EXPECT_EQ(Refused(), 169u);
  EXPECT_LE(Longest(), kWaitMax + kCommit);
  EXPECT_EQ(ReadStream("account-7").events.size(), before + Stored());
  EXPECT_EQ(metrics_.Value("nexus_commands_total{type=Deposit,result=OVERLOADED}"), 169);
  // Nobody is left behind: the next gets in.
  Forget();
  Send(1);
  TakeTurns(kCommit);
  EXPECT_EQ(Stored(), 1u);
}

TEST_F(TurnWaitTest, ASlowAggregateLetsEightWaitAndRecovers) {
  Learn(absl::Seconds(1));
  Send(50);
  ASSERT_TRUE(fake::Eventually([&] { return Refused() == 41; }));
  // It is quick again, and their turns show it.
  TakeTurns(absl::Milliseconds(1));
  EXPECT_EQ(Stored(), 9u);
  for (int i = 0; i < 30; ++i) {
    Send(9);
    TakeTurns(absl::Milliseconds(1));
  }
  Forget();
  Send(50);
  TakeTurns(absl::Milliseconds(1));
  EXPECT_EQ(Stored(), 50u);
}

// A disk that stood still for a while, and nobody came to see it quick again.
TEST_F(TurnWaitTest, ASlowTurnIsForgottenAfterAPause) {
  Learn(TurnPace::kGuess);
  Send(1);
  TakeTurns(absl::Seconds(8));
  Forget();
  // Its turn has ended by the time that the same thread has answered this.
  ASSERT_TRUE(Execute(Command("Look", "8")).ok());
  clock_.Advance(absl::Hours(1));
  Send(50);
  TakeTurns(TurnPace::kGuess);
  EXPECT_EQ(Stored(), 50u);
}

TEST_F(TurnWaitTest, ASlowTurnIsNotExpectedOfOtherAggregates) {
  Learn(absl::Milliseconds(1));
  Send(1);
  TakeTurns(absl::Seconds(8));
  Forget();
  Send(11, "8");
  TakeTurns(absl::Milliseconds(1));
  EXPECT_EQ(Stored(), 11u);
  Forget();
  Send(30, "9");
  TakeTurns(absl::Milliseconds(1));
  EXPECT_EQ(Stored(), 30u);
}

TEST_F(TurnWaitTest, OfANewAggregateWhatItsWorkerTookIsExpected) {
  Learn(absl::Milliseconds(15));
  Send(50, "8");
  ASSERT_TRUE(fake::Eventually([&] { return Refused() == 39; }));
  TakeTurns(absl::Milliseconds(15));
  EXPECT_EQ(Stored(), 11u);
  EXPECT_LE(Longest(), kWaitMax + absl::Milliseconds(15));
}

// A commit does not come back: whoever comes then does not queue up behind it without end.
TEST_F(TurnWaitTest, BehindATurnThatDoesNotEndEightMayWait) {
  Learn(absl::Milliseconds(1));
  Send(1);
  ASSERT_TRUE(fake::Eventually([&] { return held_.IsHolding(); }));
  clock_.Advance(absl::Seconds(2));
  Send(20);
  ASSERT_TRUE(fake::Eventually([&] { return Refused() == 12; }));
  TakeTurns(absl::Milliseconds(1));
  EXPECT_EQ(Stored(), 9u);
}

TEST_F(TurnWaitTest, WithoutABoundAllWait) {
  CommandWorkerOptions options;
  options.wait_max = absl::InfiniteDuration();
  Start(options);
  Learn(absl::Milliseconds(5));
  Send(200);
  TakeTurns(absl::Milliseconds(5));
  EXPECT_EQ(Stored(), 200u);
}

}  // namespace
}  // namespace nexus::command

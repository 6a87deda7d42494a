// Snapshots as commands make and use them.

#include <gmock/gmock.h>

#include <thread>

#include "command/aggregate_loader.h"
#include "command/snapshot_fixture.h"
#include "command/stream_order.h"
#include "fake/passing_reader.h"
#include "nexus/core/errors.h"

namespace nexus::command {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CommandSnapshotsTest : public SnapshotFixture {
 protected:
  void SetUp() override {
    SnapshotFixture::SetUp();
    Declare(kAccountScript, R"({"mode": "fixed", "events": 10, "keep": 2})");
  }
  // Twelve events of account-7, of which the snapshot holds eleven.
  void MakeElevenAndOne() {
    Deposit("7", 11);
    ASSERT_TRUE(Keeps(1));
    Deposit("7", 1);
    ASSERT_EQ(Kept()[0].revision, Revision(10));
  }
  // That the account has twelve, and no more.
  void ExpectTwelve() {
    EXPECT_EQ(ReasonOf(Execute(Command("Withdraw", "7", Amount(13))).status()),
              ErrorReason::kCommandRejected);
    const auto receipt = Execute(Command("Withdraw", "7", Amount(12)));
    EXPECT_TRUE(receipt.ok()) << receipt.status();
  }
};

TEST_F(CommandSnapshotsTest, MakesOneAfterMoreThanSoManyEvents) {
  Deposit("7", 10);
  Deposit("8", 1);
  Work();
  EXPECT_THAT(Kept(), IsEmpty());
  Deposit("7", 1);
  ASSERT_TRUE(Keeps(1));
  const SnapshotInfo info = Kept()[0];
  const RecordedEvent last = std::move(ReadStream("account-7").events.back());
  EXPECT_EQ(info.stream, "account-7");
  EXPECT_EQ(info.revision, Revision(10));
  EXPECT_EQ(info.position, last.position);
  EXPECT_EQ(info.event_id, last.id);
  EXPECT_EQ(info.recorded, last.recorded);
  EXPECT_EQ(info.events, 11u);
  EXPECT_EQ(info.aggregate, "account");
  EXPECT_EQ(StateOf(info), R"({"balance":11,"events":11})");
  EXPECT_EQ(Value("nexus_snapshots_made_total{reason=events}"), 1);
}

TEST_F(CommandSnapshotsTest, AnswersBeforeTheSnapshotIsWritten) {
  bool answered = false;
  runner_->Execute(Command("Deposit", "7", Amount(1) + ",\"times\":20"), {},
                   [&](const auto& receipt) {
                     answered = receipt.ok();
                     EXPECT_THAT(Kept(), IsEmpty());
                   });
  ASSERT_TRUE(Keeps(1));
  EXPECT_TRUE(answered);
}

TEST_F(CommandSnapshotsTest, KeepsTheNewestOnly) {
  for (int i = 0; i < 4; ++i) {
    Deposit("7", 11);
    EXPECT_TRUE(fake::Eventually([&] {
      Work();
      return Value("nexus_snapshots_made_total{reason=events}") == i + 1;
    }));
  }
  ASSERT_THAT(Kept(), SizeIs(2));
  EXPECT_EQ(Kept()[0].revision, Revision(43));
  EXPECT_EQ(Kept()[1].revision, Revision(32));
}

TEST_F(CommandSnapshotsTest, BeginsWithTheSnapshotAndReadsWhatFollows) {
  MakeElevenAndOne();
  Start({});
  ExpectTwelve();
  EXPECT_EQ(Loaded(), 1);
  EXPECT_EQ(Value("nexus_snapshots_used_total"), 1);
  EXPECT_EQ(Value("nexus_snapshots_replay_saved_total"), 11);
}

TEST_F(CommandSnapshotsTest, MakesTheStateOfEventsIfTheSnapshotIsNoState) {
  MakeElevenAndOne();
  Snapshot spoilt{Kept()[0], R"({"balance":)"};
  ASSERT_TRUE(store_.Put(spoilt).ok());
  Start({});
  ExpectTwelve();
  EXPECT_EQ(Loaded(), 12);
  EXPECT_EQ(Ignored("corrupt"), 1);
}

TEST_F(CommandSnapshotsTest, PassesOverASnapshotOfOtherCode) {
  MakeElevenAndOne();
  Declare(std::string(kAccountScript) + "// changed", R"({"mode": "none"})");
  ExpectTwelve();
  EXPECT_EQ(Loaded(), 12);
  EXPECT_EQ(Ignored("code"), 1);
}

TEST_F(CommandSnapshotsTest, UsesThemOnAfterAChangeThatFoldsNothing) {
  MakeElevenAndOne();
  Declare(kAccountScript, R"({"mode": "adaptive"})");
  Start({});
  ExpectTwelve();
  EXPECT_EQ(Loaded(), 1);
}

TEST_F(CommandSnapshotsTest, PassesOverASnapshotThatIsAheadOfTheStream) {
  MakeElevenAndOne();
  Snapshot ahead{Kept()[0], R"({"balance":1000,"events":40})"};
  ahead.info.revision = Revision(39);
  ASSERT_TRUE(store_.Put(ahead).ok());
  Start({});
  ExpectTwelve();
  EXPECT_EQ(Loaded(), 1);
  EXPECT_EQ(Ignored("ahead"), 1);
}

// The log was put back from a backup and went on otherwise.
TEST_F(CommandSnapshotsTest, PassesOverASnapshotOfEventsThatTheStreamDoesNotHave) {
  MakeElevenAndOne();
  Snapshot other{Kept()[0], R"({"balance":1000,"events":11})"};
  other.info.event_id.bytes[3] = 77;
  ASSERT_TRUE(store_.Put(other).ok());
  Start({});
  ExpectTwelve();
  EXPECT_EQ(Loaded(), 12);
  EXPECT_EQ(Ignored("ahead"), 1);
}

// What an old event is given as may be another thing now.
TEST_F(CommandSnapshotsTest, BeginsAnewWhenTheSchemaOfAnEventHasANewVersion) {
  MakeElevenAndOne();
  ASSERT_TRUE(RegisterSchema("Deposited", R"({"type":"object",
      "properties":{"amount":{"type":"number"}}})")
                  .ok());
  const double before = Loaded();
  EXPECT_EQ(ReasonOf(Execute(Command("Withdraw", "7", Amount(13))).status()),
            ErrorReason::kCommandRejected);
  EXPECT_EQ(Loaded() - before, 12) << "neither the state in memory nor the snapshot is used";
  EXPECT_EQ(Ignored("code"), 1);
}

// Nor does it help that the aggregate declares nothing of that event.
TEST_F(CommandSnapshotsTest, BeginsAnewWhenATypeThatItOnlyMetHasANewVersion) {
  ASSERT_TRUE(RegisterSchema("Noted", R"({"type":"object"})").ok());
  ASSERT_TRUE(RegisterSchema("Elsewhere", R"({"type":"object"})").ok());
  Deposit("7", 1);
  ASSERT_TRUE(AppendBeside("account-7", "Noted", R"({"amount":4})").ok());
  Deposit("7", 11);
  ASSERT_TRUE(Keeps(1));
  EXPECT_THAT(Kept()[0].other_types, ::testing::ElementsAre("Noted"));
  const auto look = [this] {
    const double before = Loaded();
    EXPECT_EQ(ReasonOf(Execute(Command("Withdraw", "7", Amount(13))).status()),
              ErrorReason::kCommandRejected);
    return Loaded() - before;
  };
  // From the snapshot, which knows what it met.
  Start({});
  EXPECT_EQ(look(), 0);
  EXPECT_EQ(Value("nexus_snapshots_used_total"), 1);
  ASSERT_TRUE(RegisterSchema("Elsewhere", R"({"type":"object","properties":{}})").ok());
  EXPECT_EQ(look(), 0) << "what it never met is nothing to it";
  ASSERT_TRUE(RegisterSchema("Noted", R"({"type":"object","properties":{}})").ok());
  EXPECT_EQ(look(), 13) << "neither the state in memory nor the snapshot is used";
  EXPECT_EQ(Ignored("code"), 1);
}

class ManyTypesTest : public CommandSnapshotsTest {
 protected:
  void SetUp() override {
    CommandSnapshotsTest::SetUp();
    SetCategory("account", false);
  }
  // Events of so many types that nobody declares, in one commit.
  void AppendTypes(size_t first, size_t count) {
    engine::CommitDraft draft = Draft("account-7", absl::StrCat("Odd", first), "{}");
    std::vector<engine::EventDraft>& events = draft.streams.front().events;
    for (size_t i = 1; i < count; ++i) {
      events.push_back(events.front());
      events.back().type = absl::StrCat("Odd", first + i);
    }
    const auto answer = AppendLater(std::move(draft), {});
    ASSERT_TRUE(fake::Eventually([&] {
      executor_.RunAll();
      return answer->has_value();
    }));
    ASSERT_TRUE((*answer)->ok()) << (*answer)->status();
  }
  // How many events a command reads that looks at all of the account, which has one.
  double Look() {
    const double before = Loaded();
    EXPECT_EQ(ReasonOf(Execute(Command("Withdraw", "7", Amount(2))).status()),
              ErrorReason::kCommandRejected);
    return Loaded() - before;
  }
};

TEST_F(ManyTypesTest, CollectsNoMoreThanASnapshotNames) {
  AppendTypes(0, snapshot::kOtherTypesMax);
  const auto context = *scripts_->NewContext({});
  const auto code =
      *AggregateCode::Load(*context, digests_.Now().domains->aggregates().front(), {});
  const AggregateLoader loader(log_, engine_->evolution());
  const auto stream = StreamName::Literal("account-7");
  LiveAggregate live;
  ASSERT_TRUE(loader.Load(stream, *code, live).ok());
  EXPECT_THAT(live.other_types, SizeIs(snapshot::kOtherTypesMax));
  EXPECT_FALSE(live.too_many_types);
  AppendTypes(snapshot::kOtherTypesMax, 1);
  ASSERT_TRUE(loader.Load(stream, *code, live).ok());
  EXPECT_TRUE(live.too_many_types);
  EXPECT_EQ(live.other_types.capacity(), 0u);
  AppendTypes(0, 500);
  ASSERT_TRUE(loader.Load(stream, *code, live).ok());
  EXPECT_EQ(live.other_types.capacity(), 0u);
  live.Forget();
  EXPECT_FALSE(live.too_many_types);
}

TEST_F(ManyTypesTest, MakesNoSnapshotOfMoreThanItMayName) {
  Deposit("7", 1);
  AppendTypes(0, snapshot::kOtherTypesMax);
  EXPECT_TRUE(MakeSnapshot("account-7").ok());
  AppendTypes(1'000, 1);
  const auto refused = MakeSnapshot("account-7");
  EXPECT_EQ(ReasonOf(refused.status()), ErrorReason::kLimitExceeded);
  EXPECT_THAT(refused.status().message(), HasSubstr("more than 256 types"));
}

TEST_F(ManyTypesTest, KeepsAStateOfTooManyInMemoryUntilAnythingChanges) {
  Declare(kAccountScript, R"({"mode": "none"})");
  Deposit("7", 1);
  AppendTypes(0, 300);
  EXPECT_EQ(Look(), 300);
  EXPECT_EQ(Look(), 0);
  AppendTypes(300, 5);
  EXPECT_EQ(Look(), 5) << "it goes on from what it has";
  ASSERT_TRUE(RegisterSchema("Elsewhere", R"({"type":"object"})").ok());
  EXPECT_EQ(Look(), 306) << "it may be one of the many";
  EXPECT_EQ(Look(), 0);
  ASSERT_TRUE(RegisterSchema("Odd299", R"({"type":"object"})").ok());
  EXPECT_EQ(Look(), 306);
  Declare(kAccountScript, R"({"mode": "adaptive"})");
  EXPECT_EQ(Look(), 306);
  EXPECT_EQ(Look(), 0);
}

TEST_F(CommandSnapshotsTest, AdaptiveMakesOneAfterItsInterval) {
  Declare(kAccountScript, R"({"mode": "adaptive"})");
  // The clock stands still, so nothing is measured: a hundred.
  Deposit("7", 99);
  Work();
  EXPECT_THAT(Kept(), IsEmpty());
  Deposit("7", 1);
  ASSERT_TRUE(Keeps(1));
  EXPECT_EQ(Kept()[0].revision, Revision(99));
}

TEST_F(CommandSnapshotsTest, NoneMakesNoneButUsesWhatIsThere) {
  MakeElevenAndOne();
  Declare(kAccountScript, R"({"mode": "none"})");
  Start({});
  Deposit("7", 100);
  Work();
  EXPECT_THAT(Kept(), SizeIs(1));
  EXPECT_EQ(Loaded(), 1);
}

// A state that grows with each event, by the text that it brings.
constexpr char kGrowing[] = R"js(
export const initial = { all: "" };
export function evolve(state, event) {
  return { all: state.all + "x".repeat(event.data.amount) };
}
export function decide(state, command) {
  return { type: "Deposited", data: { amount: command.data.amount } };
}
)js";

TEST_F(CommandSnapshotsTest, MakesOneOfALargeStateAndAgainWhenItGrewByHalf) {
  Declare(kGrowing, R"({"mode": "fixed", "events": 1000, "state_bytes": 1024})");
  // When exactly it is measured depends on what else the thread had to do.
  const auto grow_until = [this](size_t kept) {
    for (int i = 0; i < 40 && Kept().size() < kept; ++i) {
      Deposit("7", 1, 50);
      Work();
    }
    return Keeps(kept);
  };
  Deposit("7", 1, 900);
  Deposit("7", 1, 50);
  Work();
  EXPECT_THAT(Kept(), IsEmpty());
  ASSERT_TRUE(grow_until(1));
  EXPECT_GT(Kept()[0].state_bytes, 1'024u);
  ASSERT_TRUE(grow_until(2));
  EXPECT_GE(Kept()[0].state_bytes, Kept()[1].state_bytes * 3 / 2);
  EXPECT_EQ(Value("nexus_snapshots_made_total{reason=state}"), 2);
}

TEST_F(CommandSnapshotsTest, MakesOneWhenItIsAsked) {
  Deposit("7", 3);
  const auto made = MakeSnapshot("account-7");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->revision, Revision(2));
  EXPECT_EQ(StateOf(*made), R"({"balance":3,"events":3})");
  // Others write to the stream, too, and the aggregate is not in memory.
  Start({});
  ASSERT_TRUE(AppendBeside("account-7", "Deposited", R"({"amount":4})").ok());
  const auto second = MakeSnapshot("account-7");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(StateOf(*second), R"({"balance":7,"events":4})");
  EXPECT_EQ(Value("nexus_snapshots_made_total{reason=request}"), 2);
}

// No command comes between the change and the snapshot, which would have begun anew.
TEST_F(CommandSnapshotsTest, FoldsAnewWhatAnAggregateOfAnotherNameHasFolded) {
  Deposit("7", 3);
  Declare(R"js(
    export const initial = { double: 0 };
    export function evolve(state, event) {
      return { double: (state.double ?? 0) + 2 * event.data.amount };
    }
    export function decide() { return []; }
  )js",
          "{}", {.name = "purse"});
  ASSERT_TRUE(AppendBeside("account-7", "Deposited", R"({"amount":4})").ok());
  const auto made = MakeSnapshot("account-7");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->aggregate, "purse");
  EXPECT_EQ(StateOf(*made), R"({"double":14})");
  EXPECT_EQ(made->code_digest, digests_.Of(*digests_.Now().domains->FindAggregate("purse")));
}

TEST_F(CommandSnapshotsTest, SaysWhyItMakesNone) {
  EXPECT_EQ(ReasonOf(MakeSnapshot("account-9").status()), ErrorReason::kStreamNotFound);
  EXPECT_EQ(ReasonOf(MakeSnapshot("parcel-9").status()), ErrorReason::kNotFound);
  ASSERT_TRUE(AppendBeside("account-7", "Deposited", R"({"amount":4})").ok());
  Declare(R"js(
    export function evolve(state, event) { throw new Error("no"); }
    export function decide() {}
  )js");
  EXPECT_EQ(ReasonOf(MakeSnapshot("account-7").status()), ErrorReason::kDomainCodeFailed);
  runner_->Stop();
  EXPECT_EQ(ReasonOf(MakeSnapshot("account-7").status()), ErrorReason::kDraining);
}

TEST_F(CommandSnapshotsTest, MakesOneOfWhatIsOldAndHasNone) {
  const auto look = [this] {
    runner_->MakeSnapshotsOfAged(absl::Hours(24));
    // The same thread has looked by the time that it has answered this.
    ASSERT_TRUE(Execute(Command("Look", "other")).ok());
  };
  Declare(kAccountScript, R"({"mode": "adaptive"})");
  Deposit("old", 10);
  Deposit("few", 9);
  clock_.Advance(absl::Hours(25));
  Deposit("new", 10);
  look();
  ASSERT_TRUE(Keeps(1));
  EXPECT_EQ(Kept()[0].stream, "account-old");
  EXPECT_EQ(Value("nexus_snapshots_made_total{reason=age}"), 1);
  // It has one now; what comes after that is for those who look at the snapshots.
  clock_.Advance(absl::Hours(25));
  look();
  ASSERT_TRUE(Keeps(2));
  EXPECT_EQ(Kept()[0].stream, "account-new");
}

TEST_F(CommandSnapshotsTest, KnowsTheAgeOfWhatItHasLoaded) {
  Declare(kAccountScript, R"({"mode": "adaptive"})");
  Deposit("7", 10);
  clock_.Advance(absl::Hours(25));
  Start({});
  Deposit("7", 1);
  runner_->MakeSnapshotsOfAged(absl::Hours(24));
  ASSERT_TRUE(Keeps(1));
  EXPECT_EQ(Kept()[0].revision, Revision(10));
}

TEST_F(CommandSnapshotsTest, MakesNoneOfWhatIsOldIfTheAggregateWantsNone) {
  Declare(kAccountScript, R"({"mode": "none"})");
  Deposit("7", 20);
  clock_.Advance(absl::Hours(25));
  runner_->MakeSnapshotsOfAged(absl::Hours(24));
  ASSERT_TRUE(Execute(Command("Look", "7")).ok());
  runner_->Stop();
  Work();
  EXPECT_THAT(Kept(), IsEmpty());
}

// The thread has no idle moment between the event that makes one due and what comes next: whoever
// is answered asks for that.
TEST_F(CommandSnapshotsTest, MakesWhatIsDueOfAnAggregateThatLeavesTheMemory) {
  CommandWorkerOptions options;
  options.live_max = 1;
  Start(options);
  absl::Notification answered;
  runner_->Execute(Command("Deposit", "7", Amount(1) + ",\"times\":20"), {}, [&](auto) {
    runner_->Execute(Command("Deposit", "8", Amount(1)), {}, [&](auto) { answered.Notify(); });
  });
  answered.WaitForNotification();
  ASSERT_TRUE(Keeps(1));
  EXPECT_EQ(Kept()[0].stream, "account-7");
  EXPECT_EQ(Kept()[0].revision, Revision(19));
}

TEST_F(CommandSnapshotsTest, MakesWhatIsDueBeforeItStops) {
  absl::Notification answered;
  std::thread stopper;
  runner_->Execute(Command("Deposit", "7", Amount(1) + ",\"times\":20"), {}, [&](auto) {
    stopper = std::thread([this] { runner_->Stop(); });
    // Goes on once the thread is told to stop, and so has no idle moment before.
    bool stops = false;
    EXPECT_TRUE(fake::Eventually([&] {
      runner_->Execute(Command("Deposit", "7", Amount(1)), {}, [&stops](const auto& answer) {
        if (ReasonOf(answer.status()) == ErrorReason::kDraining) stops = true;
      });
      return stops;
    }));
    answered.Notify();
  });
  answered.WaitForNotification();
  stopper.join();
  Work();
  ASSERT_THAT(Kept(), SizeIs(1));
  EXPECT_EQ(Kept()[0].stream, "account-7");
}

TEST_F(CommandSnapshotsTest, CountsAStateThatCannotBeWritten) {
  // JSON has no cycles.
  Declare(R"js(
    export const initial = null;
    export function evolve(state, event) { const a = {}; a.a = a; return a; }
    export function decide(state, command) { return { type: "Deposited", data: { amount: 1 } }; }
  )js",
          R"({"mode": "fixed", "events": 1})");
  Deposit("7", 1);
  Deposit("7", 1);
  EXPECT_TRUE(fake::Eventually([&] {
    Work();
    return Value("nexus_snapshots_failed_total{reason=code}") == 1;
  }));
  EXPECT_THAT(Kept(), IsEmpty());
  EXPECT_TRUE(Execute(Command("Deposit", "7", Amount(1))).ok()) << "commands go on";
}

// Gives the events of a stream in another order than they were stored in.
class ShuffledReader : public fake::PassingReader {
 public:
  using PassingReader::PassingReader;

  absl::StatusOr<EventBatch> ReadStream(const StreamName& stream, Revision from,
                                        Direction direction, PageLimits limits) override {
    auto page = PassingReader::ReadStream(stream, from, direction, limits);
    if (page.ok() && page->events.size() > 1) std::swap(page->events[0], page->events[1]);
    return page;
  }
};

class ShuffledStreamTest : public CommandSnapshotsTest {
 protected:
  EventReader& Reader() override { return shuffled_; }
  ShuffledReader shuffled_{log_};
};

TEST_F(ShuffledStreamTest, RefusesAStreamThatIsOutOfOrder) {
  Deposit("7", 5);
  Start({});
  const auto refused = Execute(Command("Deposit", "7", Amount(1)));
  EXPECT_EQ(ReasonOf(refused.status()), ErrorReason::kDataLoss);
  EXPECT_THAT(refused.status().message(), HasSubstr("out of order"));
  EXPECT_EQ(ReadStream("account-7").events.size(), 5u);
}

RecordedEvent At(uint64_t revision, uint64_t position) {
  RecordedEvent event;
  event.revision = Revision(revision);
  event.position = Position(position);
  return event;
}

TEST(StreamOrderTest, TakesWhatFollowsAndRefusesGapsRepeatsAndWhatLiesBehind) {
  const auto check = [](std::vector<RecordedEvent> events, uint64_t behind = 10) {
    return CheckStreamOrder(StreamName::Literal("a-1"), Revision(3), Position(behind), events).ok();
  };
  EXPECT_TRUE(check({}));
  EXPECT_TRUE(check({At(3, 11), At(4, 19)}));
  EXPECT_FALSE(check({At(4, 11)})) << "a gap";
  EXPECT_FALSE(check({At(3, 11), At(3, 12)})) << "twice";
  EXPECT_FALSE(check({At(3, 11), At(5, 12)}));
  EXPECT_FALSE(check({At(3, 11), At(4, 11)}));
  EXPECT_FALSE(check({At(3, 10)})) << "where the state ends already";
}

}  // namespace
}  // namespace nexus::command

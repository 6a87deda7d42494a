// The router on a real log: dead letters are events of the same log that it reads.

#include "absl/synchronization/notification.h"
#include "fake/borrowed_sink.h"
#include "fake/eventually.h"
#include "fake/manual_clock.h"
#include "fake/memory_checkpoints.h"
#include "fake/recording_metrics.h"
#include "fake/scripted_sink.h"
#include "fake/sequential_ids.h"
#include "fake/thread_executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "route/log_dead_letters.h"
#include "route/router.h"
#include "schema/json/simd_json_reader.h"
#include "storage/memory/memory_log.h"

namespace nexus::route {
namespace {

using ::testing::ElementsAre;

class RouterOnLogTest : public ::testing::Test {
 protected:
  RouterOnLogTest() {
    log_.SetHeadListener([this](Position head) { signal_.Publish(head); });
    sink_.SetScript([](const RecordedEvent& event, int) -> std::optional<absl::Status> {
      if (event.type == "poison") return fake::ScriptedSink::MakeRefusal();
      return absl::OkStatus();
    });
  }
  ~RouterOnLogTest() override {
    router_.reset();
    executor_.Stop();
  }

  static RouteBookOptions RoutesOf() {
    RouteDeclaration route;
    route.name = "all";
    route.sink.kind = "scripted";
    route.retry = {.attempts = 5, .base_ms = 1, .max_ms = 2};
    RouteBookOptions options;
    options.routes = {route};
    return options;
  }
  Letter Decide(LetterAction action) {
    absl::StatusOr<Letter> decided = absl::UnknownError("no answer");
    absl::Notification answered;
    letters_.Decide(std::move(action), AdmissionStamp(), [&](absl::StatusOr<Letter> letter) {
      decided = std::move(letter);
      answered.Notify();
    });
    answered.WaitForNotification();
    EXPECT_TRUE(decided.ok()) << decided.status();
    return decided.ok() ? *decided : Letter();
  }
  bool NoneOpen() {
    return fake::Eventually([this] {
      const auto open = letters_.List();
      return open.ok() && open->empty();
    });
  }
  void Mend() { sink_.SetScript({}); }

  void Append(const std::string& stream, const std::string& type) {
    Commit commit;
    commit.id.bytes = ids_.NewUuid();
    commit.streams.push_back({StreamName::Literal(stream), ExpectedRevision::Any()});
    Event event;
    event.id = DeriveEventId(commit.id, 0);
    event.type = type;
    event.content_type = "application/json";
    event.data = "{}";
    commit.events.push_back({0, std::move(event)});
    // Whoever is ordering now takes it along, so it may be stored later.
    absl::Notification stored;
    log_.Propose(std::move(commit), [&](const absl::StatusOr<CommitReceipt>& receipt) {
      EXPECT_TRUE(receipt.ok()) << receipt.status();
      stored.Notify();
    });
    stored.WaitForNotification();
  }
  void Start() {
    RouteContext context{log_,     signal_,      executor_, clock_,
                         ids_,     checkpoints_, metrics_,  book_.classifications(),
                         &letters_};
    const auto factory = [this](const RouteDeclaration&, const std::string&) {
      return absl::StatusOr<std::unique_ptr<Sink>>(std::make_unique<fake::BorrowedSink>(sink_));
    };
    router_ = Router::Create(context, book_, factory);
    letters_.SetListener([this](const Letter& letter) { router_->Retry(letter); });
    ASSERT_TRUE(router_->Start().ok());
  }
  bool Settles() {
    return fake::Eventually([this] {
      const SinkStatus status = router_->Status().at("all").sink;
      return status.pending == 0 && status.checkpoint == log_.Head();
    });
  }
  std::vector<std::string> LetterStreams() {
    std::vector<std::string> streams;
    auto page = log_.ReadStream(StreamName::Literal(kDeadLetterStream), Revision(0),
                                Direction::kForward, PageLimits());
    if (!page.ok()) return {std::string(page.status().message())};
    for (const RecordedEvent& e : page->events) {
      if (e.type != kDeadLetterType) continue;
      for (const auto& [key, value] : e.metadata) streams.push_back(std::string(value));
    }
    return streams;
  }

  storage::MemoryLog log_;
  fake::ThreadExecutor executor_{2};
  fake::ManualClock clock_;
  fake::SequentialIds ids_;
  fake::MemoryCheckpoints checkpoints_;
  fake::RecordingMetrics metrics_;
  follow::HeadSignal signal_{executor_, Position(0)};
  schema::SimdJsonReader json_;
  LogDeadLetters letters_{{log_, log_, json_, executor_, clock_, ids_, metrics_}};
  fake::ScriptedSink sink_{"all"};
  RouteBook book_{{log_, log_, json_, executor_, clock_, ids_}, RoutesOf()};
  std::shared_ptr<Router> router_;
};

TEST_F(RouterOnLogTest, WritesDeadLettersIntoTheLogItReads) {
  Append("order-1", "placed");
  Append("order-2", "poison");
  Append("order-2", "placed");
  Start();
  Append("order-1", "paid");
  ASSERT_TRUE(Settles());
  EXPECT_THAT(sink_.accepted(), ElementsAre(1, 4));
  EXPECT_THAT(LetterStreams(), ElementsAre("order-2")) << "what follows is in the log";
}

TEST_F(RouterOnLogTest, AMendedStreamCatchesUpAndItsLetterIsClosed) {
  Append("order-2", "poison");
  Append("order-2", "placed");
  Start();
  ASSERT_TRUE(Settles());
  Mend();
  const Letter letter = Decide({.kind = LetterAction::Kind::kRetried, .letter = 0});
  EXPECT_EQ(letter.stream, "order-2");
  EXPECT_TRUE(letter.retrying);
  ASSERT_TRUE(NoneOpen());
  EXPECT_THAT(sink_.accepted(), ElementsAre(1, 2));
  Append("order-2", "paid");
  ASSERT_TRUE(Settles());
  EXPECT_THAT(sink_.accepted(), ::testing::SizeIs(3));
}

TEST_F(RouterOnLogTest, AStreamGoesOnBehindALetterThatIsSkipped) {
  Append("order-2", "poison");
  Append("order-2", "placed");
  Start();
  ASSERT_TRUE(Settles());
  Decide({.kind = LetterAction::Kind::kSkipped, .letter = 0, .comment = "of no use"});
  ASSERT_TRUE(NoneOpen());
  EXPECT_THAT(sink_.accepted(), ElementsAre(2));
}

TEST_F(RouterOnLogTest, ALetterThatFailsAgainIsOpenAgainWithAllItsAttempts) {
  Append("order-2", "poison");
  Start();
  ASSERT_TRUE(Settles());
  Decide({.kind = LetterAction::Kind::kRetried, .letter = 0});
  ASSERT_TRUE(fake::Eventually([this] {
    const auto open = letters_.List();
    return open.ok() && open->size() == 1 && !open->front().retrying;
  }));
  EXPECT_EQ(letters_.List()->front().attempts, 10u);
  EXPECT_EQ(metrics_.Value("nexus_dlq_events{route=all}"), 1);
}

TEST_F(RouterOnLogTest, ADecisionOutlivesARestart) {
  Append("order-2", "poison");
  Append("order-2", "placed");
  Start();
  ASSERT_TRUE(Settles());
  ASSERT_TRUE(router_->Stop(absl::Seconds(1)).ok());
  Mend();
  Decide({.kind = LetterAction::Kind::kRetried, .letter = 0});  // nothing runs that hears it
  Start();
  ASSERT_TRUE(NoneOpen());
  EXPECT_THAT(sink_.accepted(), ElementsAre(1, 2));
}

TEST_F(RouterOnLogTest, KnowsNothingOfALetterThatIsNotOpen) {
  absl::Notification answered;
  letters_.Decide({.letter = 7}, AdmissionStamp(), [&](const absl::StatusOr<Letter>& letter) {
    EXPECT_EQ(ReasonOf(letter.status()), ErrorReason::kNotFound);
    answered.Notify();
  });
  answered.WaitForNotification();
}

// A change of the rules judges what comes after it, for every route alike.
TEST_F(RouterOnLogTest, RulesOfTheLogJudgeWhatFollowsThem) {
  Start();
  Append("order-1", "placed");
  RouteEvent rules{.change = RouteChange::kClassified};
  rules.rules = CriticalityRules();
  rules.rules->ordered_categories["order"] = Path::kCritical;
  absl::Notification changed;
  book_.Change(rules, AdmissionStamp(),
               [&](const absl::StatusOr<RouteRecord>&) { changed.Notify(); });
  changed.WaitForNotification();
  Append("order-1", "placed");
  ASSERT_TRUE(Settles());
  EXPECT_EQ(metrics_.Value("nexus_route_propagation_seconds{path=standard}"), 1);
  EXPECT_EQ(metrics_.Value("nexus_route_propagation_seconds{path=critical}"), 1);
}

// The checkpoint was lost, the log was not: the letters are there and are not written twice.
TEST_F(RouterOnLogTest, WritesALetterOnceEvenIfTheCheckpointIsLost) {
  Append("order-1", "poison");
  Start();
  ASSERT_TRUE(Settles());
  ASSERT_TRUE(router_->Stop(absl::Seconds(1)).ok());
  ASSERT_TRUE(checkpoints_.Save("route/all", Position(0)).ok());
  Append("order-1", "placed");
  Start();
  ASSERT_TRUE(Settles());
  EXPECT_THAT(LetterStreams(), ElementsAre("order-1"));
  EXPECT_EQ(sink_.attempts(1), 5) << "a parked stream is not tried again";
}

}  // namespace
}  // namespace nexus::route

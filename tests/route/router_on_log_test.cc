// The router on a real log: dead letters are events of the same log that it reads.

#include "fake/eventually.h"
#include "fake/manual_clock.h"
#include "fake/memory_checkpoints.h"
#include "fake/recording_metrics.h"
#include "fake/scripted_sink.h"
#include "fake/sequential_ids.h"
#include "fake/thread_executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "route/log_dead_letters.h"
#include "route/router.h"
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
    log_.Propose(std::move(commit), [](const absl::StatusOr<CommitReceipt>& receipt) {
      ASSERT_TRUE(receipt.ok()) << receipt.status();
    });
  }
  void Start() {
    RouteContext context{log_, signal_, executor_, clock_, ids_, checkpoints_, metrics_, &letters_};
    RouterOptions options;
    options.critical.retry_base = absl::Milliseconds(1);
    options.critical.retry_max = absl::Milliseconds(2);
    router_ = std::make_unique<Router>(context, sink_, sink_, options);
    ASSERT_TRUE(router_->Start().ok());
  }
  bool Settles() {
    return fake::Eventually([this] {
      const SinkStatus status = router_->Status()[0];
      return status.pending == 0 && status.checkpoint == log_.Head();
    });
  }
  std::vector<std::string> LetterStreams() {
    std::vector<std::string> streams;
    auto page = log_.ReadStream(StreamName::Literal(kDeadLetterStream), Revision(0),
                                Direction::kForward, PageLimits());
    if (!page.ok()) return {std::string(page.status().message())};
    for (const RecordedEvent& e : page->events) {
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
  LogDeadLetters letters_{log_, log_, clock_};
  fake::ScriptedSink sink_{"all"};
  std::unique_ptr<Router> router_;
};

TEST_F(RouterOnLogTest, WritesDeadLettersIntoTheLogItReads) {
  Append("order-1", "placed");
  Append("order-2", "poison");
  Append("order-2", "placed");
  Start();
  Append("order-1", "paid");
  ASSERT_TRUE(Settles());
  EXPECT_THAT(sink_.accepted(), ElementsAre(1, 4));
  EXPECT_THAT(LetterStreams(), ElementsAre("order-2", "order-2"));
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
  EXPECT_THAT(LetterStreams(), ElementsAre("order-1", "order-1"));
  EXPECT_EQ(sink_.attempts(1), 5) << "a parked stream is not tried again";
}

}  // namespace
}  // namespace nexus::route

#include "route/log_dead_letters.h"

#include <deque>
#include <optional>

#include "fake/manual_clock.h"
#include "fake/tiny_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::route {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Takes proposals down and answers as told.
class ScriptedBackend : public LogBackend {
 public:
  void Propose(Commit commit, CommitDone done) override {
    proposals.push_back(std::move(commit));
    if (answer.ok()) {
      done(CommitReceipt());
    } else {
      done(answer);
    }
  }
  absl::StatusOr<std::optional<CommitReceipt>> FindCommit(const Commit&) override {
    return std::nullopt;
  }
  void SetHeadListener(HeadListener) override {}
  absl::Status Health() override { return absl::OkStatus(); }
  void Drain() override {}

  std::deque<Commit> proposals;
  absl::Status answer;
};

// A "$dead-letters" stream of two pages.
class LettersReader : public fake::TinyLog {
 public:
  absl::StatusOr<EventBatch> ReadStream(const StreamName& stream, Revision from, Direction,
                                        PageLimits) override {
    EXPECT_EQ(stream.str(), "$dead-letters");
    EventBatch page;
    page.events.push_back(from.value == 0 ? Letter("sink:kafka", "order-1", 0)
                                          : Letter("sink:kafka", "order-2", 1));
    page.events.push_back(from.value == 0 ? Letter("sink:files", "order-3", 1)
                                          : Letter("sink:kafka", "order-1", 2));
    if (from.value == 0) page.events.pop_back();
    page.end = from.value > 0;
    return page;
  }

 private:
  static RecordedEvent Letter(absl::string_view tag, absl::string_view stream, uint64_t revision) {
    RecordedEvent event;
    event.revision = Revision(revision);
    event.tags = {tag};
    event.metadata = {{"stream", stream}};
    return event;
  }
};

class LogDeadLettersTest : public ::testing::Test {
 protected:
  LogDeadLettersTest() {
    event_.position = Position(42);
    event_.revision = Revision(7);
    event_.stream = "order-1";
    event_.type = "paid";
    event_.correlation_id = "c-1";
  }
  absl::Status Write(const std::string& sink, const std::string& error = "too \"large\"") {
    std::optional<absl::Status> outcome;
    letters_.Write(DeadLetter{sink, OutboundEvent{&event_, nullptr, 0, false}, 5, error},
                   [&](absl::Status status) { outcome = std::move(status); });
    return outcome.value();
  }

  RecordedEvent event_;
  ScriptedBackend backend_;
  fake::TinyLog log_;
  fake::ManualClock clock_;
  LogDeadLetters letters_{backend_, log_, clock_};
};

TEST_F(LogDeadLettersTest, WritesAnEventThatNamesTheOther) {
  EXPECT_TRUE(Write("kafka").ok());
  ASSERT_EQ(backend_.proposals.size(), 1u);
  const Commit& commit = backend_.proposals[0];
  EXPECT_EQ(commit.streams[0].name.str(), "$dead-letters");
  const Event& event = commit.events[0].event;
  EXPECT_EQ(event.type, "$dead-lettered");
  EXPECT_EQ(event.data,
            "{\"sink\":\"kafka\",\"stream\":\"order-1\",\"revision\":7,\"position\":42,"
            "\"event_id\":\"00000000-0000-0000-0000-000000000000\",\"type\":\"paid\","
            "\"attempts\":5,\"error\":\"too \\\"large\\\"\"}");
  EXPECT_EQ(event.correlation_id, "c-1");
}

TEST_F(LogDeadLettersTest, IsTheSameCommitForTheSameSinkAndEvent) {
  Write("kafka").IgnoreError();
  Write("kafka", "another error").IgnoreError();
  Write("files").IgnoreError();
  EXPECT_EQ(backend_.proposals[0].id, backend_.proposals[1].id);
  EXPECT_NE(backend_.proposals[0].id, backend_.proposals[2].id);
}

TEST_F(LogDeadLettersTest, TakesALetterWithAnotherErrorTextForWritten) {
  backend_.answer = MakeError(ErrorReason::kIdReused, "other content");
  EXPECT_TRUE(Write("kafka").ok());
}

TEST_F(LogDeadLettersTest, ReportsALogThatDoesNotTakeIt) {
  backend_.answer = MakeError(ErrorReason::kDiskFull, "full");
  EXPECT_EQ(ReasonOf(Write("kafka")), ErrorReason::kDiskFull);
}

TEST_F(LogDeadLettersTest, CutsAnErrorThatIsLongOrNotText) {
  Write("kafka", std::string(100'000, 'x')).IgnoreError();
  Write("kafka", "bad \xff byte").IgnoreError();
  EXPECT_LT(backend_.proposals[0].events[0].event.data.size(), 2'000u);
  EXPECT_THAT(backend_.proposals[1].events[0].event.data, ::testing::HasSubstr("\"bad \""));
}

TEST_F(LogDeadLettersTest, KnowsNoParkedStreamInALogWithoutLetters) {
  EXPECT_THAT(*letters_.ParkedStreams("kafka"), IsEmpty());
}

TEST_F(LogDeadLettersTest, FindsTheParkedStreamsOfOneSink) {
  LettersReader reader;
  LogDeadLetters letters(backend_, reader, clock_);
  EXPECT_THAT(*letters.ParkedStreams("kafka"), ElementsAre("order-1", "order-2"));
  EXPECT_THAT(*letters.ParkedStreams("files"), IsEmpty());
}

TEST_F(LogDeadLettersTest, PassesAReadErrorOn) {
  log_.Append("$dead-letters");
  log_.FailNextRead(MakeError(ErrorReason::kDataLoss, "hole"));
  EXPECT_EQ(ReasonOf(letters_.ParkedStreams("kafka").status()), ErrorReason::kDataLoss);
}

}  // namespace
}  // namespace nexus::route

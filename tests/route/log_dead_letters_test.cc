#include "route/log_dead_letters.h"

#include <deque>
#include <optional>

#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "fake/recording_metrics.h"
#include "fake/sequential_ids.h"
#include "fake/tiny_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::route {
namespace {

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
    DeadLetter letter;
    letter.route = letter.sink = sink;
    letter.event.event = &event_;
    letter.attempts = 5;
    letter.error = error;
    letter.error_class = ErrorClass::kTooLarge;
    letters_.Write(std::move(letter), [&](absl::Status status) { outcome = std::move(status); });
    return outcome.value();
  }

  RecordedEvent event_;
  ScriptedBackend backend_;
  fake::TinyLog log_;
  fake::ManualClock clock_;
  fake::ManualExecutor executor_;
  fake::SequentialIds ids_;
  fake::RecordingMetrics metrics_;
  schema::SimdJsonReader json_;
  LogDeadLetters letters_{{backend_, log_, json_, executor_, clock_, ids_, metrics_}};
};

TEST_F(LogDeadLettersTest, WritesAnEventThatNamesTheOther) {
  EXPECT_TRUE(Write("kafka").ok());
  ASSERT_EQ(backend_.proposals.size(), 1u);
  const Commit& commit = backend_.proposals[0];
  EXPECT_EQ(commit.streams[0].name.str(), "$dead-letters");
  const Event& event = commit.events[0].event;
  EXPECT_EQ(event.type, "$dead-lettered");
  EXPECT_EQ(event.data,
            "{\"route\":\"kafka\",\"sink\":\"kafka\",\"stream\":\"order-1\",\"revision\":7,"
            "\"position\":42,"
            "\"event_id\":\"00000000-0000-0000-0000-000000000000\",\"type\":\"paid\","
            "\"attempts\":5,\"class\":\"too-large\",\"fate\":\"parked\","
            "\"error\":\"too \\\"large\\\"\"}");
  EXPECT_EQ(event.correlation_id, "c-1");
}

TEST_F(LogDeadLettersTest, IsTheSameCommitForTheSameRouteAndEvent) {
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

TEST_F(LogDeadLettersTest, HasNothingOpenInALogWithoutLetters) {
  EXPECT_THAT(*letters_.Open("kafka", "kafka"), IsEmpty());
}

TEST_F(LogDeadLettersTest, PassesAReadErrorOn) {
  log_.Append("$dead-letters");
  log_.FailNextRead(MakeError(ErrorReason::kDataLoss, "hole"));
  EXPECT_EQ(ReasonOf(letters_.Open("kafka", "kafka").status()), ErrorReason::kDataLoss);
}

}  // namespace
}  // namespace nexus::route

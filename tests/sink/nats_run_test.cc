// Many events of a stream on their way at a time, and a server that refuses some and takes the
// next.

#include <atomic>
#include <thread>

#include "gmock/gmock.h"
#include "sink/nats/publish_run.h"
#include "sink/routed_sink.h"
#include "sink/with_nats.h"

namespace nexus::sink {
namespace {

class NatsRunTest : public WithNats {
 protected:
  static constexpr uint64_t kEvents = 600;
  static constexpr uint64_t kRun = 10;

  // By sequence; others than the route may have published, too.
  void ExpectComplete() {
    RoutedSink::Arrivals arrivals;
    ReadUntil([&](const std::vector<harness::NatsRecord>& records) {
      arrivals.clear();
      for (const harness::NatsRecord& record : records) {
        const auto number = record.headers.find("ce-nexusposition");
        uint64_t position = 0;
        if (number == record.headers.end()) continue;
        EXPECT_TRUE(absl::SimpleAtoi(number->second, &position));
        arrivals.emplace_back(record.headers.at("ce-subject"), position);
      }
      return RoutedSink::Complete(arrivals, kEvents);
    });
    RoutedSink::ExpectOrder(arrivals);
  }
  RoutedSink routed_;
};

TEST_F(NatsRunTest, OnlyARunHasMoreThanOneEventOnItsWay) {
  NatsOptions options = Options();
  EXPECT_TRUE(Open(options)->OnlyInRuns());
  EXPECT_GT(Open(options)->PerStreamMax(), kRun);
  options.per_stream_max = 1;
  EXPECT_FALSE(Open(options)->OnlyInRuns());
  EXPECT_EQ(Open(options)->PerStreamMax(), 1u);
}

// Each time that the stream grows it takes a few of what is on its way at that moment and refuses
// what was there before and comes behind them.
TEST_F(NatsRunTest, KeepsTheOrderWhereTheStreamIsFullNowAndThen) {
  harness::NatsStream stream{.name = "nexus", .subjects = {"nexus.evt.order.>"}, .max_messages = 1};
  AddStream(stream);
  routed_.Start(OpenWell(Options()));
  routed_.Append(kEvents, kRun);
  const auto reader = Reader();
  while (stream.max_messages < static_cast<int64_t>(kEvents)) {
    stream.max_messages += 7;
    ASSERT_TRUE(reader->ChangeStream(stream).ok());
    const uint64_t some = static_cast<uint64_t>(stream.max_messages) / 2;
    ASSERT_TRUE(
        fake::Eventually([&] { return reader->LastSequence("nexus").value_or(0) >= some; }));
  }
  ASSERT_TRUE(routed_.WaitForCheckpoint(kEvents));
  ASSERT_TRUE(routed_.Stop().ok());
  ExpectComplete();
}

TEST_F(NatsRunTest, KeepsTheOrderWhereOthersPublishToTheStream) {
  AddStream();
  std::atomic<bool> enough{false};
  std::thread stranger([&] {
    const auto reader = Reader();
    while (!enough.load()) {
      EXPECT_TRUE(reader->Publish("nexus.evt.order.stranger", "{}").ok());
    }
  });
  routed_.Start(OpenWell(Options()));
  routed_.Append(kEvents, kRun);
  const bool done = routed_.WaitForCheckpoint(kEvents);
  enough.store(true);
  stranger.join();
  ASSERT_TRUE(done);
  ASSERT_TRUE(routed_.Stop().ok());
  ExpectComplete();
}

TEST_F(NatsRunTest, TellsWhatIsBehindARefusedEventApartFromIt) {
  AddStream({.name = "nexus", .subjects = {"nexus.evt.order.>"}, .max_messages = 1});
  auto sink = OpenWell(Options());
  Answers answers;
  for (uint64_t i = 0; i < 3; ++i) sink->Deliver(MakeEvent("order-1", i), answers.Next());
  ASSERT_TRUE(answers.WaitFor(3));
  int behind = 0;
  for (const absl::Status& status : answers.all()) behind += absl::IsAborted(status) ? 1 : 0;
  EXPECT_EQ(answers.good(), 1u);
  EXPECT_GE(behind, 1) << "the last one, at least";
}

// After a broken run there is none for a while.
TEST(PublishRunTest, KnowsBehindWhatAnEventHasToCome) {
  fake::ManualClock clock;
  PublishRun run(clock);
  const OutboundEvent zero = MakeEvent("a-1", 0), one = MakeEvent("a-1", 1);
  EXPECT_EQ(run.Before(*zero.event), "");
  run.Published(*zero.event, 1);
  EXPECT_EQ(run.Before(*one.event), zero.event->id.ToString());
  EXPECT_EQ(run.Before(*zero.event), "") << "it comes again";
  EXPECT_EQ(run.Before(*MakeEvent("b-1", 1).event), "");
  run.Landed(1);
  EXPECT_EQ(run.Before(*one.event), "") << "whatever others have published since";
  run.Published(*one.event, 2);
  run.Forget(1);
  EXPECT_NE(run.Before(*MakeEvent("a-1", 2).event), "");
  run.Forget(2);
  EXPECT_EQ(run.Before(*MakeEvent("a-1", 2).event), "");
  run.Published(*one.event, 3);
  run.Clear();
  EXPECT_EQ(run.Before(*MakeEvent("a-1", 2).event), "");
}

TEST(PublishRunTest, HasNoRunsForAWhileAfterOneBroke) {
  fake::ManualClock clock;
  PublishRun run(clock);
  const size_t usual = run.max();
  EXPECT_GT(usual, 1u);
  run.Broke();
  EXPECT_EQ(run.max(), 1u);
  clock.Advance(absl::Seconds(60));
  EXPECT_EQ(run.max(), usual);
}

}  // namespace
}  // namespace nexus::sink

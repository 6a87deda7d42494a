#include <string>

#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "sink/event_maker.h"
#include "sink/kafka/kafka_sink.h"

namespace nexus::sink {
namespace {

using ::testing::SizeIs;

// Nobody listens on port 1.
std::unique_ptr<KafkaSink> Open(size_t queue_events_max = 1'000) {
  KafkaOptions options;
  options.brokers = "127.0.0.1:1";
  options.queue_events_max = queue_events_max;
  return *KafkaSink::Open(options);
}

TEST(KafkaWithoutBrokerTest, OpensAndSaysThatNobodyAnswers) {
  const auto sink = Open();
  EXPECT_TRUE(absl::IsUnavailable(sink->Health()));
  EXPECT_EQ(sink->Name(), "kafka");
}

TEST(KafkaWithoutBrokerTest, RefusesOptionsThatMakeNoSense) {
  EXPECT_EQ(ReasonOf(KafkaSink::Open({}).status()), ErrorReason::kConfigurationInvalid);
}

TEST(KafkaWithoutBrokerTest, KeepsEventsUntilAFlushRunsOutOfTime) {
  Answers answers;  // outlives the sink, which answers when it goes
  const auto sink = Open();
  for (uint64_t i = 0; i < 10; ++i) sink->Deliver(MakeEvent("order-1", i), answers.Next());
  EXPECT_EQ(sink->Flush(absl::Milliseconds(50)).code(), absl::StatusCode::kDeadlineExceeded);
  ASSERT_THAT(answers.all(), SizeIs(10));
  for (const absl::Status& status : answers.all()) EXPECT_TRUE(absl::IsUnavailable(status));
}

TEST(KafkaWithoutBrokerTest, AnswersEverythingBeforeItGoes) {
  Answers answers;
  {
    const auto sink = Open();
    for (uint64_t i = 0; i < 10; ++i) sink->Deliver(MakeEvent("order-1", i), answers.Next());
  }
  EXPECT_THAT(answers.all(), SizeIs(10));
}

TEST(KafkaWithoutBrokerTest, RefusesWhatItsQueueDoesNotHold) {
  Answers answers;  // outlives the sink, which answers when it goes
  const auto sink = Open(5);
  for (uint64_t i = 0; i < 6; ++i) sink->Deliver(MakeEvent("order-1", i), answers.Next());
  ASSERT_THAT(answers.all(), SizeIs(1));
  EXPECT_TRUE(absl::IsUnavailable(answers.all()[0]));
}

// At once, while earlier events of the stream still wait: the router can stop the stream there.
TEST(KafkaWithoutBrokerTest, BlamesAnEventThatIsTooLarge) {
  Answers answers;  // outlives the sink, which answers when it goes
  const auto sink = Open();
  sink->Deliver(MakeEvent("order-1", 0, std::string(2 << 20, 'x'), "text/plain"), answers.Next());
  ASSERT_THAT(answers.all(), SizeIs(1));
  EXPECT_FALSE(absl::IsUnavailable(answers.all()[0])) << answers.all()[0];
}

TEST(KafkaWithoutBrokerTest, MakesANewProducerAfterAFatalError) {
  Answers answers;  // outlives the sink, which answers when it goes
  const auto sink = Open();
  for (int round = 1; round <= 3; ++round) {
    const size_t before = answers.all().size();
    sink->Deliver(MakeEvent("order-1", 0), answers.Next());
    sink->ProvokeFatalErrorForTest();
    // The event may have come to the old producer or to none; either way it is answered.
    ASSERT_TRUE(answers.WaitFor(before + 1));
    EXPECT_TRUE(absl::IsUnavailable(answers.all().back()));
    EXPECT_TRUE(fake::Eventually([&] { return sink->rebuilds() == static_cast<uint64_t>(round); }));
  }
}

}  // namespace
}  // namespace nexus::sink

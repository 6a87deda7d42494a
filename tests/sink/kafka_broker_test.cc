#include <map>

#include "absl/strings/numbers.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "nexus/core/errors.h"
#include "sink/event_maker.h"
#include "sink/kafka/kafka_sink.h"
#include "sink/with_kafka.h"

namespace nexus::sink {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class KafkaBrokerTest : public WithKafka {
 protected:
  std::unique_ptr<KafkaSink> Open(KafkaOptions options = {}) {
    options.brokers = kafka_->brokers();
    options.topic = topic_;
    auto sink = KafkaSink::Open(options);
    EXPECT_TRUE(sink.ok()) << sink.status();
    return *std::move(sink);
  }
  bool BecomesWell(KafkaSink& sink) {
    return fake::Eventually([&] { return sink.Health().ok(); });
  }
  Answers answers_;
};

TEST_F(KafkaBrokerTest, SendsACloudEventInBinaryMode) {
  CreateTopic(1);
  auto sink = Open();
  sink->Deliver(MakeEvent("order-1", 7, "{\"n\": 1}"), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(1));
  EXPECT_TRUE(answers_.all()[0].ok()) << answers_.all()[0];
  const auto records = Read(1);
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].key, "order-1");
  EXPECT_EQ(records[0].value, "{\"n\": 1}");
  EXPECT_EQ(records[0].timestamp_ms, 1'700'000'000'123);
  EXPECT_THAT(
      records[0].headers,
      UnorderedElementsAre(
          Pair("ce_specversion", "1.0"), Pair("ce_id", "00000000-0000-0000-0000-000000000007"),
          Pair("ce_source", "/nexus/default/order"), Pair("ce_type", "order-paid.v2"),
          Pair("ce_subject", "order-1"), Pair("ce_time", "2023-11-14T22:13:20.123456Z"),
          Pair("ce_partitionkey", "order-1"), Pair("ce_sequence", "7"),
          Pair("ce_nexusposition", "8"), Pair("ce_nexuscorrelationid", "c-1"),
          Pair("content-type", "application/json")));
  EXPECT_TRUE(sink->Health().ok()) << sink->Health();
}

TEST_F(KafkaBrokerTest, TellsTopicPartitionAndOffset) {
  CreateTopic(1);
  auto sink = Open();
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  sink->Deliver(MakeEvent("order-2", 0), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(2));
  EXPECT_THAT(answers_.places(),
              ElementsAre(absl::StrCat(topic_, "/0/0"), absl::StrCat(topic_, "/0/1")));
}

TEST_F(KafkaBrokerTest, EmptyDataIsNotATombstone) {
  CreateTopic(1);
  auto sink = Open();
  sink->Deliver(MakeEvent("order-1", 0, ""), answers_.Next());
  const auto records = Read(1);
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_TRUE(records[0].has_value);
}

TEST_F(KafkaBrokerTest, SendsTheValueInTheFormatThatItWasGiven) {
  CreateTopic(1);
  KafkaOptions options;
  options.value_format = [](const RecordedEvent& event) -> absl::StatusOr<route::ValueFrame> {
    if (event.data == "none") return MakeError(ErrorReason::kSchemaNotRegistered, "no frame");
    return route::ValueFrame{std::string("\0\1", 2), "text/framed", {{"extra", "\x01\x02"}}};
  };
  auto sink = Open(options);
  sink->Deliver(MakeEvent("order-1", 0, "none"), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(1));
  // Not a fault of the sink: it costs the event an attempt.
  EXPECT_EQ(ReasonOf(answers_.all()[0]), ErrorReason::kSchemaNotRegistered);
  EXPECT_FALSE(absl::IsUnavailable(answers_.all()[0]));
  sink->Deliver(MakeEvent("order-1", 1, "data"), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(2));
  const auto records = Read(1);
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].value, std::string("\0\1data", 6));
  EXPECT_EQ(records[0].headers.at("content-type"), "text/framed");
  EXPECT_EQ(records[0].headers.at("extra"), "\x01\x02");
}

// Handed over while the one before it failed: it must not go first with the new producer.
TEST_F(KafkaBrokerTest, LetsNothingPassAnEventThatANewProducerHasToSend) {
  CreateTopic(1);
  auto sink = Open();
  ASSERT_TRUE(BecomesWell(*sink));
  sink->ProvokeFatalErrorForTest();
  sink->Deliver(MakeEvent("order-1", 5), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(1));
  ASSERT_TRUE(absl::IsUnavailable(answers_.all()[0])) << answers_.all()[0];
  ASSERT_TRUE(fake::Eventually([&] { return sink->rebuilds() == 1; }));
  sink->Deliver(MakeEvent("order-1", 6), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(2));
  EXPECT_TRUE(absl::IsUnavailable(answers_.all()[1])) << answers_.all()[1];
  sink->Deliver(MakeEvent("order-1", 5), answers_.Next());
  sink->Deliver(MakeEvent("order-1", 6), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(4));
  EXPECT_EQ(answers_.good(), 2u);
}

TEST_F(KafkaBrokerTest, KeepsTheOrderOfEachStream) {
  CreateTopic(3);
  auto sink = Open();
  constexpr uint64_t kEvents = 3'000;
  for (uint64_t i = 0; i < kEvents; ++i) {
    sink->Deliver(MakeEvent(absl::StrCat("order-", i % 10), i), answers_.Next());
  }
  ASSERT_TRUE(sink->Flush(absl::Seconds(60)).ok());
  EXPECT_EQ(answers_.good(), kEvents);
  const auto records = Read(kEvents);
  ASSERT_THAT(records, SizeIs(kEvents));
  std::map<std::string, uint64_t> next;
  for (const auto& record : records) {
    uint64_t sequence = 0;
    ASSERT_TRUE(absl::SimpleAtoi(record.headers.at("ce_sequence"), &sequence));
    const auto last = next.find(record.key);
    EXPECT_TRUE(last == next.end() || last->second < sequence) << record.key;
    next[record.key] = sequence;
  }
}

// The partitions that Java clients pick for these keys: murmur2 of the bytes, made positive, by the
// number of partitions.
TEST_F(KafkaBrokerTest, PicksThePartitionThatAJavaClientWould) {
  CreateTopic(3);
  auto sink = Open();
  const std::map<std::string, int32_t> murmur2 = {
      {"21", -973932308}, {"foobar", -790332482}, {"abc", 479470107}};
  for (const auto& [key, hash] : murmur2) sink->Deliver(MakeEvent(key, 0), answers_.Next());
  for (const auto& record : Read(murmur2.size())) {
    EXPECT_EQ(record.partition, (murmur2.at(record.key) & 0x7fffffff) % 3) << record.key;
  }
}

TEST_F(KafkaBrokerTest, AMissingTopicIsAFaultOfTheSinkAndPasses) {
  auto sink = Open();
  ASSERT_TRUE(fake::Eventually([&] {
    return std::string(sink->Health().message()).find("does not exist") != std::string::npos;
  })) << sink->Health();
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(1));
  EXPECT_TRUE(absl::IsUnavailable(answers_.all()[0])) << answers_.all()[0];
  CreateTopic(1);
  ASSERT_TRUE(BecomesWell(*sink));
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(2));
  EXPECT_TRUE(answers_.all()[1].ok()) << answers_.all()[1];
}

TEST_F(KafkaBrokerTest, EventsThatCameBeforeTheTopicWasMissedAreAnswered) {
  auto sink = Open();
  for (uint64_t i = 0; i < 5; ++i) sink->Deliver(MakeEvent("order-1", i), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(5));
  for (const absl::Status& status : answers_.all()) EXPECT_TRUE(absl::IsUnavailable(status));
}

TEST_F(KafkaBrokerTest, MakesTheTopicWhereItIsToldTo) {
  KafkaOptions options;
  options.create_partitions = 2;
  auto sink = Open(options);
  ASSERT_TRUE(BecomesWell(*sink)) << sink->Health();
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(1));
  EXPECT_TRUE(answers_.all()[0].ok()) << answers_.all()[0];
  auto second = Open(options);
  EXPECT_TRUE(BecomesWell(*second)) << "it is there already";
}

TEST_F(KafkaBrokerTest, SaysWhyItCouldNotMakeTheTopic) {
  KafkaOptions options;
  options.create_partitions = 1;
  options.create_replicas = 3;
  auto sink = Open(options);
  EXPECT_TRUE(fake::Eventually([&] {
    return std::string(sink->Health().message()).find("creating topic") != std::string::npos;
  })) << sink->Health();
}

TEST_F(KafkaBrokerTest, DeliversAgainThroughANewProducerAfterAFatalError) {
  CreateTopic(1);
  auto sink = Open();
  ASSERT_TRUE(BecomesWell(*sink));
  for (uint64_t round = 1; round <= 3; ++round) {
    sink->ProvokeFatalErrorForTest();
    ASSERT_TRUE(fake::Eventually([&] { return sink->rebuilds() == round && sink->Health().ok(); }));
    Answers answers;
    sink->Deliver(MakeEvent("order-1", round), answers.Next());
    ASSERT_TRUE(answers.WaitFor(1));
    EXPECT_TRUE(answers.all()[0].ok()) << answers.all()[0];
  }
}

}  // namespace
}  // namespace nexus::sink

// What the sink has written, read back from a real broker.

#include "sink/kafka/kafka_broker_reader.h"

#include "gmock/gmock.h"
#include "schema/json/simd_json_reader.h"
#include "sink/event_maker.h"
#include "sink/kafka/kafka_sink.h"
#include "sink/read_back.h"
#include "sink/with_kafka.h"

namespace nexus::sink {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class KafkaBrokerReaderTest : public WithKafka {
 protected:
  KafkaOptions Options() {
    KafkaOptions options;
    options.brokers = kafka_->brokers();
    options.topic = topic_;
    return options;
  }
  void Deliver(const KafkaOptions& options, uint64_t count, uint64_t streams = 1) {
    auto sink = KafkaSink::Open(options);
    ASSERT_TRUE(sink.ok()) << sink.status();
    Answers answers;
    for (uint64_t i = 0; i < count; ++i) {
      (*sink)->Deliver(MakeEvent(absl::StrCat("order-", i % streams), i), answers.Next());
    }
    ASSERT_TRUE(answers.WaitFor(count));
    ASSERT_EQ(answers.good(), count);
  }
  std::unique_ptr<KafkaBrokerReader> OpenReader(bool structured = false) {
    auto reader = KafkaBrokerReader::Open(Options(), structured, json_);
    EXPECT_TRUE(reader.ok()) << reader.status();
    return *std::move(reader);
  }
  schema::SimdJsonReader json_;
};

TEST_F(KafkaBrokerReaderTest, GivesWhatWasDelivered) {
  CreateTopic(1);
  Deliver(Options(), 3);
  auto reader = OpenReader();
  const std::vector<BrokerPart> parts = PartsOf(*reader);
  EXPECT_EQ(parts, (std::vector<BrokerPart>{{0, 0, 3}}));
  EXPECT_EQ(reader->Place(), topic_);
  EXPECT_THAT(ReadBack(*reader, parts),
              ElementsAre("0/0 order-0@0 1 nil", "0/1 order-0@1 2 01", "0/2 order-0@2 3 02"));
}

TEST_F(KafkaBrokerReaderTest, ReadsEventsThatAreWholeValues) {
  CreateTopic(1);
  KafkaOptions options = Options();
  options.value_format = route::ValueFormat(route::StructuredValue);
  Deliver(options, 2);
  auto reader = OpenReader(true);
  EXPECT_THAT(ReadBack(*reader, PartsOf(*reader)),
              ElementsAre("0/0 order-0@0 1 nil", "0/1 order-0@1 2 01"));
}

TEST_F(KafkaBrokerReaderTest, ReadsAPartOfEachPartition) {
  CreateTopic(3);
  Deliver(Options(), 60, 20);
  auto reader = OpenReader();
  std::vector<BrokerPart> parts = PartsOf(*reader);
  ASSERT_THAT(parts, SizeIs(3));
  size_t wanted = 0;
  for (BrokerPart& part : parts) {
    part.first += 2;
    part.end -= 1;
    wanted += static_cast<size_t>(part.end - part.first);
  }
  const std::vector<std::string> lines = ReadBack(*reader, parts);
  EXPECT_THAT(lines, SizeIs(wanted));
  for (const std::string& line : lines) EXPECT_THAT(line, HasSubstr("order-"));
}

TEST_F(KafkaBrokerReaderTest, SaysOfARecordOfSomebodyElseThatItBearsNoEvent) {
  CreateTopic(1);
  KafkaOptions options = Options();
  options.value_format = route::ValueFormat(route::RawValue);
  Deliver(options, 1);
  auto reader = OpenReader();
  EXPECT_THAT(ReadBack(*reader, PartsOf(*reader)), ElementsAre("0/0 @0 0 nil"));
  auto structured = OpenReader(true);
  EXPECT_THAT(ReadBack(*structured, PartsOf(*structured)), ElementsAre("0/0 @0 0 nil"));
}

TEST_F(KafkaBrokerReaderTest, FindsNothingInAnEmptyTopic) {
  CreateTopic(2);
  auto reader = OpenReader();
  EXPECT_THAT(ReadBack(*reader, PartsOf(*reader)), IsEmpty());
}

TEST_F(KafkaBrokerReaderTest, TellsATopicThatIsNotThere) {
  const absl::Status status = OpenReader()->Parts(absl::Seconds(30)).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(topic_));
}

}  // namespace
}  // namespace nexus::sink

// The sink and a real broker that does what it should, or refuses.

#include <map>

#include "gmock/gmock.h"
#include "nexus/core/errors.h"
#include "sink/with_rabbitmq.h"

namespace nexus::sink {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class RabbitMqBrokerTest : public WithRabbitMq {
 protected:
  Answers answers_;
};

TEST_F(RabbitMqBrokerTest, SendsACloudEventInBinaryMode) {
  Declare();
  auto sink = OpenWell(Options());
  sink->Deliver(MakeEvent("order-1", 7, "{\"n\": 1}"), answers_.Next());
  const auto records = Read(1);
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].routing_key, "order.order-paid");
  EXPECT_EQ(records[0].body, "{\"n\": 1}");
  EXPECT_EQ(records[0].message_id, "00000000-0000-0000-0000-000000000007");
  EXPECT_EQ(records[0].content_type, "application/json");
  EXPECT_EQ(records[0].delivery_mode, 2);
  EXPECT_EQ(records[0].timestamp, 1'700'000'000u);
  EXPECT_THAT(
      records[0].headers,
      UnorderedElementsAre(
          Pair("cloudEvents_specversion", "1.0"),
          Pair("cloudEvents_id", "00000000-0000-0000-0000-000000000007"),
          Pair("cloudEvents_source", "/nexus/default/order"),
          Pair("cloudEvents_type", "order-paid.v2"), Pair("cloudEvents_subject", "order-1"),
          Pair("cloudEvents_time", "2023-11-14T22:13:20.123456Z"),
          Pair("cloudEvents_partitionkey", "order-1"), Pair("cloudEvents_sequence", "7"),
          Pair("cloudEvents_nexusposition", "8"), Pair("cloudEvents_nexuscorrelationid", "c-1")));
}

TEST_F(RabbitMqBrokerTest, SendsTheDataAloneOrTheWholeEventAsJson) {
  Declare();
  RabbitMqOptions options = Options();
  options.format.value_format = route::RawValue;
  auto raw = OpenWell(options);
  raw->Deliver(MakeEvent("order-1", 0), answers_.Next());
  auto records = Read(1);
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].body, "{\"n\":1}");
  EXPECT_TRUE(records[0].headers.empty());
  options.format.value_format = route::StructuredValue;
  auto sink = OpenWell(options);
  sink->Deliver(MakeEvent("order-1", 1), answers_.Next());
  records = Read(1);
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_THAT(records[0].content_type, HasSubstr("application/cloudevents+json"));
  EXPECT_THAT(records[0].body, HasSubstr("\"subject\":\"order-1\""));
}

TEST_F(RabbitMqBrokerTest, TellsTheExchangeAndTheTagOfTheConfirm) {
  Declare();
  auto sink = OpenWell(Options());
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(1));
  sink->Deliver(MakeEvent("order-2", 0), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(2));
  EXPECT_THAT(answers_.places(),
              ElementsAre(absl::StrCat(exchange_, "/-1/1"), absl::StrCat(exchange_, "/-1/2")));
}

TEST_F(RabbitMqBrokerTest, KeepsTheOrderOfEachStream) {
  Declare();
  auto sink = OpenWell(Options());
  constexpr uint64_t kEvents = 2'000;
  for (uint64_t i = 0; i < kEvents; ++i) {
    sink->Deliver(MakeEvent(absl::StrCat("order-", i % 10), i), answers_.Next());
  }
  const absl::Status flushed = sink->Flush(absl::Seconds(60));
  ASSERT_TRUE(flushed.ok()) << flushed;
  EXPECT_EQ(answers_.good(), kEvents);
  std::map<std::string, int64_t> last;
  for (const auto& record : Read(kEvents)) {
    int64_t sequence = -1;
    ASSERT_TRUE(absl::SimpleAtoi(record.headers.at("cloudEvents_sequence"), &sequence));
    const std::string stream = record.headers.at("cloudEvents_subject");
    EXPECT_TRUE(!last.contains(stream) || last[stream] < sequence) << stream;
    last[stream] = sequence;
  }
}

TEST_F(RabbitMqBrokerTest, RefusesWhatNobodyIsBoundToAlthoughTheBrokerConfirmsIt) {
  Declare("order.#");
  auto sink = OpenWell(Options());
  for (uint64_t i = 0; i < 20; ++i) {
    Answers ghost, order;
    sink->Deliver(MakeEvent(absl::StrCat("ghost-", i), 2 * i), ghost.Next());
    sink->Deliver(MakeEvent("order-1", 2 * i + 1), order.Next());
    ASSERT_TRUE(ghost.WaitFor(1) && order.WaitFor(1));
    EXPECT_EQ(ReasonOf(ghost.all()[0]), ErrorReason::kNotFound) << ghost.all()[0];
    EXPECT_TRUE(order.all()[0].ok()) << order.all()[0];
  }
  EXPECT_TRUE(sink->Health().ok());
}

TEST_F(RabbitMqBrokerTest, AMissingExchangeIsAFaultOfTheSinkAndPasses) {
  auto sink = Open(Options());
  ASSERT_TRUE(ComesToSay(*sink, "no exchange"));
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(1));
  EXPECT_TRUE(absl::IsUnavailable(answers_.all()[0])) << answers_.all()[0];
  Declare();
  ASSERT_TRUE(BecomesWell(*sink)) << sink->Health();
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(2));
  EXPECT_TRUE(answers_.all()[1].ok()) << answers_.all()[1];
}

TEST_F(RabbitMqBrokerTest, AFullQueueIsNoFaultOfTheEvent) {
  Declare("#", 5);
  auto sink = OpenWell(Options());
  // A quorum queue notices that it is full a little late.
  ASSERT_TRUE(fake::Eventually([&] {
    Answers one;
    sink->Deliver(MakeEvent("order-1", 0), one.Next());
    return one.WaitFor(1) && !one.all()[0].ok();
  }));
  Answers refused;
  sink->Deliver(MakeEvent("order-2", 0), refused.Next());
  ASSERT_TRUE(refused.WaitFor(1));
  EXPECT_TRUE(absl::IsUnavailable(refused.all()[0])) << refused.all()[0];
  EXPECT_THAT(std::string(refused.all()[0].message()), HasSubstr("full"));
  Read(5);
  EXPECT_TRUE(fake::Eventually([&] {
    Answers one;
    sink->Deliver(MakeEvent("order-3", 0), one.Next());
    return one.WaitFor(1) && one.all()[0].ok();
  }));
  EXPECT_EQ(sink->connections(), 1u);
}

TEST_F(RabbitMqBrokerTest, BlamesTheOneEventThatTheBrokerFindsTooLarge) {
  Declare();
  auto sink = OpenWell(Options());
  const std::string large(kBrokerBytesMax + 1, 'x');
  Answers other;
  sink->Deliver(MakeEvent("order-1", 0), other.Next());
  sink->Deliver(MakeEvent("order-2", 1, large, "text/plain"), answers_.Next());
  sink->Deliver(MakeEvent("order-3", 2), other.Next());
  ASSERT_TRUE(answers_.WaitFor(1) && other.WaitFor(2));
  EXPECT_EQ(ReasonOf(answers_.all()[0]), ErrorReason::kLimitExceeded) << answers_.all()[0];
  for (const absl::Status& status : other.all()) {
    EXPECT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
  }
  ASSERT_TRUE(fake::Eventually([&] { return sink->connections() == 2 && sink->Health().ok(); }));
  // From now on it costs nobody else anything.
  sink->Deliver(MakeEvent("order-2", 1, large, "text/plain"), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(2));
  EXPECT_EQ(ReasonOf(answers_.all()[1]), ErrorReason::kLimitExceeded) << answers_.all()[1];
  EXPECT_EQ(sink->connections(), 2u);
}

TEST_F(RabbitMqBrokerTest, RefusesAValueBeyondItsOwnLimitAndALongRoutingKey) {
  Declare();
  RabbitMqOptions options = Options();
  options.message_bytes_max = 100;
  options.routing_key = "<stream>";
  auto sink = OpenWell(options);
  sink->Deliver(MakeEvent("order-1", 0, std::string(101, 'x'), "text/plain"), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(1));
  EXPECT_EQ(ReasonOf(answers_.all()[0]), ErrorReason::kLimitExceeded);
  sink->Deliver(MakeEvent(std::string(256, 's'), 0), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(2));
  EXPECT_EQ(ReasonOf(answers_.all()[1]), ErrorReason::kMalformedRequest);
  EXPECT_EQ(sink->connections(), 1u);
}

TEST_F(RabbitMqBrokerTest, SaysWhichCredentialsWereRefusedAndNotWhatTheyWere) {
  Declare();
  WritePassword("sesame-open");
  auto sink = Open(Options());
  ASSERT_TRUE(ComesToSay(*sink, "ACCESS_REFUSED"));
  EXPECT_THAT(std::string(sink->Health().message()), HasSubstr("guest"));
  EXPECT_THAT(std::string(sink->Health().message()), Not(HasSubstr("sesame")));
  WritePassword("guest");
  EXPECT_TRUE(BecomesWell(*sink)) << sink->Health();
}

TEST_F(RabbitMqBrokerTest, TakesNewCredentialsWhenTheOldOnesExpire) {
  Declare();
  Control({"add_user", "expiring", "one"});
  Control({"set_permissions", "expiring", ".*", ".*", ".*"});
  WritePassword("one");
  RabbitMqOptions options = Options();
  options.user = "expiring";
  auto sink = OpenWell(options);
  Control({"change_password", "expiring", "two"});
  Control({"close_all_connections", "they expired"});
  ASSERT_TRUE(ComesToSay(*sink, "ACCESS_REFUSED"));
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(1));
  EXPECT_TRUE(absl::IsUnavailable(answers_.all()[0]));
  WritePassword("two");
  EXPECT_TRUE(BecomesWell(*sink)) << sink->Health();
}

TEST_F(RabbitMqBrokerTest, AKeyThatTheUserMayNotUseIsRefusedForItself) {
  Declare();
  Control({"add_user", "narrow", "guest"});
  Control({"set_permissions", "narrow", ".*", ".*", ".*"});
  Control({"set_topic_permissions", "narrow", exchange_, "^order\\.", ".*"});
  RabbitMqOptions options = Options();
  options.user = "narrow";
  auto sink = OpenWell(options);
  sink->Deliver(MakeEvent("secret-1", 0), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(1));
  EXPECT_EQ(ReasonOf(answers_.all()[0]), ErrorReason::kAccessDenied) << answers_.all()[0];
  ASSERT_TRUE(fake::Eventually([&] { return sink->connections() == 2 && sink->Health().ok(); }));
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(2));
  EXPECT_TRUE(answers_.all()[1].ok()) << answers_.all()[1];
}

TEST_F(RabbitMqBrokerTest, WaitsForABrokerThatBlocksPublishers) {
  Declare();
  auto sink = OpenWell(Options());
  Control({"set_vm_memory_high_watermark", "absolute", "1MB"});
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  ASSERT_TRUE(ComesToSay(*sink, "blocks publishers"));
  Answers later;
  sink->Deliver(MakeEvent("order-2", 1), later.Next());
  ASSERT_TRUE(later.WaitFor(1));
  EXPECT_TRUE(absl::IsUnavailable(later.all()[0])) << later.all()[0];
  EXPECT_TRUE(answers_.all().empty()) << "what is on its way stays on its way";
  Control({"set_vm_memory_high_watermark", "0.9"});
  ASSERT_TRUE(answers_.WaitFor(1));
  EXPECT_TRUE(answers_.all()[0].ok()) << answers_.all()[0];
  EXPECT_TRUE(BecomesWell(*sink));
  EXPECT_EQ(sink->connections(), 1u);
  EXPECT_THAT(Read(1), SizeIs(1));
}

}  // namespace
}  // namespace nexus::sink

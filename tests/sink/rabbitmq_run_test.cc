// Many events of a stream on their way at a time, to queues that were declared and take everything.

#include "gmock/gmock.h"
#include "sink/proxied_rabbitmq.h"

namespace nexus::sink {
namespace {

class RabbitMqRunTest : public ProxiedRabbitMq {
 protected:
  static constexpr uint64_t kEvents = 1'000;
  static constexpr uint64_t kRun = 10;

  RabbitMqOptions Declaring() const {
    RabbitMqOptions options = Proxied();
    options.topology.declare = true;
    options.topology.unrouted = absl::StrCat(exchange_, ".unrouted");
    options.topology.queues = {{queue_, "#"}};
    return options;
  }
};

TEST_F(RabbitMqRunTest, HasManyOnTheirWayOnlyWhereNothingIsRefused) {
  RabbitMqOptions options = Declaring();
  EXPECT_GT(PerStreamMaxOf(options), kRun);
  options.topology.messages_max = 1'000;
  EXPECT_EQ(PerStreamMaxOf(options), 1u);
  options = Declaring();
  options.topology.queue_bytes_max = 1'000;
  EXPECT_EQ(PerStreamMaxOf(options), 1u);
  options = Declaring();
  options.topology.unrouted = "";
  EXPECT_EQ(PerStreamMaxOf(options), 1u);
  EXPECT_EQ(PerStreamMaxOf(Options()), 1u) << "nobody knows what is bound there";
  options.per_stream_max = 7;
  EXPECT_EQ(PerStreamMaxOf(options), 7u);
}

TEST_F(RabbitMqRunTest, KeepsTheOrderWhenConnectionsAreReset) {
  routed_.Start(Open(Declaring()));
  for (uint64_t round = 1; round <= 5; ++round) {
    routed_.Append(kEvents / 5, kRun);
    ASSERT_TRUE(routed_.WaitForCheckpoint((round - 1) * kEvents / 5 + 1));
    proxy_->ResetAll();
  }
  ASSERT_TRUE(routed_.WaitForCheckpoint(kEvents));
  ASSERT_TRUE(routed_.Stop().ok());
  ExpectComplete(kEvents);
}

// A queue whose declaration the broker has not written down when it is killed is there afterwards
// and has no leader: so it stops and starts once before.
TEST_F(RabbitMqRunTest, KeepsTheOrderWhenTheBrokerIsKilledUnderLoad) {
  OpenWell(Declaring()).reset();
  rabbit_->Stop();
  ASSERT_TRUE(rabbit_->Restart().ok());
  routed_.Start(Open(Declaring()));
  routed_.Append(kEvents / 2, kRun);
  ASSERT_TRUE(routed_.WaitForCheckpoint(1));
  rabbit_->Kill();
  routed_.Append(kEvents / 2, kRun);
  const absl::Status restarted = rabbit_->Restart();
  ASSERT_TRUE(restarted.ok()) << restarted;
  ASSERT_TRUE(routed_.WaitForCheckpoint(kEvents));
  ASSERT_TRUE(routed_.Stop().ok());
  ExpectComplete(kEvents);
}

// The broker closes the channel, takes nothing that came behind, and the sink knows better from
// then on.
TEST_F(RabbitMqRunTest, KeepsTheOrderBehindAnEventThatTheBrokerFindsTooLarge) {
  auto sink = OpenWell(Declaring());
  Answers answers;
  sink->Deliver(MakeEvent("order-1", 0), answers.Next());
  sink->Deliver(MakeEvent("order-1", 1, std::string(2 * kBrokerBytesMax, 'x'), "text/plain"),
                answers.Next());
  for (uint64_t i = 2; i < 20; ++i) sink->Deliver(MakeEvent("order-1", i), answers.Next());
  ASSERT_TRUE(answers.WaitFor(20));
  EXPECT_LE(answers.good(), 1u);
  ASSERT_TRUE(BecomesWell(*sink));
  sink->Deliver(MakeEvent("well-1", 0), answers.Next());
  ASSERT_TRUE(answers.WaitFor(21));
  for (const harness::RabbitMqRecord& record : Read(answers.good())) {
    EXPECT_TRUE(record.headers.at("cloudEvents_subject") == "well-1" ||
                record.headers.at("cloudEvents_sequence") == "0");
  }
}

TEST_F(RabbitMqRunTest, HasOneOnItsWayOnceSomebodyHasLimitedAQueue) {
  auto sink = OpenWell(Declaring());
  EXPECT_GT(sink->PerStreamMax(), kRun);
  Control({"set_policy", "--apply-to", "queues", "limit", absl::StrCat("^", queue_, "$"),
           R"({"max-length": 5})"});
  ASSERT_TRUE(fake::Eventually([&] {
    Answers answers;
    for (uint64_t i = 0; i < 20; ++i) {
      sink->Deliver(MakeEvent(absl::StrCat("order-", i), i), answers.Next());
    }
    return answers.WaitFor(20) && answers.good() < 20;
  }));
  EXPECT_EQ(sink->PerStreamMax(), 1u);
  Control({"clear_policy", "limit"});
}

}  // namespace
}  // namespace nexus::sink

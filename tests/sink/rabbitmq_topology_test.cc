// What the sink declares, on a real broker.

#include "gmock/gmock.h"
#include "nexus/core/errors.h"
#include "sink/with_rabbitmq.h"

namespace nexus::sink {
namespace {

using ::testing::SizeIs;

class RabbitMqTopologyTest : public WithRabbitMq {
 protected:
  RabbitMqOptions Declaring() const {
    RabbitMqOptions options = Options();
    options.topology.declare = true;
    options.topology.unrouted = absl::StrCat(exchange_, ".unrouted");
    options.topology.queues = {{queue_, "order.#"}};
    return options;
  }
  void DeliverWell(RabbitMqSink& sink, const std::string& stream, uint64_t revision) {
    Answers answers;
    sink.Deliver(MakeEvent(stream, revision), answers.Next());
    ASSERT_TRUE(answers.WaitFor(1));
    EXPECT_TRUE(answers.all()[0].ok()) << answers.all()[0];
  }
};

TEST_F(RabbitMqTopologyTest, BringsEventsToTheirQueuesAndTheRestToTheUnrouted) {
  auto sink = OpenWell(Declaring());
  DeliverWell(*sink, "order-1", 0);
  DeliverWell(*sink, "ghost-1", 1);
  EXPECT_THAT(Read(1), SizeIs(1));
  const auto unrouted = Read(1, absl::StrCat(exchange_, ".unrouted"));
  ASSERT_THAT(unrouted, SizeIs(1));
  EXPECT_EQ(unrouted[0].routing_key, "ghost.order-paid");
}

TEST_F(RabbitMqTopologyTest, WithoutAPlaceForTheUnroutedRefusesThem) {
  RabbitMqOptions options = Declaring();
  options.topology.unrouted = "";
  auto sink = OpenWell(options);
  Answers answers;
  sink->Deliver(MakeEvent("ghost-1", 0), answers.Next());
  ASSERT_TRUE(answers.WaitFor(1));
  EXPECT_EQ(ReasonOf(answers.all()[0]), ErrorReason::kNotFound);
}

TEST_F(RabbitMqTopologyTest, MayBeThereAlready) {
  DeliverWell(*OpenWell(Declaring()), "order-1", 0);
  auto again = OpenWell(Declaring());
  DeliverWell(*again, "order-1", 1);
  EXPECT_THAT(Read(2), SizeIs(2));
}

TEST_F(RabbitMqTopologyTest, SaysWhatIsThereInAnotherWay) {
  auto reader = Reader();
  ASSERT_TRUE(reader->DeclareExchange(exchange_, "fanout").ok());
  auto sink = Open(Declaring());
  EXPECT_TRUE(ComesToSay(*sink, "inequivalent arg 'type'"));
}

TEST_F(RabbitMqTopologyTest, SetsAMessageAsideThatItsConsumerGivesBackTooOften) {
  RabbitMqOptions options = Declaring();
  options.topology.delivery_limit = 2;
  auto sink = OpenWell(options);
  DeliverWell(*sink, "order-1", 0);
  auto reader = Reader();
  for (int delivery = 0; delivery < 3; ++delivery) {
    ASSERT_TRUE(fake::Eventually([&] {
      const auto rejected = reader->Reject(queue_);
      return rejected.ok() && *rejected;
    })) << delivery;
  }
  const auto dead = Read(1, absl::StrCat(queue_, ".dead"));
  ASSERT_THAT(dead, SizeIs(1));
  EXPECT_EQ(dead[0].message_id, "00000000-0000-0000-0000-000000000000");
}

TEST_F(RabbitMqTopologyTest, AFullQueueRefuses) {
  RabbitMqOptions options = Declaring();
  options.topology.messages_max = 3;
  auto sink = OpenWell(options);
  EXPECT_TRUE(fake::Eventually([&] {
    Answers one;
    sink->Deliver(MakeEvent("order-1", 0), one.Next());
    return one.WaitFor(1) && absl::IsUnavailable(one.all()[0]);
  }));
}

}  // namespace
}  // namespace nexus::sink

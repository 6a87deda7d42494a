// The sink and a real broker that goes away in every way that a broker can: whatever happens, each
// delivery is answered, and nothing is lost or out of order.

#include "gmock/gmock.h"
#include "nexus/core/errors.h"
#include "sink/proxied_rabbitmq.h"

namespace nexus::sink {
namespace {

using ::testing::SizeIs;

class RabbitMqFaultTest : public ProxiedRabbitMq {
 protected:
  void SetUp() override {
    ProxiedRabbitMq::SetUp();
    if (rabbit_ != nullptr) Declare();
  }
  void ExpectUnavailable(Answers& answers, size_t count) {
    ASSERT_TRUE(answers.WaitFor(count));
    for (const absl::Status& status : answers.all()) {
      EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    }
  }
  void DeliverWell(RabbitMqSink& sink) {
    ASSERT_TRUE(fake::Eventually([&] {
      Answers answers;
      sink.Deliver(MakeEvent("well-1", 0), answers.Next());
      return answers.WaitFor(1) && answers.all()[0].ok();
    })) << sink.Health();
  }

  Answers answers_;
};

TEST_F(RabbitMqFaultTest, AConfirmThatIsLostMakesARepetition) {
  auto sink = OpenWell(Proxied());
  proxy_->HoldAnswers(true);
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  // The broker has stored it; its word does not arrive.
  ASSERT_THAT(Read(1), SizeIs(1));
  proxy_->ResetAll();
  ExpectUnavailable(answers_, 1);
  proxy_->HoldAnswers(false);
  ASSERT_TRUE(BecomesWell(*sink));
  Answers again;
  sink->Deliver(MakeEvent("order-1", 0), again.Next());
  ASSERT_TRUE(again.WaitFor(1));
  EXPECT_TRUE(again.all()[0].ok());
  EXPECT_THAT(Read(1), SizeIs(1)) << "it came twice";
}

TEST_F(RabbitMqFaultTest, NoticesABlackhole) {
  auto sink = OpenWell(Proxied());
  proxy_->Blackhole(true);
  for (uint64_t i = 0; i < 3; ++i) sink->Deliver(MakeEvent("order-1", i), answers_.Next());
  ExpectUnavailable(answers_, 3);
  proxy_->Blackhole(false);
  DeliverWell(*sink);
}

TEST_F(RabbitMqFaultTest, IsNotStuckWithABrokerThatTakesNoBytes) {
  RabbitMqOptions options = Proxied();
  options.heartbeat = absl::Seconds(60);  // which therefore says nothing
  options.send_timeout = absl::Seconds(1);
  options.confirm_timeout = absl::Seconds(600);
  auto sink = OpenWell(options);
  proxy_->Blackhole(true);
  const std::string large(200'000, 'x');
  for (uint64_t i = 0; i < 60; ++i) {
    sink->Deliver(MakeEvent(absl::StrCat("order-", i), 0, large, "text/plain"), answers_.Next());
  }
  ExpectUnavailable(answers_, 60);
  proxy_->Blackhole(false);
  DeliverWell(*sink);
}

TEST_F(RabbitMqFaultTest, GivesUpABrokerThatConfirmsNothing) {
  RabbitMqOptions options = Proxied();
  options.heartbeat = absl::Seconds(60);
  options.confirm_timeout = absl::Milliseconds(500);
  auto sink = OpenWell(options);
  proxy_->HoldAnswers(true);
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  // Nothing wakes the sink when the time is over but its own look at the clock.
  ExpectUnavailable(answers_, 1);
  proxy_->HoldAnswers(false);
  DeliverWell(*sink);
}

TEST_F(RabbitMqFaultTest, AFlushThatRunsOutOfTimeAnswersAll) {
  auto sink = OpenWell(Proxied());
  proxy_->HoldAnswers(true);
  for (uint64_t i = 0; i < 5; ++i) sink->Deliver(MakeEvent("order-1", i), answers_.Next());
  EXPECT_EQ(sink->Flush(absl::Milliseconds(50)).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(answers_.all(), SizeIs(5));
  proxy_->HoldAnswers(false);
  DeliverWell(*sink);
}

TEST_F(RabbitMqFaultTest, AnswersEverythingBeforeItGoes) {
  auto sink = OpenWell(Proxied());
  proxy_->HoldAnswers(true);
  for (uint64_t i = 0; i < 5; ++i) sink->Deliver(MakeEvent("order-1", i), answers_.Next());
  sink.reset();
  EXPECT_THAT(answers_.all(), SizeIs(5));
}

// The router above it, load, and the broker in trouble.
class RabbitMqOutageTest : public RabbitMqFaultTest {
 protected:
  static constexpr uint64_t kEvents = 1'000;
};

TEST_F(RabbitMqOutageTest, LosesNothingWhenTheBrokerIsKilledUnderLoad) {
  routed_.Start(Open(Proxied()));
  routed_.Append(kEvents / 2);
  ASSERT_TRUE(routed_.WaitForCheckpoint(1));
  rabbit_->Kill();
  routed_.Append(kEvents / 2);
  const absl::Status restarted = rabbit_->Restart();
  ASSERT_TRUE(restarted.ok()) << restarted;
  ASSERT_TRUE(routed_.WaitForCheckpoint(kEvents));
  ASSERT_TRUE(routed_.Stop().ok());
  ExpectComplete(kEvents);
}

TEST_F(RabbitMqOutageTest, LosesNothingWhenConnectionsAreReset) {
  routed_.Start(Open(Proxied()));
  for (uint64_t round = 1; round <= 5; ++round) {
    routed_.Append(kEvents / 5);
    ASSERT_TRUE(routed_.WaitForCheckpoint((round - 1) * kEvents / 5 + 1));
    proxy_->ResetAll();
  }
  ASSERT_TRUE(routed_.WaitForCheckpoint(kEvents));
  ASSERT_TRUE(routed_.Stop().ok());
  ExpectComplete(kEvents);
}

TEST_F(RabbitMqOutageTest, LosesNothingWhenTheBrokerStandsStill) {
  routed_.Start(Open(Proxied()));
  routed_.Append(kEvents / 2);
  ASSERT_TRUE(routed_.WaitForCheckpoint(1));
  rabbit_->Pause();
  routed_.Append(kEvents / 2);
  // Long enough for the sink to give the connection up and try in vain.
  const int before = proxy_->connections();
  ASSERT_TRUE(fake::Eventually([&] { return proxy_->connections() > before; }));
  rabbit_->GoOn();
  ASSERT_TRUE(routed_.WaitForCheckpoint(kEvents));
  ASSERT_TRUE(routed_.Stop().ok());
  ExpectComplete(kEvents);
}

TEST_F(RabbitMqOutageTest, DeliversAgainAfterARestartOfTheRouter) {
  for (uint64_t round = 1; round <= 3; ++round) {
    routed_.Start(Open(Proxied()));
    routed_.Append(kEvents / 4);
    ASSERT_TRUE(routed_.WaitForCheckpoint((round - 1) * kEvents / 4 + 1));
    routed_.Abandon();
  }
  routed_.Start(Open(Proxied()));
  ASSERT_TRUE(routed_.WaitForCheckpoint(3 * kEvents / 4));
  ExpectComplete(3 * kEvents / 4);
}

}  // namespace
}  // namespace nexus::sink

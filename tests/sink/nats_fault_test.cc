// The sink and a real server that goes away in every way that a server can.

#include "gmock/gmock.h"
#include "harness/proxy/fault_proxy.h"
#include "nexus/core/errors.h"
#include "sink/routed_sink.h"
#include "sink/with_nats.h"
#include "tls/certificate_maker.h"

namespace nexus::sink {
namespace {

using ::testing::SizeIs;

class NatsFaultTest : public WithNats {
 protected:
  void SetUp() override {
    WithNats::SetUp();
    if (!nats_) return;
    proxy_ = std::make_unique<harness::FaultProxy>(nats_->port());
    AddStream();
  }
  NatsOptions Proxied() const {
    NatsOptions options = Options();
    options.servers = absl::StrCat("127.0.0.1:", proxy_->port());
    options.ping_interval = absl::Milliseconds(300);
    options.ack_timeout = absl::Seconds(1);
    return options;
  }
  void ExpectUnavailable(Answers& answers, size_t count) {
    ASSERT_TRUE(answers.WaitFor(count));
    for (const absl::Status& status : answers.all()) {
      EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    }
  }
  void DeliverWell(NatsSink& sink) {
    ASSERT_TRUE(fake::Eventually([&] {
      Answers answers;
      sink.Deliver(MakeEvent("order-well", 200), answers.Next());
      return answers.WaitFor(1) && answers.all()[0].ok();
    })) << sink.Health();
  }

  std::unique_ptr<harness::FaultProxy> proxy_;
  Answers answers_;
};

TEST_F(NatsFaultTest, AnAcknowledgementThatIsLostMakesNoRepetition) {
  auto sink = OpenWell(Proxied());
  proxy_->HoldAnswers(true);
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  // The server has stored it; its word does not arrive.
  ASSERT_THAT(Read(1), SizeIs(1));
  proxy_->ResetAll();
  ExpectUnavailable(answers_, 1);
  proxy_->HoldAnswers(false);
  ASSERT_TRUE(BecomesWell(*sink));
  Answers again;
  sink->Deliver(MakeEvent("order-1", 0), again.Next());
  ASSERT_TRUE(again.WaitFor(1));
  EXPECT_TRUE(again.all()[0].ok()) << again.all()[0];
  EXPECT_EQ(sink->duplicates(), 1u);
}

TEST_F(NatsFaultTest, GivesUpAnAcknowledgementThatIsLate) {
  NatsOptions options = Proxied();
  options.ping_interval = absl::Seconds(60);
  auto sink = OpenWell(options);
  proxy_->HoldAnswers(true);
  for (uint64_t i = 0; i < 3; ++i) sink->Deliver(MakeEvent("order-1", i), answers_.Next());
  ExpectUnavailable(answers_, 3);
  proxy_->HoldAnswers(false);
  DeliverWell(*sink);
  EXPECT_EQ(sink->connections(), 1u);
}

TEST_F(NatsFaultTest, NoticesABlackhole) {
  auto sink = OpenWell(Proxied());
  proxy_->Blackhole(true);
  ASSERT_TRUE(fake::Eventually([&] { return !sink->Health().ok(); }));
  proxy_->Blackhole(false);
  DeliverWell(*sink);
  EXPECT_GE(sink->connections(), 2u);
}

TEST_F(NatsFaultTest, IsNotStuckWithAServerThatTakesNoBytes) {
  NatsOptions options = Proxied();
  options.ping_interval = absl::Seconds(60);
  options.write_timeout = absl::Seconds(1);
  auto sink = OpenWell(options);
  proxy_->Blackhole(true);
  const std::string large(500'000, 'x');
  for (uint64_t i = 0; i < 40; ++i) {
    sink->Deliver(MakeEvent(absl::StrCat("order-", i), i, large, "text/plain"), answers_.Next());
  }
  ExpectUnavailable(answers_, 40);
  proxy_->Blackhole(false);
  DeliverWell(*sink);
}

TEST_F(NatsFaultTest, AnswersEverythingBeforeItGoesOrWhenAFlushIsOver) {
  NatsOptions options = Proxied();
  options.ack_timeout = absl::Seconds(60);
  options.ping_interval = absl::Seconds(60);
  auto sink = OpenWell(options);
  proxy_->HoldAnswers(true);
  for (uint64_t i = 0; i < 5; ++i) sink->Deliver(MakeEvent("order-1", i), answers_.Next());
  EXPECT_EQ(sink->Flush(absl::Milliseconds(50)).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(answers_.all(), SizeIs(5));
  for (uint64_t i = 0; i < 5; ++i) sink->Deliver(MakeEvent("order-1", i), answers_.Next());
  sink.reset();
  EXPECT_THAT(answers_.all(), SizeIs(10));
}

// The router above it, load, and the server in trouble.
class NatsOutageTest : public NatsFaultTest {
 protected:
  static constexpr uint64_t kEvents = 1'000;

  // The server takes each event once, so nothing is repeated either.
  void ExpectComplete(uint64_t events) {
    RoutedSink::Arrivals arrivals;
    for (const harness::NatsRecord& record : Read(events)) {
      uint64_t position = 0;
      EXPECT_TRUE(absl::SimpleAtoi(record.headers.at("ce-nexusposition"), &position));
      arrivals.emplace_back(record.headers.at("ce-subject"), position);
    }
    EXPECT_TRUE(RoutedSink::Complete(arrivals, events));
    RoutedSink::ExpectOrder(arrivals);
  }
  RoutedSink routed_;
};

TEST_F(NatsOutageTest, LosesNothingWhenTheServerIsKilledUnderLoad) {
  routed_.Start(Open(Proxied()));
  routed_.Append(kEvents / 2);
  ASSERT_TRUE(routed_.WaitForCheckpoint(1));
  nats_->Kill();
  routed_.Append(kEvents / 2);
  const absl::Status restarted = nats_->Restart();
  ASSERT_TRUE(restarted.ok()) << restarted;
  ASSERT_TRUE(routed_.WaitForCheckpoint(kEvents));
  ASSERT_TRUE(routed_.Stop().ok());
  ExpectComplete(kEvents);
}

TEST_F(NatsOutageTest, LosesNothingWhenConnectionsAreReset) {
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

TEST_F(NatsOutageTest, LosesNothingWhenTheServerStandsStill) {
  routed_.Start(Open(Proxied()));
  routed_.Append(kEvents / 2);
  ASSERT_TRUE(routed_.WaitForCheckpoint(1));
  nats_->Pause();
  routed_.Append(kEvents / 2);
  const int before = proxy_->connections();
  ASSERT_TRUE(fake::Eventually([&] { return proxy_->connections() > before; }));
  nats_->GoOn();
  ASSERT_TRUE(routed_.WaitForCheckpoint(kEvents));
  ASSERT_TRUE(routed_.Stop().ok());
  ExpectComplete(kEvents);
}

TEST_F(NatsOutageTest, DeliversAgainAfterARestartOfTheRouter) {
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

TEST_F(NatsFaultTest, BelievesTheServerThatProvesItsName) {
  const fake::CertificateMaker maker, other("another CA");
  const fake::Certificate server = maker.Server();
  const fake::Certificate client = maker.Make({.common_name = "client"});
  Write("server.pem", server.certificate);
  Write("server.key", server.key);
  Write("ca.pem", maker.ca());
  Write("other-ca.pem", other.ca());
  Write("client.pem", client.certificate);
  Write("client.key", client.key);
  const absl::Status restarted = nats_->RestartWith(
      {.extra_config = absl::StrCat("tls { cert_file: \"", folder_ / "server.pem",
                                    "\", key_file: \"", folder_ / "server.key", "\", ca_file: \"",
                                    folder_ / "ca.pem", "\", verify: true }\n")});
  ASSERT_TRUE(restarted.ok()) << restarted;
  NatsOptions options = Options();
  options.tls = {.enabled = true,
                 .ca_file = folder_ / "ca.pem",
                 .certificate_file = folder_ / "client.pem",
                 .key_file = folder_ / "client.key"};
  DeliverWell(*OpenWell(options));
  options.tls.server_name = "elsewhere";
  EXPECT_TRUE(ComesToSay(*Open(options), "SSL"));
  options.tls.server_name = "localhost";
  DeliverWell(*OpenWell(options));
  options.tls.ca_file = folder_ / "other-ca.pem";
  EXPECT_TRUE(ComesToSay(*Open(options), "SSL"));
  options.tls.ca_file = folder_ / "nothing.pem";
  EXPECT_TRUE(ComesToSay(*Open(options), "TLS files"));
  options.tls = {};
  EXPECT_FALSE(
      fake::Eventually([&] { return Open(options)->Health().ok(); }, absl::Milliseconds(200)));
}

}  // namespace
}  // namespace nexus::sink

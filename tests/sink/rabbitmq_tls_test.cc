// A real broker that speaks TLS and asks clients for a certificate.

#include "fake/requirement.h"
#include "gmock/gmock.h"
#include "sink/with_rabbitmq.h"
#include "tls/certificate_maker.h"

namespace nexus::sink {
namespace {

class RabbitMqTlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const absl::Status found = harness::RabbitMqServer::FindPrograms();
    if (!fake::Require(found.ok(), found.message())) return;
    const fake::Certificate server = maker_.Server();
    auto started = harness::RabbitMqServer::Start(
        {.certificate = server.certificate, .key = server.key, .client_ca = maker_.ca()});
    ASSERT_TRUE(started.ok()) << started.status();
    rabbit_ = *std::move(started);
    const fake::Certificate client = maker_.Make({.common_name = "client"});
    Write("ca.pem", maker_.ca());
    Write("other-ca.pem", other_.ca());
    Write("client.pem", client.certificate);
    Write("client.key", client.key);
    Write("password", "guest");
  }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
  }
  RabbitMqOptions Options() {
    RabbitMqOptions options;
    options.brokers = absl::StrCat("127.0.0.1:", rabbit_->tls_port());
    options.password.file = folder_ / "password";
    options.exchange = "";  // the default exchange is always there
    options.tls = {.enabled = true,
                   .ca_file = folder_ / "ca.pem",
                   .certificate_file = folder_ / "client.pem",
                   .key_file = folder_ / "client.key"};
    return options;
  }
  // "" once it is well, or what it says in the end: one of `words`.
  void Expect(const RabbitMqOptions& options, const std::string& words) {
    const auto sink = *RabbitMqSink::Open(options, clock_);
    EXPECT_TRUE(fake::Eventually(
        [&] {
          const absl::Status health = sink->Health();
          return words.empty() ? health.ok()
                               : std::string(health.message()).find(words) != std::string::npos;
        },
        absl::Seconds(20)))
        << sink->Health();
  }

  SystemClock clock_;
  fake::CertificateMaker maker_;
  fake::CertificateMaker other_{"another CA"};
  harness::TemporaryFolder folder_;
  std::unique_ptr<harness::RabbitMqServer> rabbit_;
};

// One broker for all cases: it takes seconds to start.
TEST_F(RabbitMqTlsTest, BelievesTheBrokerThatProvesItsName) {
  Expect(Options(), "");
  RabbitMqOptions options = Options();
  options.tls.server_name = "localhost";
  Expect(options, "");
  options.tls.server_name = "elsewhere";
  Expect(options, "certificate verify failed");
  options = Options();
  options.tls.ca_file = folder_ / "other-ca.pem";
  Expect(options, "certificate verify failed");
  options = Options();
  options.tls.ca_file = folder_ / "nothing.pem";
  Expect(options, "the CA file");
  options = Options();
  options.tls.key_file = folder_ / "ca.pem";
  Expect(options, "the certificate");
  // The broker ends what shows no certificate.
  options = Options();
  options.tls.certificate_file = options.tls.key_file = "";
  Expect(options, "logging in as guest");
  // And TLS is not spoken to a port that does not.
  options = Options();
  options.brokers = rabbit_->address();
  Expect(options, "TLS with");
}

TEST_F(RabbitMqTlsTest, DeliversOverTls) {
  auto reader = *harness::RabbitMqReader::Connect(rabbit_->port());
  ASSERT_TRUE(reader->DeclareExchange("x").ok());
  ASSERT_TRUE(reader->DeclareQueue("q", "x", "#").ok());
  RabbitMqOptions options = Options();
  options.exchange = "x";
  Answers answers;
  const auto sink = *RabbitMqSink::Open(options, clock_);
  ASSERT_TRUE(fake::Eventually([&] { return sink->Health().ok(); })) << sink->Health();
  for (uint64_t i = 0; i < 200; ++i) {
    sink->Deliver(MakeEvent(absl::StrCat("order-", i % 10), i, std::string(20'000, 'x')),
                  answers.Next());
  }
  ASSERT_TRUE(sink->Flush(absl::Seconds(60)).ok());
  EXPECT_EQ(answers.good(), 200u);
}

}  // namespace
}  // namespace nexus::sink

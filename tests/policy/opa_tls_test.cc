// Questions to a real OPA that listens in TLS.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/nexusd/child_process.h"
#include "harness/nexusd/free_port.h"
#include "policy/asking.h"
#include "policy/opa/opa_decider.h"
#include "policy/opa/opa_program.h"
#include "policy/real_opa.h"
#include "policy/steady_clock.h"
#include "policy/temporary_folder.h"
#include "tls/certificate_maker.h"

namespace nexus::policy {
namespace {

using ::testing::HasSubstr;

constexpr char kAllowAll[] = R"(package nexus.append
decision := {"allow": true, "deny": []})";

class OpaTlsTest : public testing::Test {
 protected:
  void SetUp() override { RequireOpa(); }

  void StartOpa(const fake::Certificate& own) {
    folder_.Write("cert.pem", own.certificate);
    folder_.Write("key.pem", own.key);
    folder_.Write("append.rego", kAllowAll);
    port_ = harness::FreePort();
    harness::ChildOptions options;
    options.command = {*FindOpa(""),
                       "run",
                       "--server",
                       "--addr",
                       absl::StrCat("127.0.0.1:", port_),
                       "--tls-cert-file",
                       folder_.Sub("cert.pem"),
                       "--tls-private-key-file",
                       folder_.Sub("key.pem"),
                       folder_.Sub("append.rego")};
    auto started = harness::ChildProcess::Start(options);
    ASSERT_TRUE(started.ok()) << started.status();
    opa_ = *std::move(started);
    ASSERT_TRUE(fake::Eventually([this] {
      const int fd = socket(AF_INET, SOCK_STREAM, 0);
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_port = htons(static_cast<uint16_t>(port_));
      to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      const bool up = connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0;
      close(fd);
      return up || !opa_->Running();
    }));
  }
  std::unique_ptr<OpaDecider> Decider(const std::string& scheme, const std::string& ca) {
    OpaDeciderOptions options;
    options.address = absl::StrCat(scheme, "127.0.0.1:", port_);
    if (!ca.empty()) {
      folder_.Write("ca.pem", ca);
      options.ca_file = folder_.Sub("ca.pem");
    }
    options.limits.breaker = {3, absl::Milliseconds(5), absl::Milliseconds(20)};
    auto decider = OpaDecider::Create(options, clock_);
    EXPECT_TRUE(decider.ok()) << decider.status();
    return *std::move(decider);
  }

  const TemporaryFolder folder_;
  const SteadyClock clock_;
  const fake::CertificateMaker maker_;
  int port_ = 0;
  std::unique_ptr<harness::ChildProcess> opa_;
};

TEST_F(OpaTlsTest, DecidesOverAnEncryptedConnectionThatIsKept) {
  StartOpa(maker_.Server());
  const auto decider = Decider("https://", maker_.ca());
  ASSERT_TRUE(fake::Eventually([&] { return decider->State().ready; })) << opa_->Output();
  for (int i = 0; i < 20; ++i) {
    const auto answer = Ask(*decider, absl::StrCat("{\"n\":", i, "}"));
    ASSERT_TRUE(answer.ok()) << answer.status() << opa_->Output();
    EXPECT_TRUE(answer->allow);
  }
  // Twenty questions, and a probe for each connection: nothing goes round in a circle.
  const std::string said = opa_->Output();
  size_t requests = 0;
  for (size_t at = 0; (at = said.find("Received request", at)) != std::string::npos; ++at) {
    ++requests;
  }
  EXPECT_LE(requests, 30u);
  // Larger than a record of TLS, and than what a socket takes at once.
  const std::string large = absl::StrCat("{\"text\":\"", std::string(3 << 20, 'x'), "\"}");
  const auto answer = Ask(*decider, large);
  ASSERT_TRUE(answer.ok()) << answer.status();
}

TEST_F(OpaTlsTest, FailsClosedOnACertificateThatIsNotBelieved) {
  StartOpa(maker_.Server());
  const fake::CertificateMaker other("another CA");
  for (const std::string& ca : {other.ca(), std::string()}) {
    const auto decider = Decider("https://", ca);
    const auto answer = Ask(*decider, "{}", absl::Seconds(2));
    EXPECT_NE(FailureOf(answer.status()), "") << answer.status();
    EXPECT_FALSE(decider->State().ready);
    EXPECT_THAT(decider->State().reason, HasSubstr("certificate is not believed"));
  }
}

TEST_F(OpaTlsTest, FailsClosedOnACertificateOfAnotherName) {
  StartOpa(maker_.Make({"opa", {"DNS:opa.example.com", "IP:127.0.0.2"}}));
  const auto decider = Decider("https://", maker_.ca());
  EXPECT_FALSE(Ask(*decider, "{}", absl::Seconds(2)).ok());
}

TEST_F(OpaTlsTest, FailsClosedInTheClear) {
  StartOpa(maker_.Server());
  EXPECT_FALSE(Ask(*Decider("http://", ""), "{}", absl::Seconds(2)).ok());
}

}  // namespace
}  // namespace nexus::policy

// The real daemon in TLS: who gets in, as whom, and what happens when its certificate changes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "fake/eventually.h"
#include "fake/temp_folder.h"
#include "http/raw_connection.h"
#include "integration/daemon_fixture.h"
#include "nexus/admin/v1/access.grpc.pb.h"
#include "nexus/admin/v1/admin.grpc.pb.h"
#include "tls/certificate_maker.h"
#include "tls/tls_client.h"

namespace nexus::integration {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kGetMetrics[] = "GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
constexpr char kShop[] = "spiffe://example.com/shop";

class TlsTest : public ::testing::Test {
 protected:
  void TearDown() override {
    if (daemon_ == nullptr) return;
    const auto exit = daemon_->Terminate();
    EXPECT_TRUE(exit.ok() && exit->Succeeded()) << daemon_->Output();
  }

  void Put(const fake::Certificate& own) {
    folder_.Write("cert.pem", own.certificate);
    folder_.Write("key.pem", own.key);
  }
  std::vector<std::string> TlsSettings(const std::string& clients) {
    folder_.Write("ca.pem", clients_.ca());
    std::vector<std::string> arguments;
    for (const std::string& setting :
         {absl::StrCat("tls.certificate=", folder_.At("cert.pem")),
          absl::StrCat("tls.key=", folder_.At("key.pem")),
          absl::StrCat("tls.client_ca=", folder_.At("ca.pem")),
          absl::StrCat("tls.client_certificates=", clients), std::string("policy.engine=none"),
          std::string("route.enabled=false"), std::string("access.mode=enforced")}) {
      arguments.insert(arguments.end(), {"--set", setting});
    }
    return arguments;
  }
  void StartDaemon(const std::string& clients, const std::vector<std::string>& more = {}) {
    Put(maker_.Server());
    harness::NexusdOptions options;
    options.data_folder = folder_.At("data");
    options.arguments = TlsSettings(clients);
    options.arguments.insert(options.arguments.end(), more.begin(), more.end());
    options.credentials = Credentials(shop_);
    auto started = harness::NexusdProcess::Start(options);
    ASSERT_TRUE(started.ok()) << started.status();
    daemon_ = *std::move(started);
    admin_token_ = folder_.Read("data/admin.token");
    admin_token_.pop_back();
  }
  std::shared_ptr<grpc::ChannelCredentials> Credentials(const fake::Certificate& own) {
    return grpc::SslCredentials({maker_.ca(), own.key, own.certificate});
  }
  std::shared_ptr<grpc::ChannelCredentials> Anonymous() {
    return grpc::SslCredentials({maker_.ca(), "", ""});
  }

  // "" for OK, else the reason, or "unreachable".
  std::string Status(const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                     const std::string& token = "") {
    const auto admin = admin::v1::AdminService::NewStub(daemon_->Channel(credentials));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    admin::v1::GetStatusResponse response;
    const grpc::Status status = admin->GetStatus(&context, {}, &response);
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE && status.error_details().empty()) {
      return "unreachable";
    }
    return ReasonOf(status);
  }
  void BindOperator(const std::string& principal) {
    const auto access = admin::v1::AccessService::NewStub(daemon_->Channel());
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + admin_token_);
    admin::v1::CreateRoleBindingRequest request;
    request.mutable_role_binding()->set_principal(principal);
    request.mutable_role_binding()->set_role("operator");
    admin::v1::RoleBinding made;
    const grpc::Status status = access->CreateRoleBinding(&context, request, &made);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  fake::TlsClientOptions Client(const fake::Certificate& own) {
    return {maker_.ca(), own.certificate, own.key, 0, ""};
  }
  // Of who listens there now.
  std::string FingerprintAt(const std::string& address) {
    return fake::TlsClient(address, Client(shop_)).fingerprint();
  }
  std::string Metrics() {
    return fake::TlsClient(daemon_->endpoints().http, Client(shop_))
        .Ask(absl::StrCat(kGetMetrics, "Authorization: Bearer ", admin_token_, "\r\n\r\n"));
  }

  const fake::TempFolder folder_;
  const fake::CertificateMaker maker_;
  const fake::CertificateMaker clients_{"clients' CA"};
  const fake::CertificateMaker stranger_{"another CA"};
  const fake::Certificate shop_ = clients_.Make({"shop", {absl::StrCat("URI:", kShop)}});
  std::string admin_token_;
  std::unique_ptr<harness::NexusdProcess> daemon_;
};

TEST_F(TlsTest, KnowsAClientByItsCertificate) {
  StartDaemon("request");
  EXPECT_EQ(Status(Credentials(shop_)), "ACCESS_DENIED") << "known, but nothing is allowed yet";
  EXPECT_EQ(Status(Anonymous()), "UNAUTHENTICATED");
  BindOperator(kShop);
  EXPECT_EQ(Status(Credentials(shop_)), "");
  EXPECT_EQ(Status(Credentials(clients_.Make({"x", {"URI:spiffe://example.com/other"}}))),
            "ACCESS_DENIED");
  EXPECT_EQ(Status(Credentials(clients_.Make({"x", {"URI:urn:a", "URI:urn:b"}}))),
            "UNAUTHENTICATED");
  // A token goes before it.
  EXPECT_EQ(Status(Credentials(shop_), "nonsense"), "UNAUTHENTICATED");
  EXPECT_EQ(Status(Credentials(clients_.Make({"x", {"URI:urn:a"}})), admin_token_), "");
  // And so it is on the HTTP port.
  EXPECT_THAT(fake::TlsClient(daemon_->endpoints().http, Client(shop_))
                  .Ask(absl::StrCat(kGetMetrics, "\r\n")),
              HasSubstr("nexus_build_info"));
  const auto other = clients_.Make({"x", {"URI:urn:a"}});
  EXPECT_THAT(fake::TlsClient(daemon_->endpoints().http, Client(other))
                  .Ask(absl::StrCat(kGetMetrics, "\r\n")),
              HasSubstr("403 Forbidden"));
}

TEST_F(TlsTest, RefusesConnectionsThatItIsToldToRefuse) {
  StartDaemon("require", {"--set", "tls.http_client_certificates=none"});
  EXPECT_EQ(Status(Credentials(shop_)), "ACCESS_DENIED");
  EXPECT_EQ(Status(Anonymous()), "unreachable");
  EXPECT_EQ(Status(Credentials(stranger_.Make({"shop", {absl::StrCat("URI:", kShop)}}))),
            "unreachable");
  EXPECT_EQ(
      Status(Credentials(clients_.Make({"x", {absl::StrCat("URI:", kShop)}, -7'200, -3'600}))),
      "unreachable");
  EXPECT_EQ(Status(grpc::InsecureChannelCredentials()), "unreachable");
  EXPECT_EQ(Status(grpc::SslCredentials({stranger_.ca(), shop_.key, shop_.certificate})),
            "unreachable")
      << "a client must not believe another CA";
  fake::TlsClientOptions old = Client(shop_);
  old.version_max = 0x0302;
  EXPECT_FALSE(fake::TlsClient(daemon_->endpoints().grpc, old).connected()) << "TLS 1.1";
  old.version_max = 0x0303;
  EXPECT_TRUE(fake::TlsClient(daemon_->endpoints().grpc, old).connected());
  // Probes have no certificate.
  EXPECT_THAT(fake::TlsClient(daemon_->endpoints().http, {maker_.ca(), "", "", 0, ""})
                  .Ask("GET /health/live HTTP/1.0\r\n\r\n"),
              HasSubstr("live"));
}

TEST_F(TlsTest, ChangesItsCertificateUnderLoadAndRefusesABadOne) {
  StartDaemon("request");
  BindOperator(kShop);
  const std::string grpc_address = daemon_->endpoints().grpc;
  const std::string http_address = daemon_->endpoints().http;
  const std::string before = FingerprintAt(grpc_address);
  EXPECT_EQ(FingerprintAt(http_address), before);

  std::atomic<bool> stop{false};
  std::atomic<int> calls{0};
  std::atomic<int> failures{0};
  std::thread load([&] {
    while (!stop) {
      if (Status(Credentials(shop_)) != "") ++failures;  // a new connection each time
      ++calls;
    }
  });
  folder_.Write("key.pem", "not a key");
  EXPECT_TRUE(fake::Eventually(
      [&] { return absl::StrContains(daemon_->Output(), "a new certificate was refused"); }));
  EXPECT_EQ(FingerprintAt(grpc_address), before);
  EXPECT_THAT(Metrics(), HasSubstr("nexus_tls_reloads_total{result=\"refused\"} 1"));

  Put(maker_.Make({"a new one", {"DNS:localhost", "IP:127.0.0.1"}}));
  EXPECT_TRUE(fake::Eventually([&] { return FingerprintAt(http_address) != before; }));
  EXPECT_TRUE(fake::Eventually([&] { return FingerprintAt(grpc_address) != before; }));
  EXPECT_EQ(FingerprintAt(grpc_address), FingerprintAt(http_address));
  const int seen = calls;
  EXPECT_TRUE(fake::Eventually([&] { return calls > seen + 3; }));
  stop = true;
  load.join();
  EXPECT_EQ(failures, 0) << "of " << calls;
  EXPECT_THAT(Metrics(), HasSubstr("nexus_tls_reloads_total{result=\"used\"} 1"));
  EXPECT_THAT(daemon_->Output(), Not(HasSubstr("PRIVATE KEY")));
}

class PlaintextTest : public DaemonFixture {};

TEST_F(PlaintextTest, LeavesTheMachineOnlyWhereItIsSaidAloud) {
  const std::string open = "http.schema_registry_address=0.0.0.0:0";
  EXPECT_THAT(FailToStart({"--set", open}, 2), HasSubstr("--allow-plaintext-network"));
  StartDaemon({"--set", open, "--allow-plaintext-network", "--set", "policy.engine=none"});
  EXPECT_THAT(daemon_->Output(), HasSubstr("not encrypted"));
}

TEST_F(PlaintextTest, IsNoWarningOnLoopback) {
  StartDaemon({"--set", "policy.engine=none"});
  EXPECT_THAT(daemon_->Output(), Not(HasSubstr("not encrypted")));
}

}  // namespace
}  // namespace nexus::integration

// The HTTP port in TLS, against a client that shows what the handshake came to.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "fake/recording_metrics.h"
#include "fake/temp_folder.h"
#include "http/http_server.h"
#include "http/raw_connection.h"
#include "nexus/core/system_clock.h"
#include "tls/certificate_maker.h"
#include "tls/server_certificate.h"
#include "tls/server_context.h"
#include "tls/tls_client.h"

namespace nexus::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr char kGet[] = "GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
constexpr int kTls11 = 0x0302;
constexpr int kTls12 = 0x0303;

class HttpTlsTest : public ::testing::Test {
 protected:
  void Start(tls::ClientCertificates clients) {
    contexts_ = std::make_unique<tls::ServerContexts>(clients);
    Use(maker_.Server());
    HttpServerOptions options;
    options.address = "127.0.0.1:0";
    options.tls = contexts_.get();
    std::vector<Route> routes;
    routes.push_back({"/who", [](const Request& request) {
                        Response response;
                        response.body = request.certificate == nullptr
                                            ? "nobody"
                                            : absl::StrJoin(request.certificate->uris, ",");
                        return response;
                      }});
    routes.push_back({"/large", [](const Request&) {
                        return Response{200, "text/plain", std::string(4 << 20, 'x')};
                      }});
    auto server = HttpServer::Start(options, std::move(routes), {}, metrics_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::string Use(const fake::Certificate& one) {
    const auto loaded =
        tls::LoadServerCertificate({folder_.Write("c", one.certificate),
                                    folder_.Write("k", one.key), folder_.Write("a", clients_.ca())},
                                   clock_.Now());
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    EXPECT_TRUE(contexts_->Use(*loaded).ok());
    return loaded->fingerprint;
  }
  fake::TlsClientOptions Client() { return {maker_.ca(), "", "", 0, ""}; }
  fake::TlsClientOptions Client(const fake::Certificate& own) {
    return {maker_.ca(), own.certificate, own.key, 0, ""};
  }
  std::string Ask(const fake::TlsClientOptions& client, const std::string& request = kGet) {
    return fake::TlsClient(server_->address(), client).Ask(request);
  }

  const fake::TempFolder folder_;
  const SystemClock clock_;
  const fake::CertificateMaker maker_;
  const fake::CertificateMaker clients_{"clients' CA"};
  const fake::CertificateMaker stranger_{"another CA"};
  fake::RecordingMetrics metrics_;
  std::unique_ptr<tls::ServerContexts> contexts_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpTlsTest, AnswersWithoutAClientCertificate) {
  Start(tls::ClientCertificates::kNone);
  EXPECT_THAT(Ask(Client()), EndsWith("\r\n\r\nnobody"));
  EXPECT_THAT(Ask(Client(), "GET /large HTTP/1.0\r\n\r\n"), EndsWith(std::string(1'000, 'x')));
}

TEST_F(HttpTlsTest, KeepsAConnectionForTheNextRequest) {
  Start(tls::ClientCertificates::kNone);
  const std::string twice = absl::StrCat("GET /who HTTP/1.1\r\nHost: a\r\n\r\n", kGet);
  const std::string answers = Ask(Client(), twice);
  EXPECT_NE(answers.find("nobody"), answers.rfind("nobody"));
}

TEST_F(HttpTlsTest, TellsWhoShowedACertificate) {
  Start(tls::ClientCertificates::kRequest);
  const auto shop = clients_.Make({"shop", {"URI:spiffe://a/shop"}});
  EXPECT_THAT(Ask(Client(shop)), EndsWith("spiffe://a/shop"));
  EXPECT_THAT(Ask(Client()), EndsWith("nobody"));
}

TEST_F(HttpTlsTest, RefusesCertificatesThatItsCaDidNotIssueOrThatHaveExpired) {
  Start(tls::ClientCertificates::kRequest);
  EXPECT_EQ(Ask(Client(stranger_.Make({"shop", {"URI:spiffe://a/shop"}}))), "");
  EXPECT_EQ(Ask(Client(clients_.Make({"shop", {"URI:spiffe://a/shop"}, -7'200, -3'600}))), "");
}

TEST_F(HttpTlsTest, RequiresACertificateWhereItIsToldTo) {
  Start(tls::ClientCertificates::kRequire);
  EXPECT_EQ(Ask(Client()), "");
  EXPECT_THAT(Ask(Client(clients_.Make({"x", {"URI:urn:x"}}))), EndsWith("urn:x"));
}

TEST_F(HttpTlsTest, SpeaksTls12And13WithAuthenticatedCiphersOnly) {
  Start(tls::ClientCertificates::kNone);
  EXPECT_EQ(fake::TlsClient(server_->address(), Client()).version(), "TLSv1.3");
  fake::TlsClientOptions old = Client();
  old.version_max = kTls12;
  EXPECT_EQ(fake::TlsClient(server_->address(), old).version(), "TLSv1.2");
  old.ciphers = "ECDHE-ECDSA-AES128-SHA";
  EXPECT_FALSE(fake::TlsClient(server_->address(), old).connected()) << "CBC";
  old.ciphers = "";
  old.version_max = kTls11;
  EXPECT_FALSE(fake::TlsClient(server_->address(), old).connected());
}

TEST_F(HttpTlsTest, UsesANewCertificateForNewConnections) {
  Start(tls::ClientCertificates::kNone);
  fake::TlsClient before(server_->address(), Client());
  const std::string fingerprint = Use(maker_.Server());
  EXPECT_EQ(fake::TlsClient(server_->address(), Client()).fingerprint(), fingerprint);
  EXPECT_NE(before.fingerprint(), fingerprint);
  EXPECT_THAT(before.Ask(kGet), EndsWith("nobody")) << "an open connection goes on";
}

TEST_F(HttpTlsTest, ClosesConnectionsThatDoNotSpeakTls) {
  Start(tls::ClientCertificates::kNone);
  RawConnection connection(server_->address());
  connection.Send(kGet);
  EXPECT_THAT(connection.ReadAll(), ::testing::Not(HasSubstr("HTTP/1.1")));
  EXPECT_THAT(Ask(Client()), HasSubstr("200"));
  EXPECT_EQ(metrics_.Value("nexus_http_tls_handshakes_failed_total"), 1);
}

}  // namespace
}  // namespace nexus::http

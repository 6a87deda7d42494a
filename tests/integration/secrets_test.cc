// Secrets that come in by requests and by the configuration must be found nowhere afterwards: an
// append-only log keeps for ever what slips into it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "fake/temp_folder.h"
#include "harness/nexusd/child_process.h"
#include "harness/nexusd/nexusd_process.h"
#include "identity/jwt/token_maker.h"
#include "integration/daemon_fixture.h"
#include "nexus/admin/v1/access.grpc.pb.h"
#include "nexus/admin/v1/admin.grpc.pb.h"
#include "nexus/v1/event_store.grpc.pb.h"
#include "tls/certificate_maker.h"
#include "tls/tls_client.h"

namespace nexus::integration {
namespace {

struct Planted {
  std::string what;
  std::string text;
};

class SecretsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const fake::Certificate own = maker_.Server();
    key_lines_ = own.key;
    folder_.Write("cert.pem", own.certificate);
    folder_.Write("key.pem", own.key);
    folder_.Write("keys.json", issuer_.KeySet());
    folder_.Write("ada.token", "canary-of-a-token-file-7f3a\n");
    folder_.Write("nexusd.yaml",
                  absl::StrCat("tokens:\n"
                               "  - {principal: bob, token: canary-of-the-configuration-51c0}\n"
                               "  - {principal: ada, token_file: ",
                               folder_.At("ada.token"),
                               "}\n"
                               "tls: {certificate: ",
                               folder_.At("cert.pem"), ", key: ", folder_.At("key.pem"),
                               "}\n"
                               "policy: {engine: none}\nroute: {enabled: false}\n"
                               "storage: {ballast_bytes: 0}\n"
                               "access:\n  mode: enforced\n"
                               "  jwt: {issuer: 'https://id.example.com', audiences: [nexus], "
                               "roles_claim: roles, keys_file: ",
                               folder_.At("keys.json"), "}\n"));
    harness::NexusdOptions options;
    options.data_folder = folder_.At("data");
    options.arguments = {"--config", folder_.At("nexusd.yaml"), "--set", "log.level=debug"};
    options.credentials = grpc::SslCredentials({maker_.ca(), "", ""});
    auto started = harness::NexusdProcess::Start(options);
    ASSERT_TRUE(started.ok()) << started.status();
    daemon_ = *std::move(started);
    access_ = admin::v1::AccessService::NewStub(daemon_->Channel());
    events_ = v1::EventStoreService::NewStub(daemon_->Channel());
    admin_token_ = folder_.Read("data/admin.token");
    admin_token_.pop_back();
  }

  void Plant(const std::string& what, const std::string& text) {
    ASSERT_GE(text.size(), 8u);
    planted_.push_back({what, text});
  }
  // What an API token is known by may be shown; the rest of it may not.
  void PlantToken(const std::string& what, const std::string& token) {
    Plant(what, token.substr(token.rfind('_') + 1));
  }
  // Everything that the server says in an answer goes to `said_`.
  void Say(const grpc::Status& status) {
    absl::StrAppend(&said_, status.error_message(), status.error_details(), "\n");
  }
  std::unique_ptr<grpc::ClientContext> With(const std::string& authorization) {
    auto context = Context();
    context->AddMetadata("authorization", authorization);
    return context;
  }
  void CallWith(const std::string& authorization) {
    v1::AppendResponse response;
    Say(events_->Append(With(authorization).get(),
                        OneEvent("order-1", "order.placed", "{\"total\":1}"), &response));
    admin::v1::ListTokensResponse tokens;
    Say(access_->ListTokens(With(authorization).get(), {}, &tokens));
    absl::StrAppend(&said_, tokens.DebugString());
    for (const char* path : {"/metrics", "/health/ready?verbose", "/schema-registry/subjects"}) {
      absl::StrAppend(&said_, Get(path, authorization));
    }
  }
  std::string Get(const std::string& path, const std::string& authorization) {
    return fake::TlsClient(daemon_->endpoints().http, {maker_.ca(), "", "", 0, ""})
        .Ask(absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n",
                          "Authorization: ", authorization, "\r\n\r\n"));
  }
  // Every byte of the data folder, but of the file that hands over the first token.
  std::string DataFolder() {
    std::string all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.At("data"))) {
      if (!entry.is_regular_file() || entry.path().filename() == "admin.token") continue;
      std::string bytes(std::filesystem::file_size(entry.path()), '\0');
      std::ifstream(entry.path(), std::ios::binary)
          .read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      all += bytes;
    }
    return all;
  }
  // What is stored, as it is read: blocks on disk may be compressed.
  std::string StoredEvents() {
    v1::ReadRequest request;
    request.set_stream("$access");
    const auto context = With("Bearer " + admin_token_);
    const auto reader = events_->Read(context.get(), request);
    v1::ReadResponse page;
    std::string all;
    while (reader->Read(&page)) all += page.SerializeAsString();
    EXPECT_TRUE(reader->Finish().ok());
    return all;
  }
  std::string PrintedConfig() {
    harness::ChildOptions options;
    options.command = {harness::DefaultNexusd(), "--config", folder_.At("nexusd.yaml"),
                       "--print-config"};
    auto child = harness::ChildProcess::Start(options);
    EXPECT_TRUE(child.ok());
    EXPECT_TRUE((*child)->WaitForExit(absl::Seconds(60)).ok());
    EXPECT_THAT((*child)->Output(), ::testing::HasSubstr("tokens"));
    return (*child)->Output();
  }
  void ExpectNowhere(const std::string& where, const std::string& text) {
    ASSERT_FALSE(text.empty()) << where;
    for (const Planted& planted : planted_) {
      EXPECT_FALSE(absl::StrContains(text, planted.text)) << planted.what << " is in " << where;
    }
  }

  const fake::TempFolder folder_;
  const fake::CertificateMaker maker_;
  const fake::TokenMaker issuer_{"ES256"};
  std::string key_lines_;
  std::string admin_token_;
  std::string said_;
  std::vector<Planted> planted_;
  std::unique_ptr<harness::NexusdProcess> daemon_;
  std::unique_ptr<admin::v1::AccessService::Stub> access_;
  std::unique_ptr<v1::EventStoreService::Stub> events_;
};

TEST_F(SecretsTest, AreFoundNowhereAfterwards) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  PlantToken("the administrator's token", admin_token_);
  CallWith("Bearer " + admin_token_);

  admin::v1::CreateTokenRequest request;
  request.set_principal("shop");
  request.add_roles("writer");
  admin::v1::CreateTokenResponse created;
  ASSERT_TRUE(access_->CreateToken(With("Bearer " + admin_token_).get(), request, &created).ok());
  PlantToken("an API token", created.text());
  CallWith("Bearer " + created.text());

  const std::string good = issuer_.Sign(absl::StrCat(
      R"({"iss":"https://id.example.com","sub":"ann","roles":["admin"],"aud":"nexus",)",
      R"("secret":"canary-in-a-claim-0d2e","exp":)", now + 300, "}"));
  const std::string bad = issuer_.Sign(absl::StrCat(
      R"({"iss":"https://id.example.com","sub":"ann","aud":"other","exp":)", now + 300, "}"));
  for (const std::string& jwt : {good, bad}) {
    Plant("a JSON Web Token's signature", jwt.substr(jwt.rfind('.') + 1));
    const std::vector<std::string> parts = absl::StrSplit(jwt, '.');
    Plant("a JSON Web Token's claims", parts[1]);
    CallWith("Bearer " + jwt);
  }
  Plant("a claim", "canary-in-a-claim-0d2e");

  Plant("a token of the configuration", "canary-of-the-configuration-51c0");
  CallWith("Bearer canary-of-the-configuration-51c0");
  Plant("a token of a file", "canary-of-a-token-file-7f3a");
  CallWith("Bearer canary-of-a-token-file-7f3a");
  Plant("a wrong token", "canary-that-is-wrong-99ab");
  CallWith("Bearer canary-that-is-wrong-99ab");
  CallWith("Digest canary-that-is-wrong-99ab");
  std::string basic;
  absl::Base64Escape("user:canary-of-basic-c0ffee", &basic);
  Plant("a password", "canary-of-basic-c0ffee");
  Plant("a password as it was sent", basic);
  CallWith("Basic " + basic);
  for (const absl::string_view line : absl::StrSplit(key_lines_, '\n', absl::SkipEmpty())) {
    if (!absl::StartsWith(line, "-----") && line.size() > 16)
      Plant("the private key", std::string(line));
  }

  const std::string stored = StoredEvents();
  EXPECT_THAT(stored, ::testing::HasSubstr("$token-created")) << "or nothing was looked at";
  ExpectNowhere("stored events", stored);
  ExpectNowhere("answers", said_);
  ExpectNowhere("metrics", Get("/metrics", "Bearer " + admin_token_));
  ExpectNowhere("the printed configuration", PrintedConfig());
  const auto exit = daemon_->Terminate();
  ASSERT_TRUE(exit.ok() && exit->Succeeded());
  ExpectNowhere("the log", daemon_->Output());
  ExpectNowhere("the data folder", DataFolder());
}

}  // namespace
}  // namespace nexus::integration

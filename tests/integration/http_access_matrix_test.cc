// Every path of the HTTP port against every kind of credentials. What the server answers and this
// table has not fails: whoever adds a path decides who may ask for it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "confluent/registry_api.h"
#include "fake/temp_folder.h"
#include "harness/nexusd/nexusd_process.h"
#include "http/guard/route_access.h"
#include "http/raw_connection.h"
#include "identity/jwt/token_maker.h"
#include "identity/operation.h"
#include "json_api/command_api.h"
#include "json_api/temporal_api.h"
#include "nexus/admin/v1/access.grpc.pb.h"

namespace nexus::integration {
namespace {

constexpr char kPublic[] = "";
constexpr char kRegistry[] = "/schema-registry";

// "METHOD path" and the operation that it needs.
const std::map<std::string, std::string>& PathTable() {
  static const auto& table = *new std::map<std::string, std::string>{
      {"GET /", kPublic},
      {"GET /health/live", kPublic},
      {"GET /health/ready", kPublic},
      {"GET /health/ready?verbose", "status-read"},
      {"GET /metrics", "status-read"},
      {"POST /api/commands/*", "execute"},
      {"GET /api/queries/temporal/*", "query"},
      {"GET /api/queries/temporal/*/diff", "query"},
      {"GET /api/queries/temporal/*/history", "query"},
      {"GET /schema-registry/", "schema-read"},
      {"GET /schema-registry/subjects", "schema-read"},
      {"POST /schema-registry/subjects/*", "schema-read"},
      {"DELETE /schema-registry/subjects/*", "schema-write"},
      {"GET /schema-registry/subjects/*/metadata", "schema-read"},
      {"GET /schema-registry/subjects/*/versions", "schema-read"},
      {"POST /schema-registry/subjects/*/versions", "schema-write"},
      {"GET /schema-registry/subjects/*/versions/*", "schema-read"},
      {"DELETE /schema-registry/subjects/*/versions/*", "schema-write"},
      {"GET /schema-registry/subjects/*/versions/*/schema", "schema-read"},
      {"GET /schema-registry/subjects/*/versions/*/referencedby", "schema-read"},
      {"GET /schema-registry/schemas", "schema-read"},
      {"GET /schema-registry/schemas/types", "schema-read"},
      {"GET /schema-registry/schemas/guids/*", "schema-read"},
      {"GET /schema-registry/schemas/ids/*", "schema-read"},
      {"GET /schema-registry/schemas/ids/*/schema", "schema-read"},
      {"GET /schema-registry/schemas/ids/*/subjects", "schema-read"},
      {"GET /schema-registry/schemas/ids/*/versions", "schema-read"},
      {"GET /schema-registry/contexts", "schema-read"},
      {"GET /schema-registry/v1/metadata/*", "schema-read"},
      {"POST /schema-registry/compatibility/subjects/*/versions", "schema-read"},
      {"POST /schema-registry/compatibility/subjects/*/versions/*", "schema-read"},
      {"GET /schema-registry/config", "schema-read"},
      {"GET /schema-registry/config/*", "schema-read"},
      {"PUT /schema-registry/config", "schema-write"},
      {"PUT /schema-registry/config/*", "schema-write"},
      {"DELETE /schema-registry/config", "schema-write"},
      {"DELETE /schema-registry/config/*", "schema-write"},
      {"GET /schema-registry/mode", "schema-read"},
      {"GET /schema-registry/mode/*", "schema-read"},
      {"PUT /schema-registry/mode", "schema-write"},
      {"PUT /schema-registry/mode/*", "schema-write"},
      {"DELETE /schema-registry/mode", "schema-write"},
      {"DELETE /schema-registry/mode/*", "schema-write"},
  };
  return table;
}

// What the server answers, by its own tables.
std::set<std::string> AnsweredPaths() {
  std::set<std::string> paths;
  for (const http::RouteAccess& row : http::RouteAccessTable()) {
    paths.insert("GET " + row.path);
    if (row.verbose != row.operation) paths.insert(absl::StrCat("GET ", row.path, "?verbose"));
  }
  for (const confluent::RegistryRoute& route : confluent::RegistryApi::Routes()) {
    paths.insert(absl::StrCat(route.method, " ", kRegistry, "/", route.path));
  }
  paths.insert(json_api::CommandApi::kRoute);
  for (const char* route : json_api::TemporalApi::kRoutes) paths.insert(route);
  return paths;
}

class HttpAccessMatrixTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.Write("keys.json", issuer_.KeySet());
    harness::NexusdOptions options;
    options.data_folder = folder_.At("data");
    for (const std::string& setting :
         {std::string("policy.engine=none"), std::string("route.enabled=false"),
          std::string("access.mode=enforced"),
          std::string("access.jwt.issuer=https://id.example.com"),
          std::string("access.jwt.audiences=[nexus]"), std::string("access.jwt.roles_claim=roles"),
          absl::StrCat("access.jwt.keys_file=", folder_.At("keys.json"))}) {
      options.arguments.insert(options.arguments.end(), {"--set", setting});
    }
    options.arguments.insert(options.arguments.end(), more_.begin(), more_.end());
    auto started = harness::NexusdProcess::Start(options);
    ASSERT_TRUE(started.ok()) << started.status();
    daemon_ = *std::move(started);
    access_ = admin::v1::AccessService::NewStub(daemon_->Channel());
    admin_token_ = folder_.Read("data/admin.token");
    admin_token_.pop_back();
  }

  // The HTTP status of one request without a body.
  int Outcome(const std::string& row, const std::string& authorization) {
    const std::string target = absl::StrReplaceAll(row, {{"*", "x"}});
    http::RawConnection connection(daemon_->endpoints().http);
    connection.Send(absl::StrCat(
        target, " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n",
        authorization.empty() ? "" : absl::StrCat("Authorization: ", authorization, "\r\n"),
        "\r\n"));
    const std::string answer = connection.ReadAll();
    int status = 0;
    EXPECT_EQ(sscanf(answer.c_str(), "HTTP/1.1 %d", &status), 1) << row << ": " << answer;
    return status;
  }
  static bool LetIn(int status) { return status != 401 && status != 403 && status != 429; }

  std::unique_ptr<grpc::ClientContext> AsAdmin() {
    auto context = std::make_unique<grpc::ClientContext>();
    context->AddMetadata("authorization", "Bearer " + admin_token_);
    return context;
  }
  std::string NewToken(const std::vector<std::string>& operations, int64_t expires = 0) {
    admin::v1::CreateTokenRequest request;
    request.set_principal("matrix");
    request.add_roles("admin");
    for (const std::string& operation : operations) request.add_operations(operation);
    if (expires > 0) request.mutable_expire_time()->set_seconds(expires);
    admin::v1::CreateTokenResponse response;
    const grpc::Status status = access_->CreateToken(AsAdmin().get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.text();
  }
  std::string NewTokenWithout(const std::string& operation) {
    std::vector<std::string> others;
    for (size_t i = 0; i < identity::kOperations; ++i) {
      const auto name = identity::OperationName(static_cast<identity::Operation>(i));
      if (name != operation) others.emplace_back(name);
    }
    return NewToken(others);
  }
  static int64_t Now() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  std::string Jwt(const std::string& audience, int64_t lifetime) {
    return issuer_.Sign(
        absl::StrCat(R"({"iss":"https://id.example.com","sub":"ann","roles":["admin"],"aud":")",
                     audience, R"(","exp":)", Now() + lifetime, "}"));
  }

  std::vector<std::string> more_;
  const fake::TempFolder folder_;
  const fake::TokenMaker issuer_{"ES256"};
  std::unique_ptr<harness::NexusdProcess> daemon_;
  std::unique_ptr<admin::v1::AccessService::Stub> access_;
  std::string admin_token_;
};

TEST_F(HttpAccessMatrixTest, HasARowForEveryPath) {
  std::set<std::string> rows;
  for (const auto& [path, operation] : PathTable()) rows.insert(path);
  EXPECT_EQ(rows, AnsweredPaths());
}

TEST_F(HttpAccessMatrixTest, RefusesBadCredentialsOnEveryPathThatIsNotPublic) {
  const std::string revoked = NewToken({});
  admin::v1::RevokeTokenRequest revocation;
  revocation.set_id(revoked.substr(4, 16));
  admin::v1::Token gone;
  ASSERT_TRUE(access_->RevokeToken(AsAdmin().get(), revocation, &gone).ok());
  std::string wrong = admin_token_;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  const std::string unsigned_token = absl::StrCat(
      fake::Base64Url(R"({"alg":"none","kid":"key-1"})"), ".",
      fake::Base64Url(
          R"({"iss":"https://id.example.com","sub":"ann","roles":["admin"],"aud":"nexus"})"),
      ".");
  std::string basic;
  absl::Base64Escape(absl::StrCat("user:", wrong), &basic);
  const std::vector<std::string> bad = {"",
                                        "Bearer nonsense",
                                        "Bearer " + wrong,
                                        "Bearer " + revoked,
                                        "Bearer " + unsigned_token,
                                        "Bearer " + Jwt("somebody-else", 300),
                                        "Bearer " + Jwt("nexus", -300),
                                        "Basic " + basic,
                                        "Digest x"};
  for (const auto& [path, operation] : PathTable()) {
    for (const std::string& authorization : bad) {
      const int status = Outcome(path, authorization);
      if (operation == kPublic) {
        EXPECT_TRUE(LetIn(status)) << path << " with " << authorization.substr(0, 16);
      } else {
        EXPECT_EQ(status, 401) << path << " with " << authorization.substr(0, 16);
      }
    }
  }
}

TEST_F(HttpAccessMatrixTest, LetsInWhoMayAndNobodyElse) {
  std::map<std::string, std::string> only;
  std::map<std::string, std::string> all_but;
  for (const char* operation : {"status-read", "schema-read", "schema-write", "execute"}) {
    only[operation] = "Bearer " + NewToken({operation});
    all_but[operation] = "Bearer " + NewTokenWithout(operation);
  }
  // Who asks for the past of a stream reads it.
  only["query"] = "Bearer " + NewToken({"query", "read"});
  all_but["query"] = "Bearer " + NewTokenWithout("query");
  for (const auto& [path, operation] : PathTable()) {
    if (operation == kPublic) continue;
    EXPECT_EQ(Outcome(path, all_but[operation]), 403) << path;
    EXPECT_TRUE(LetIn(Outcome(path, only[operation]))) << path;
  }
  EXPECT_TRUE(LetIn(Outcome("GET /schema-registry/subjects", "Bearer " + Jwt("nexus", 300))));
}

class HttpLimitsTest : public HttpAccessMatrixTest {
 protected:
  HttpLimitsTest() { more_ = {"--set", "access.rates.requests_per_second=3"}; }
};

TEST_F(HttpLimitsTest, CountsRequestsOverHttpAsCalls) {
  int limited = 0;
  const std::string token = "Bearer " + NewToken({"schema-read", "status-read"});
  for (int i = 0; i < 20; ++i) {
    if (Outcome("GET /schema-registry/subjects", token) == 429) ++limited;
    if (Outcome("GET /metrics", token) == 429) ++limited;
  }
  EXPECT_GT(limited, 0);
  EXPECT_EQ(Outcome("GET /health/live", token), 200) << "probes count towards nothing";
}

}  // namespace
}  // namespace nexus::integration

// Every method of the contract against every kind of credentials. A method that the contract has
// and this table has not fails: whoever adds one decides who may call it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/eventually.h"
#include "fake/temp_folder.h"
#include "google/protobuf/descriptor.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "harness/nexusd/nexusd_process.h"
#include "identity/jwt/token_maker.h"
#include "nexus/admin/v1/access.grpc.pb.h"
#include "nexus/admin/v1/admin.grpc.pb.h"
#include "nexus/v1/event_store.grpc.pb.h"

namespace nexus {
namespace {

using Row = std::pair<std::string, std::string>;

// The operation that a caller needs. "everything": on the whole log, or the server.
struct Needed {
  std::string operation;
  bool everything = false;
};

using Rows = std::map<std::string, Needed>;

Rows RowsForClients() {
  return {
      {"nexus.v1.EventStoreService/Append", {"append"}},
      {"nexus.v1.EventStoreService/AppendStream", {"append"}},
      {"nexus.v1.EventStoreService/Read", {"read"}},
      {"nexus.v1.EventStoreService/Subscribe", {"subscribe"}},
      {"nexus.v1.EventStoreService/GetStream", {"read"}},
      {"nexus.v1.EventStoreService/ListStreams", {"read"}},
      {"nexus.v1.SchemaRegistryService/RegisterSchema", {"schema-write"}},
      {"nexus.v1.SchemaRegistryService/DeleteSchema", {"schema-write"}},
      {"nexus.v1.SchemaRegistryService/UpdateCompatibility", {"schema-write"}},
      {"nexus.v1.SchemaRegistryService/UpdateRegistryMode", {"schema-write"}},
      {"nexus.v1.SchemaRegistryService/UpdateCategorySettings", {"schema-write"}},
      {"nexus.v1.SchemaRegistryService/UpdateValidation", {"schema-write"}},
      {"nexus.v1.SchemaRegistryService/GetValidation", {"schema-read"}},
      {"nexus.v1.SchemaRegistryService/GetSchema", {"schema-read"}},
      {"nexus.v1.SchemaRegistryService/LookupSchema", {"schema-read"}},
      {"nexus.v1.SchemaRegistryService/ListSchemas", {"schema-read"}},
      {"nexus.v1.SchemaRegistryService/ValidateData", {"schema-read"}},
      {"nexus.v1.SchemaRegistryService/CheckCompatibility", {"schema-read"}},
      {"nexus.v1.SchemaRegistryService/GetCompatibility", {"schema-read"}},
      {"nexus.v1.SchemaRegistryService/GetRegistryMode", {"schema-read"}},
      {"nexus.v1.SchemaRegistryService/GetCategorySettings", {"schema-read"}},
      {"nexus.v1.SchemaRegistryService/ObserveSchema", {"read", true}},
      {"nexus.v1.CommandService/Execute", {"execute"}},
      {"nexus.v1.CommandService/Handle", {"handle"}},
      {"nexus.v1.AuditService/Trace", {"read"}},
      {"nexus.v1.QueryService/StateAsOf", {"query"}},
      {"nexus.v1.QueryService/Diff", {"query"}},
      {"nexus.v1.QueryService/FieldHistory", {"query"}},
      {"nexus.v1.PolicyService/Check", {"append"}},
      {"nexus.v1.PolicyService/Explain", {"append"}},
      {"nexus.v1.PolicyService/ExplainDecision", {"policy-read", true}},
  };
}

Rows RowsForOperators() {
  return {
      {"nexus.admin.v1.AdminService/VerifyAudit", {"read", true}},
      {"nexus.admin.v1.AdminService/GetStatus", {"status-read", true}},
      {"nexus.admin.v1.AdminService/Drain", {"maintain", true}},
      {"nexus.admin.v1.AdminService/RebuildIndex", {"maintain", true}},
      {"nexus.admin.v1.AdminService/VerifyLog", {"maintain", true}},
      {"nexus.admin.v1.AdminService/VerifySchemas", {"maintain", true}},
      {"nexus.admin.v1.AdminService/GetServiceGraph", {"read", true}},
      {"nexus.admin.v1.AccessService/CreateToken", {"access-write", true}},
      {"nexus.admin.v1.AccessService/RevokeToken", {"access-write", true}},
      {"nexus.admin.v1.AccessService/DefineRole", {"access-write", true}},
      {"nexus.admin.v1.AccessService/RemoveRole", {"access-write", true}},
      {"nexus.admin.v1.AccessService/CreateRoleBinding", {"access-write", true}},
      {"nexus.admin.v1.AccessService/DeleteRoleBinding", {"access-write", true}},
      {"nexus.admin.v1.AccessService/ListTokens", {"access-read", true}},
      {"nexus.admin.v1.AccessService/ListRoles", {"access-read", true}},
      {"nexus.admin.v1.AccessService/ListRoleBindings", {"access-read", true}},
      {"nexus.admin.v1.DomainService/ApplyDomain", {"domain-write", true}},
      {"nexus.admin.v1.DomainService/RemoveDomain", {"domain-write", true}},
      {"nexus.admin.v1.DomainService/RollbackDomain", {"domain-write", true}},
      {"nexus.admin.v1.DomainService/ListDomains", {"domain-read", true}},
      {"nexus.admin.v1.DomainService/GetDomain", {"domain-read", true}},
      {"nexus.admin.v1.DomainService/ListDomainVersions", {"domain-read", true}},
      {"nexus.admin.v1.SnapshotService/ListSnapshots", {"snapshot-read", true}},
      {"nexus.admin.v1.SnapshotService/GetSnapshot", {"snapshot-read", true}},
      {"nexus.admin.v1.SnapshotService/CreateSnapshot", {"snapshot-write", true}},
      {"nexus.admin.v1.SnapshotService/DeleteSnapshot", {"snapshot-write", true}},
      {"nexus.admin.v1.CostService/ReportCost", {"route-read", true}},
      {"nexus.admin.v1.RouteService/ListRoutes", {"route-read", true}},
      {"nexus.admin.v1.RouteService/GetClassification", {"route-read", true}},
      {"nexus.admin.v1.RouteService/TestRoute", {"route-read", true}},
      {"nexus.admin.v1.RouteService/SimulateRoutes", {"route-read", true}},
      {"nexus.admin.v1.RouteService/TraceEvent", {"route-read", true}},
      {"nexus.admin.v1.RouteService/ReconcileRoute", {"route-read", true}},
      {"nexus.admin.v1.RouteService/ListDeadLetters", {"route-read", true}},
      {"nexus.admin.v1.RouteService/GetDeadLetter", {"route-read", true}},
      {"nexus.admin.v1.RouteService/ApplyRoute", {"route-write", true}},
      {"nexus.admin.v1.RouteService/RemoveRoute", {"route-write", true}},
      {"nexus.admin.v1.RouteService/PauseRoute", {"route-write", true}},
      {"nexus.admin.v1.RouteService/ResumeRoute", {"route-write", true}},
      {"nexus.admin.v1.RouteService/ApplyClassification", {"route-write", true}},
      {"nexus.admin.v1.RouteService/RetryDeadLetter", {"route-write", true}},
      {"nexus.admin.v1.RouteService/SkipDeadLetter", {"route-write", true}},
      {"nexus.admin.v1.RouteService/ReplayRoute", {"replay", true}},
  };
}

const Rows& Table() {
  static const auto& table = *new Rows([] {
    Rows rows = RowsForClients();
    rows.merge(RowsForOperators());
    return rows;
  }());
  return table;
}

const std::vector<std::string>& Operations() {
  static const auto& names = *new std::vector<std::string>{
      "append",       "read",          "subscribe",     "query",      "replay",      "schema-read",
      "schema-write", "policy-read",   "policy-write",  "route-read", "route-write", "status-read",
      "maintain",     "access-read",   "access-write",  "execute",    "domain-read", "domain-write",
      "handle",       "snapshot-read", "snapshot-write"};
  return names;
}

// Every method of the services that nexusd answers, by the descriptors that are linked in.
std::vector<std::string> Methods() {
  std::vector<std::string> methods;
  for (const char* name :
       {"nexus.v1.EventStoreService", "nexus.v1.SchemaRegistryService", "nexus.v1.PolicyService",
        "nexus.admin.v1.AdminService", "nexus.admin.v1.AccessService",
        "nexus.admin.v1.RouteService", "nexus.admin.v1.CostService", "nexus.admin.v1.DomainService",
        "nexus.admin.v1.SnapshotService", "nexus.v1.CommandService", "nexus.v1.QueryService",
        "nexus.v1.AuditService"}) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    EXPECT_NE(service, nullptr) << name;
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      methods.push_back(absl::StrCat(name, "/", service->method(i)->name()));
    }
  }
  return methods;
}

class AccessMatrixTest : public ::testing::Test {
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
      options.arguments.push_back("--set");
      options.arguments.push_back(setting);
    }
    auto started = harness::NexusdProcess::Start(options);
    ASSERT_TRUE(started.ok()) << started.status();
    daemon_ = *std::move(started);
    channel_ = daemon_->Channel();
    access_ = admin::v1::AccessService::NewStub(channel_);
    admin_token_ = folder_.Read("data/admin.token");
    ASSERT_FALSE(admin_token_.empty());
    admin_token_.pop_back();
  }
  void TearDown() override {
    if (daemon_ == nullptr) return;
    EXPECT_TRUE(daemon_->Terminate().ok()) << daemon_->Output();
    for (const std::string& secret : secrets_) {
      EXPECT_THAT(daemon_->Output(), ::testing::Not(::testing::HasSubstr(secret)));
    }
  }

  // One call with an empty request: "OK", the reason of its error, or its code.
  std::string Outcome(const std::string& method, const std::string& token) {
    grpc::GenericStub stub(channel_);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    grpc::CompletionQueue queue;
    const auto step = [&](bool started_ok = true) {
      void* tag = nullptr;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok && started_ok;
    };
    const auto call = stub.PrepareCall(&context, "/" + method, &queue);
    call->StartCall(nullptr);
    step();
    const grpc::Slice nothing;
    const grpc::ByteBuffer request(&nothing, 1);
    // A stream of requests just ends; others send their one.
    if (method.ends_with("/AppendStream")) {
      call->WritesDone(nullptr);
    } else {
      call->WriteLast(request, {}, nullptr);
    }
    step();
    grpc::ByteBuffer response;
    call->Read(&response, nullptr);
    // The first answer says that the call was let in.
    const bool answered = step();
    if (answered) context.TryCancel();
    grpc::Status status;
    call->Finish(&status, nullptr);
    step();
    if (answered || status.ok()) return "OK";
    google::rpc::Status rich;
    google::rpc::ErrorInfo info;
    if (rich.ParseFromString(status.error_details())) {
      for (const auto& detail : rich.details()) {
        if (!detail.UnpackTo(&info)) continue;
        const auto cause = info.metadata().find("cause");
        return cause == info.metadata().end() ? info.reason()
                                              : absl::StrCat(info.reason(), ":", cause->second);
      }
    }
    return absl::StrCat("code ", static_cast<int>(status.error_code()), " ",
                        status.error_message());
  }
  static bool LetIn(const std::string& outcome) {
    return outcome != "ACCESS_DENIED" && !outcome.starts_with("UNAUTHENTICATED") &&
           !outcome.starts_with("code ");
  }

  std::unique_ptr<grpc::ClientContext> AsAdmin() {
    auto context = std::make_unique<grpc::ClientContext>();
    context->AddMetadata("authorization", "Bearer " + admin_token_);
    return context;
  }
  // A token of an administrator that may use these operations only.
  admin::v1::CreateTokenResponse NewToken(const std::vector<std::string>& operations,
                                          const std::string& category = "", int64_t expires = 0) {
    admin::v1::CreateTokenRequest request;
    request.set_principal("matrix");
    request.add_roles("admin");
    for (const std::string& operation : operations) request.add_operations(operation);
    if (!category.empty()) request.mutable_selector()->add_categories(category);
    if (expires > 0) request.mutable_expire_time()->set_seconds(expires);
    admin::v1::CreateTokenResponse response;
    const grpc::Status status = access_->CreateToken(AsAdmin().get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    secrets_.push_back(response.text());
    return response;
  }
  // Of an administrator, with these claims too.
  static std::string JwtOf(const fake::TokenMaker& maker, const std::string& claims) {
    return maker.Sign(absl::StrCat(
        R"({"iss":"https://id.example.com","sub":"ann","roles":["admin"],)", claims, "}"));
  }
  std::string Jwt(const std::string& audience, int64_t lifetime) {
    const int64_t now = std::chrono::duration_cast<std::chrono::seconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count();
    return issuer_.Sign(
        absl::StrCat(R"({"iss":"https://id.example.com","sub":"ann","roles":["admin"],"aud":")",
                     audience, R"(","exp":)", now + lifetime, "}"));
  }

  const fake::TempFolder folder_;
  const fake::TokenMaker issuer_{"ES256"};
  const fake::TokenMaker stranger_{"ES256"};
  std::unique_ptr<harness::NexusdProcess> daemon_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<admin::v1::AccessService::Stub> access_;
  std::string admin_token_;
  std::vector<std::string> secrets_;
};

TEST_F(AccessMatrixTest, HasARowForEveryMethod) {
  for (const std::string& method : Methods()) {
    EXPECT_TRUE(Table().contains(method)) << method << " has no row: who may call it?";
  }
  EXPECT_EQ(Methods().size(), Table().size()) << "a row is of no method";
}

TEST_F(AccessMatrixTest, RefusesBadCredentialsOnEveryMethod) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  const std::string revoked = NewToken({}).text();
  admin::v1::RevokeTokenRequest revocation;
  revocation.set_id(revoked.substr(4, 16));
  admin::v1::Token gone;
  ASSERT_TRUE(access_->RevokeToken(AsAdmin().get(), revocation, &gone).ok());
  const std::string expired = NewToken({}, "", now + 2).text();
  ASSERT_TRUE(fake::Eventually([&] {
    return Outcome("nexus.admin.v1.AdminService/GetStatus", expired) == "UNAUTHENTICATED:EXPIRED";
  }));
  std::string wrong = admin_token_;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  const std::string payload = fake::Base64Url(
      R"({"iss":"https://id.example.com","sub":"ann","roles":["admin"],"aud":"nexus"})");
  const std::string unsigned_token =
      absl::StrCat(fake::Base64Url(R"({"alg":"none","kid":"key-1"})"), ".", payload, ".");
  const std::vector<Row> rows = {
      {"", "UNAUTHENTICATED:MISSING"},
      {"nonsense", "UNAUTHENTICATED:UNKNOWN"},
      {"nxt_short", "UNAUTHENTICATED:MALFORMED"},
      {wrong, "UNAUTHENTICATED:UNKNOWN"},
      {revoked, "UNAUTHENTICATED:REVOKED"},
      {expired, "UNAUTHENTICATED:EXPIRED"},
      {unsigned_token, "UNAUTHENTICATED:ALGORITHM"},
      {Jwt("somebody-else", 300), "UNAUTHENTICATED:AUDIENCE"},
      {Jwt("nexus", -300), "UNAUTHENTICATED:EXPIRED"},
      {JwtOf(issuer_, absl::StrCat(R"("aud":"nexus","nbf":)", now + 300, R"(,"exp":)", now + 600)),
       "UNAUTHENTICATED:NOT_YET_VALID"},
      {JwtOf(issuer_, R"("aud":"nexus")"), "UNAUTHENTICATED:CLAIMS"},
      {issuer_.Sign(absl::StrCat(R"({"iss":"https://evil.example.com","sub":"ann","aud":"nexus",)",
                                 R"("exp":)", now + 300, "}")),
       "UNAUTHENTICATED:ISSUER"},
      // Of a key that only claims to be the issuer's.
      {JwtOf(stranger_, absl::StrCat(R"("aud":"nexus","exp":)", now + 300)),
       "UNAUTHENTICATED:SIGNATURE"},
      // A public key taken for a shared secret: whatever is signed with it.
      {absl::StrCat(fake::Base64Url(R"({"alg":"HS256","kid":"key-1"})"), ".", payload, ".",
                    fake::Base64Url(std::string(32, 'x'))),
       "UNAUTHENTICATED:ALGORITHM"},
  };
  for (const std::string& method : Methods()) {
    for (const auto& [token, outcome] : rows) {
      EXPECT_EQ(Outcome(method, token), outcome) << method << " with " << token.substr(0, 12);
    }
  }
}

TEST_F(AccessMatrixTest, LetsInWhoMayAndNobodyElse) {
  std::map<std::string, std::string> only;
  std::map<std::string, std::string> all_but;
  std::map<std::string, std::string> partly;
  for (const std::string& operation : Operations()) {
    std::vector<std::string> others;
    for (const std::string& other : Operations()) {
      if (other != operation) others.push_back(other);
    }
    only[operation] = NewToken({operation}).text();
    all_but[operation] = NewToken(others).text();
    partly[operation] = NewToken({operation}, "order").text();
  }
  for (const std::string& method : Methods()) {
    // It would stop the server from taking commits.
    const bool drains = method.ends_with("/Drain");
    const Needed& needed = Table().at(method);
    EXPECT_EQ(Outcome(method, all_but[needed.operation]), "ACCESS_DENIED") << method;
    if (!drains) {
      const std::string outcome = Outcome(method, only[needed.operation]);
      EXPECT_TRUE(LetIn(outcome)) << method << ": " << outcome;
    }
    if (needed.everything) {
      EXPECT_EQ(Outcome(method, partly[needed.operation]), "ACCESS_DENIED") << method;
    }
  }
  const std::string outcome = Outcome("nexus.v1.EventStoreService/ListStreams", Jwt("nexus", 300));
  EXPECT_TRUE(LetIn(outcome)) << outcome;
}

// Each item of a commit is decided, and one that is not allowed refuses them all.
TEST_F(AccessMatrixTest, RefusesAWholeCommitForOneStreamOfSomebodyElse) {
  const std::string token = NewToken({"append", "read"}, "order").text();
  auto events = v1::EventStoreService::NewStub(channel_);
  const auto append = [&](const std::vector<std::string>& streams) {
    v1::AppendRequest request;
    for (const std::string& stream : streams) {
      v1::StreamAppend& one = *request.add_streams();
      one.set_stream(stream);
      one.mutable_expected_revision()->mutable_any();
      one.add_events()->set_type("thing.happened");
      one.mutable_events(0)->set_data("{}");
    }
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + token);
    v1::AppendResponse response;
    const grpc::Status status = events->Append(&context, request, &response);
    google::rpc::Status rich;
    google::rpc::ErrorInfo info;
    rich.ParseFromString(status.error_details());
    for (const auto& detail : rich.details()) detail.UnpackTo(&info);
    return status.ok() ? "OK" : info.reason();
  };
  EXPECT_EQ(append({"order-1", "invoice-1"}), "ACCESS_DENIED");
  EXPECT_EQ(append({"order-1", "$access"}), "RESERVED_NAME");
  EXPECT_EQ(append({"order-1"}), "SCHEMA_NOT_REGISTERED") << "it may, and nothing else was stored";
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + admin_token_);
  v1::GetStreamRequest stream;
  stream.set_stream("order-1");
  v1::Stream found;
  EXPECT_EQ(events->GetStream(&context, stream, &found).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(AccessMatrixTest, EndsASubscriptionWhoseTokenIsRevoked) {
  const std::string token = NewToken({"subscribe"}).text();
  auto events = v1::EventStoreService::NewStub(channel_);
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + token);
  v1::SubscribeRequest request;
  request.mutable_heartbeat_interval()->set_nanos(100'000'000);
  auto reader = events->Subscribe(&context, request);
  v1::SubscribeResponse response;
  ASSERT_TRUE(reader->Read(&response));
  admin::v1::RevokeTokenRequest revocation;
  revocation.set_id(token.substr(4, 16));
  admin::v1::Token gone;
  ASSERT_TRUE(access_->RevokeToken(AsAdmin().get(), revocation, &gone).ok());
  while (reader->Read(&response)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(AccessMatrixTest, MakesTheFirstTokenOnceAndSaysWhereNotWhat) {
  EXPECT_THAT(daemon_->Output(), ::testing::HasSubstr("admin.token"));
  secrets_.push_back(admin_token_.substr(20));
  EXPECT_EQ(std::filesystem::status(folder_.At("data/admin.token")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(Outcome("nexus.admin.v1.AdminService/GetStatus", admin_token_), "OK");
}

}  // namespace
}  // namespace nexus

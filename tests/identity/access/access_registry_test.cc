#include "identity/access/access_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "fake/counted_secrets.h"
#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "identity/access/access_events.h"
#include "nexus/core/errors.h"
#include "schema/faulty_log.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::identity {
namespace {

using enum Operation;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// A registry over a log that outlives it.
class Server {
 public:
  explicit Server(fake::FaultyLog& log, AccessRegistryOptions options = {})
      : registry({log, log, json, executor, clock, log.ids(), secrets}, options) {}

  template <typename Answer, typename Ask>
  absl::StatusOr<Answer> Await(Ask ask) {
    absl::StatusOr<Answer> answer = absl::UnknownError("no answer");
    ask([&](absl::StatusOr<Answer> result) { answer = std::move(result); });
    executor.Advance(absl::Seconds(1));
    return answer;
  }
  absl::StatusOr<CreatedToken> Create(CreateTokenRequest request) {
    return Await<CreatedToken>([&](auto done) {
      registry.CreateToken(std::move(request), {"root", "", "", 0}, std::move(done));
    });
  }
  absl::StatusOr<TokenRecordPtr> Revoke(const std::string& id) {
    return Await<TokenRecordPtr>([&](auto done) {
      registry.RevokeToken(id, "lost", {"root", "", "", 0}, std::move(done));
    });
  }
  absl::StatusOr<Role> Define(const std::string& name, OperationSet operations) {
    Role role;
    role.name = name;
    role.operations = operations;
    return Await<Role>([&](auto done) {
      registry.DefineRole(role, {"root", "", "", 0}, std::move(done));
    });
  }
  absl::StatusOr<Role> Remove(const std::string& name) {
    return Await<Role>([&](auto done) {
      registry.RemoveRole(name, "", {"root", "", "", 0}, std::move(done));
    });
  }
  absl::StatusOr<RoleBinding> Bind(RoleBinding binding) {
    return Await<RoleBinding>([&](auto done) {
      registry.Bind(std::move(binding), {"root", "", "", 0}, std::move(done));
    });
  }
  absl::StatusOr<RoleBinding> Unbind(const std::string& id) {
    return Await<RoleBinding>([&](auto done) {
      registry.Unbind(id, "", {"root", "", "", 0}, std::move(done));
    });
  }
  bool Allows(const Principal& principal, Operation operation, absl::string_view stream,
              absl::string_view type = "placed") {
    return registry.AccessOf(principal)->Allows(operation, stream, type);
  }

  schema::SimdJsonReader json;
  fake::CountedSecrets secrets;
  fake::ManualExecutor executor;
  fake::ManualClock clock;
  AccessRegistry registry;
};

Principal Named(const std::string& name, std::vector<std::string> roles = {}) {
  Principal principal;
  principal.name = name;
  principal.authenticated = true;
  principal.roles = std::move(roles);
  return principal;
}

RoleBinding Binding(const std::string& member, const std::string& role, Selector selector = {}) {
  RoleBinding binding;
  binding.member = member;
  binding.role = role;
  binding.selector = std::move(selector);
  return binding;
}

std::string CauseOf(const absl::Status& status) {
  for (const auto& [key, value] : DetailsOf(status).metadata) {
    if (key == "cause") return value;
  }
  return "";
}

class AccessRegistryTest : public ::testing::Test {
 protected:
  fake::FaultyLog log_;
  Server server_{log_};
};

TEST_F(AccessRegistryTest, GivesNobodyAnythingAtFirst) {
  EXPECT_TRUE(server_.registry.Snapshot()->untouched());
  EXPECT_FALSE(server_.Allows(Principal(), kRead, "order-1"));
  EXPECT_FALSE(server_.Allows(Named("shop", {"no-such-role"}), kRead, "order-1"));
  EXPECT_FALSE(server_.registry.AccessOf(Principal())->AllowsServer(kStatusRead));
}

TEST_F(AccessRegistryTest, AuthenticatesATokenUntilItIsRevoked) {
  const auto token = server_.Create({.principal = "shop", .roles = {"writer"}});
  ASSERT_TRUE(token.ok()) << token.status();
  const auto owner = server_.registry.Authenticate(token->text);
  ASSERT_TRUE(owner.ok()) << owner.status();
  EXPECT_EQ(owner->name, "shop");
  EXPECT_EQ(owner->method, "api-token");
  EXPECT_THAT(owner->roles, ElementsAre("writer"));
  EXPECT_TRUE(server_.Allows(*owner, kAppend, "order-1"));
  EXPECT_FALSE(server_.Allows(*owner, kRead, "order-1"));

  ASSERT_TRUE(server_.Revoke(token->record->id).ok());
  EXPECT_EQ(CauseOf(server_.registry.Authenticate(token->text).status()), "REVOKED");
  ASSERT_TRUE(server_.Revoke(token->record->id).ok()) << "again is no error";
  EXPECT_EQ(ReasonOf(server_.Revoke("0000000000000000").status()), ErrorReason::kNotFound);
}

TEST_F(AccessRegistryTest, LetsATokenExpire) {
  const Timestamp soon{server_.clock.Now().micros + 1'000'000};
  const auto token = server_.Create({.principal = "shop", .expires = soon});
  ASSERT_TRUE(server_.registry.Authenticate(token->text).ok());
  server_.clock.Advance(absl::Seconds(2));
  EXPECT_EQ(CauseOf(server_.registry.Authenticate(token->text).status()), "EXPIRED");
}

TEST_F(AccessRegistryTest, StoresNoSecret) {
  const auto token = server_.Create({.principal = "shop"});
  const std::string secret = token->text.substr(token->text.rfind('_') + 1);
  ASSERT_EQ(log_.accepted().size(), 1u);
  const Commit commit = log_.accepted()[0];
  EXPECT_EQ(commit.streams[0].name.str(), kAccessStream);
  EXPECT_EQ(commit.stamp.principal, "root");
  EXPECT_THAT(commit.events[0].event.data, HasSubstr(token->record->id));
  EXPECT_THAT(commit.events[0].event.data, Not(HasSubstr(secret)));
}

TEST_F(AccessRegistryTest, NarrowsATokenToItsScopeAndNeverWidensIt) {
  const auto token = server_.Create(
      {.principal = "shop",
       .roles = {"reader"},
       .scope = {.operations = {kAppend, kRead}, .selector = {.categories = {"order"}}}});
  const Principal owner = *server_.registry.Authenticate(token->text);
  EXPECT_TRUE(server_.Allows(owner, kRead, "order-1"));
  EXPECT_FALSE(server_.Allows(owner, kRead, "invoice-1")) << "beyond the scope";
  EXPECT_FALSE(server_.Allows(owner, kAppend, "order-1")) << "in the scope, but in no role";
  ASSERT_TRUE(server_.Bind(Binding("shop", "writer")).ok());
  EXPECT_TRUE(server_.Allows(owner, kAppend, "order-1"));
  EXPECT_FALSE(server_.Allows(owner, kAppend, "invoice-1"));
}

TEST_F(AccessRegistryTest, BindsRolesToPrincipalsAndGroups) {
  ASSERT_TRUE(server_.Bind(Binding("alice", "reader", {.categories = {"order"}})).ok());
  RoleBinding team = Binding("ops", "operator");
  team.member_kind = MemberKind::kGroup;
  ASSERT_TRUE(server_.Bind(team).ok());

  EXPECT_TRUE(server_.Allows(Named("alice"), kRead, "order-1"));
  EXPECT_FALSE(server_.Allows(Named("alice"), kRead, "invoice-1"));
  EXPECT_FALSE(server_.Allows(Named("ops"), kRead, "order-1"));
  EXPECT_TRUE(server_.registry.AccessOf(Named("bob", {"ops"}))->AllowsServer(kMaintain));
  EXPECT_FALSE(server_.registry.AccessOf(Named("ops"))->AllowsServer(kMaintain))
      << "a principal that is called like a group is not in it";
}

TEST_F(AccessRegistryTest, TakesARightBackAtOnce) {
  const auto bound = server_.Bind(Binding("alice", "reader"));
  ASSERT_TRUE(server_.Allows(Named("alice"), kRead, "order-1"));
  ASSERT_TRUE(server_.Unbind(bound->id).ok());
  EXPECT_FALSE(server_.Allows(Named("alice"), kRead, "order-1"));
  EXPECT_EQ(ReasonOf(server_.Unbind(bound->id).status()), ErrorReason::kNotFound);
}

TEST_F(AccessRegistryTest, AnswersTheSameRuleWithTheBindingThatIsThere) {
  const auto first = server_.Bind(Binding("alice", "reader"));
  const auto second = server_.Bind(Binding("alice", "reader"));
  EXPECT_EQ(first->id, second->id);
  EXPECT_EQ(log_.accepted().size(), 1u);
}

TEST_F(AccessRegistryTest, DeniesWhateverElseAllows) {
  ASSERT_TRUE(server_.Bind(Binding("alice", "admin")).ok());
  RoleBinding denial = Binding("alice", "reader", {.categories = {"salary"}});
  denial.effect = Effect::kDeny;
  ASSERT_TRUE(server_.Bind(denial).ok());
  EXPECT_FALSE(server_.Allows(Named("alice"), kRead, "salary-1"));
  EXPECT_TRUE(server_.Allows(Named("alice"), kAppend, "salary-1"));
  EXPECT_FALSE(server_.registry.AccessOf(Named("alice"))->AllowsEverything(kRead));

  RoleBinding lockout = Binding("admin", "admin");
  lockout.member_kind = MemberKind::kGroup;
  lockout.effect = Effect::kDeny;
  EXPECT_EQ(ReasonOf(server_.Bind(lockout).status()), ErrorReason::kMalformedRequest);
}

TEST_F(AccessRegistryTest, DefinesRolesBesideItsOwn) {
  ASSERT_TRUE(server_.Define("importer", {kAppend, kSchemaWrite}).ok());
  ASSERT_TRUE(server_.Bind(Binding("etl", "importer")).ok());
  EXPECT_TRUE(server_.Allows(Named("etl"), kAppend, "order-1"));
  EXPECT_EQ(ReasonOf(server_.Remove("importer").status()), ErrorReason::kMalformedRequest)
      << "a binding names it";
  ASSERT_TRUE(server_.Define("importer", {kSchemaWrite}).ok());
  EXPECT_FALSE(server_.Allows(Named("etl"), kAppend, "order-1"));
  EXPECT_EQ(ReasonOf(server_.Define("reader", {kAppend}).status()), ErrorReason::kMalformedRequest);
  EXPECT_EQ(ReasonOf(server_.Remove("reader").status()), ErrorReason::kMalformedRequest);
  EXPECT_EQ(ReasonOf(server_.Remove("nobody").status()), ErrorReason::kNotFound);
  EXPECT_EQ(ReasonOf(server_.Bind(Binding("etl", "nobody")).status()), ErrorReason::kNotFound);
}

TEST_F(AccessRegistryTest, KnowsEverythingAgainAfterAStart) {
  const auto kept = server_.Create({.principal = "shop", .roles = {"writer"}, .comment = "till"});
  const auto lost = server_.Create({.principal = "old"});
  ASSERT_TRUE(server_.Revoke(lost->record->id).ok());
  ASSERT_TRUE(server_.Define("importer", {kAppend}).ok());
  const auto bound = server_.Bind(
      Binding("etl", "importer", {.stream_prefixes = {"order-eu-"}, .event_types = {"placed*"}}));
  Server again(log_);
  ASSERT_TRUE(again.registry.Load().ok());
  EXPECT_EQ(again.registry.Epoch(), 5u);
  EXPECT_TRUE(again.registry.Authenticate(kept->text).ok());
  EXPECT_EQ(CauseOf(again.registry.Authenticate(lost->text).status()), "REVOKED");
  const TokenRecordPtr record = again.registry.Snapshot()->FindToken(kept->record->id);
  EXPECT_EQ(record->comment, "till");
  EXPECT_EQ(record->created_by, "root");
  EXPECT_EQ(record->scope, kept->record->scope);
  EXPECT_TRUE(again.registry.Snapshot()->FindBinding(bound->id)->SameRule(*bound));
  EXPECT_TRUE(again.Allows(Named("etl"), kAppend, "order-eu-1", "placed.twice"));
  EXPECT_FALSE(again.Allows(Named("etl"), kAppend, "order-us-1", "placed"));
  ASSERT_TRUE(again.Unbind(bound->id).ok());
  ASSERT_TRUE(again.Remove("importer").ok());
}

TEST_F(AccessRegistryTest, FollowsAnotherServerOnTheSameLog) {
  Server other(log_);
  ASSERT_TRUE(server_.Define("importer", {kAppend}).ok());
  ASSERT_TRUE(other.Define("exporter", {kRead}).ok()) << "it reads up to the end and tries again";
  EXPECT_EQ(log_.conflicts(), 1u);
  EXPECT_TRUE(other.Bind(Binding("etl", "importer")).ok());
}

TEST_F(AccessRegistryTest, RefusesToStartOnRulesThatItDoesNotUnderstand) {
  for (const auto& [type, data] : std::vector<std::pair<std::string, std::string>>{
           {"$something-new", "{}"},
           {kRoleBoundType, "{}"},
           {kRoleBoundType, "not JSON"},
           {kTokenRevokedType, R"({"name":"0000","comment":""})"},
           {kRoleDefinedType,
            R"({"role":"r","operations":["fly"],"system_streams":false,"comment":""})"},
           {kTokenCreatedType,
            R"({"token":"a","principal":"b","digest":"zz","roles":[],"operations":[],)"
            R"("categories":[],)"
            R"("stream_prefixes":[],"event_types":[],"expires":null,"comment":""})"}}) {
    fake::FaultyLog log;
    Commit commit;
    commit.id.bytes = log.ids().NewUuid();
    commit.streams.push_back({StreamName::Literal(kAccessStream), ExpectedRevision::Any()});
    CommitEvent entry;
    entry.event.id = DeriveEventId(commit.id, 0);
    entry.event.type = type;
    entry.event.data = data;
    commit.events.push_back(std::move(entry));
    log.Propose(std::move(commit), [](absl::StatusOr<CommitReceipt>) {});
    Server server(log);
    EXPECT_FALSE(server.registry.Load().ok()) << type << " " << data;
  }
}

TEST_F(AccessRegistryTest, RefusesRequestsThatMakeNoSense) {
  const auto reason_of = [&](CreateTokenRequest request) {
    return ReasonOf(server_.Create(std::move(request)).status());
  };
  EXPECT_EQ(reason_of({.principal = ""}), ErrorReason::kMalformedName);
  EXPECT_EQ(reason_of({.principal = "a\nb"}), ErrorReason::kMalformedName);
  EXPECT_EQ(reason_of({.principal = "\xff"}), ErrorReason::kInvalidUtf8);
  EXPECT_EQ(reason_of({.principal = std::string(256, 'a')}), ErrorReason::kLimitExceeded);
  EXPECT_EQ(reason_of({.principal = "anonymous"}), ErrorReason::kMalformedRequest);
  EXPECT_EQ(reason_of({.principal = "a", .roles = {"nobody"}}), ErrorReason::kNotFound);
  EXPECT_EQ(reason_of({.principal = "a", .expires = Timestamp{1}}), ErrorReason::kMalformedRequest);
  EXPECT_EQ(reason_of({.principal = "a", .scope = {.operations = {}}}),
            ErrorReason::kMalformedRequest);
  EXPECT_EQ(reason_of({.principal = "a", .scope = {.selector = {.categories = {"a-b"}}}}),
            ErrorReason::kMalformedRequest);
  EXPECT_EQ(reason_of({.principal = "a", .scope = {.selector = {.event_types = {"a*b"}}}}),
            ErrorReason::kMalformedRequest);
  EXPECT_EQ(reason_of({.principal = "a", .comment = std::string(1'001, 'a')}),
            ErrorReason::kLimitExceeded);
  EXPECT_TRUE(log_.accepted().empty());
}

TEST_F(AccessRegistryTest, RefusesToEndWhatCannotBeAName) {
  const std::string endless(256, 'a');
  for (const absl::Status& status :
       {server_.Revoke(endless).status(), server_.Remove(endless).status(),
        server_.Unbind(endless).status()}) {
    EXPECT_EQ(ReasonOf(status), ErrorReason::kLimitExceeded) << status;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr(endless)));
  }
  EXPECT_EQ(ReasonOf(server_.Revoke("").status()), ErrorReason::kMalformedName);
}

TEST_F(AccessRegistryTest, KeepsNoMoreThanItsLimits) {
  Server small(log_, {.tokens_max = 1, .bindings_max = 1, .roles_max = BuiltInRoles().size() + 1});
  ASSERT_TRUE(small.Create({.principal = "a"}).ok());
  EXPECT_EQ(ReasonOf(small.Create({.principal = "b"}).status()), ErrorReason::kLimitExceeded);
  ASSERT_TRUE(small.Bind(Binding("a", "reader")).ok());
  EXPECT_EQ(ReasonOf(small.Bind(Binding("b", "reader")).status()), ErrorReason::kLimitExceeded);
  ASSERT_TRUE(small.Define("one-more", {kAppend}).ok());
  EXPECT_EQ(ReasonOf(small.Define("too-many", {kAppend}).status()), ErrorReason::kLimitExceeded);
}

TEST_F(AccessRegistryTest, GivesNoRightBeforeItIsStored) {
  log_.AnswerNext(MakeError(ErrorReason::kDiskFull, "full"), /*store=*/false);
  EXPECT_EQ(ReasonOf(server_.Bind(Binding("alice", "reader")).status()), ErrorReason::kDiskFull);
  EXPECT_FALSE(server_.Allows(Named("alice"), kRead, "order-1"));
}

}  // namespace
}  // namespace nexus::identity

// Policies that come with a domain, change and go: who may, what is refused, what is told.

#include <atomic>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "integration/domain_folder_fixture.h"
#include "nexus/admin/v1/access.grpc.pb.h"
#include "nexus/admin/v1/domain.grpc.pb.h"
#include "policy/scripted_server.h"

namespace nexus::integration {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kNothing[] = "input.command.type == \"Nothing\"";

// What an OPA answers that admits everything.
std::string AllowAll(const std::string& body) {
  const std::vector<std::string> items = absl::StrSplit(body, R"("input":{"operation":)");
  std::string answers;
  for (size_t i = 0; i + 1 < items.size(); ++i) {
    absl::StrAppend(&answers, i == 0 ? "" : ",", "\"", i, "\":", policy::kAllow);
  }
  return policy::Http(200, absl::StrCat(R"({"result":{)", answers, "}}"));
}

class DomainPolicyChangesTest : public DomainFolderFixture {
 protected:
  void SetUp() override {
    if (!HasOpa()) return;
    WriteRule("execute", "nothing", kNothing);
  }

  // With access enforced.
  void StartGuarded() {
    Start({"--set", "access.mode=enforced"});
    std::ifstream file(folder_ / "data/admin.token");
    std::getline(file, admin_token_);
    ASSERT_FALSE(admin_token_.empty());
  }
  // Of an administrator that may do only this.
  std::string TokenFor(const std::vector<std::string>& operations) {
    admin::v1::CreateTokenRequest request;
    request.set_principal("ann");
    request.add_roles("admin");
    for (const std::string& operation : operations) request.add_operations(operation);
    admin::v1::CreateTokenResponse response;
    const auto context = Context();
    context->AddMetadata("authorization", "Bearer " + admin_token_);
    const grpc::Status status = admin::v1::AccessService::NewStub(daemon_->Channel())
                                    ->CreateToken(context.get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.text();
  }
  // With policies of the server that deny `condition` of `admin`.
  void StartWithPolicies(const std::string& condition) {
    const auto write = [&](const std::string& name, const std::string& text) {
      std::filesystem::create_directories(folder_ / "server");
      std::ofstream(folder_ / ("server/" + name)) << text;
    };
    write("append.rego", RuleOf("append", "never", "input.tenant == 7"));
    write("register_schema.rego", RuleOf("register_schema", "never", "input.tenant == 7"));
    write("admin.rego", RuleOf("admin", "not_that", condition));
    Start({"--set", absl::StrCat("policy.embedded.bundle=", folder_ / "server")});
  }
  // What the server says to the package `store` with `files` in place of nexusctl's.
  grpc::Status ApplyFiles(const std::vector<std::pair<std::string, std::string>>& files,
                          const std::string& spec = R"({"categories":["item"]})") {
    admin::v1::ApplyDomainRequest request;
    request.set_name("store");
    admin::v1::DomainFile& declaration = *request.add_declarations();
    declaration.set_path("p.yaml");
    declaration.set_text(absl::StrCat(R"({"apiVersion":"nexus/v1","kind":"Policy",)"
                                      R"("metadata":{"name":"limits"},"spec":)",
                                      spec, "}"));
    for (const auto& [path, text] : files) {
      admin::v1::DomainFile& file = *request.add_files();
      file.set_path(path);
      file.set_text(text);
    }
    admin::v1::ApplyDomainResponse ignored;
    return admin::v1::DomainService::NewStub(daemon_->Channel())
        ->ApplyDomain(Context().get(), request, &ignored);
  }
  // Of one fault: its field, which ends in the pointer.
  static std::string PlaceOf(const grpc::Status& status) {
    const auto bad = DetailOf<google::rpc::BadRequest>(status);
    return bad.field_violations_size() == 1 ? bad.field_violations(0).field() : "";
  }

  std::string admin_token_;
};

TEST_F(DomainPolicyChangesTest, NeedTheOperationPolicyWrite) {
  StartGuarded();
  const std::string without = TokenFor({"domain-write", "domain-read", "schema-write"});
  const std::string with =
      TokenFor({"domain-write", "domain-read", "schema-write", "policy-write"});
  EXPECT_EQ(Apply(without), 6) << output_;
  EXPECT_THAT(output_, HasSubstr("policy-write"));
  ASSERT_EQ(Apply(with), 0) << output_;
  // To change nothing of it, and to take it away, as well.
  Write("item.js",
        "export const initial = { a: 1 };\nexport const evolve = (state) => state;\n"
        "export const decide = () => [];\n");
  EXPECT_EQ(Apply(without), 6);
  Remove("Policy-limits.yaml");
  EXPECT_EQ(Apply(without), 6);
  EXPECT_EQ(Nexusctl("domain rm store", without), 6);
  ASSERT_EQ(Apply(with), 0) << output_;
  // Now there is none.
  EXPECT_EQ(Nexusctl("domain rollback store --to 1", without), 6);
  EXPECT_EQ(Nexusctl("domain rm store", without), 0) << output_;
}

TEST_F(DomainPolicyChangesTest, AreAskedAboutWhenTheyComeAndStay) {
  StartWithPolicies("input.action == \"apply_policy\"");
  EXPECT_EQ(Apply(), 5);
  EXPECT_THAT(output_, HasSubstr("not_that"));
  Remove("Policy-limits.yaml");
  EXPECT_EQ(Apply(), 0) << output_;
}

TEST_F(DomainPolicyChangesTest, AreAskedAboutWhenTheyGo) {
  StartWithPolicies("input.action == \"remove_policy\"");
  ASSERT_EQ(Apply(), 0) << output_;
  EXPECT_EQ(Nexusctl("domain rm store"), 5);
  EXPECT_THAT(output_, HasSubstr("not_that"));
  Remove("Policy-limits.yaml");
  EXPECT_EQ(Apply(), 5);
  DeclarePolicy();
  EXPECT_EQ(Apply(), 0) << output_;
}

TEST_F(DomainPolicyChangesTest, AreToldBySourcesAndNotByWhatIsCompiled) {
  Start();
  EXPECT_EQ(Nexusctl("plan -o table -f " + Store()), 0);
  EXPECT_THAT(output_, HasSubstr("+ Policy limits\n"));
  ASSERT_EQ(Apply(), 0) << output_;
  EXPECT_EQ(Nexusctl("plan --exit-code -o table -f " + Store()), 0) << output_;
  EXPECT_THAT(output_, HasSubstr("store is so already"));

  WriteRule("execute", "nothing", "input.command.type == \"Nought\"");
  Write("policies/append.rego", RuleOf("append", "more", "input.tenant == 7"));
  EXPECT_EQ(Nexusctl("plan --exit-code -o table -f " + Store()), 100);
  EXPECT_THAT(output_, HasSubstr("~ Policy limits: its rules change\n"));
  EXPECT_THAT(output_, HasSubstr("    - input.command.type == \"Nothing\"\n"));
  EXPECT_THAT(output_, HasSubstr("    + input.command.type == \"Nought\"\n"));
  EXPECT_THAT(output_, HasSubstr("    +# policies/append.rego\n"));
  EXPECT_THAT(output_, Not(HasSubstr("H4sI")));  // what gzip begins with
  EXPECT_EQ(Nexusctl("plan -o json -f " + Store()), 0);
  EXPECT_THAT(output_, Not(HasSubstr("H4sI")));
  ASSERT_EQ(Apply(), 0) << output_;

  DeclarePolicy("{categories: [shelf]}");
  EXPECT_EQ(Nexusctl("plan -o table -f " + Store()), 0);
  EXPECT_THAT(output_, HasSubstr("~ Policy limits\n"));
  Write("item.js",
        "export const initial = 1;\nexport const evolve = (state) => state;\n"
        "export const decide = () => [];\n");
  DeclarePolicy();
  EXPECT_EQ(Nexusctl("plan -o table -f " + Store()), 0);
  EXPECT_THAT(output_, HasSubstr("~ Aggregate item: its code changes"));
  EXPECT_THAT(output_, Not(HasSubstr("Policy")));
  Remove("Policy-limits.yaml");
  EXPECT_EQ(Nexusctl("plan -o table -f " + Store()), 0);
  EXPECT_THAT(output_, HasSubstr("- Policy limits\n"));
}

TEST_F(DomainPolicyChangesTest, AreShownBySizeAndRevision) {
  Start();
  ASSERT_EQ(Apply(), 0) << output_;
  EXPECT_EQ(Nexusctl("domain show store -o table"), 0);
  EXPECT_THAT(output_, HasSubstr("policies/execute.rego ("));
  EXPECT_THAT(output_, HasSubstr(" bytes, policy revision "));
  EXPECT_THAT(output_, Not(HasSubstr("H4sI")));
}

TEST_F(DomainPolicyChangesTest, AreRefusedWithTheirPlace) {
  Start();
  const grpc::Status missing = ApplyFiles({{"policies/a.rego", "package nexus.append"}});
  EXPECT_EQ(ReasonOf(missing), "MALFORMED_REQUEST");
  EXPECT_EQ(PlaceOf(missing), "p.yaml#/spec/folder") << missing.error_message();
  for (const char* text : {"", "no base64!", "QUJD"}) {
    const grpc::Status status = ApplyFiles({{"policies/policy.bundle", text}});
    EXPECT_FALSE(status.ok()) << text;
    EXPECT_THAT(PlaceOf(status), ::testing::StartsWith("p.yaml")) << status.error_message();
  }
  EXPECT_EQ(PlaceOf(ApplyFiles({{"policies/policy.bundle", "QUJD"}}, R"({"categories":["$a"]})")),
            "p.yaml#/spec/categories/0");
  EXPECT_THAT(ReadStream("$domains"), IsEmpty());
}

TEST_F(DomainPolicyChangesTest, DoNotDecideAboutStreamsOfOtherDomains) {
  Start();
  ASSERT_EQ(Apply(), 0) << output_;
  Write("domain.yaml", "apiVersion: nexus/v1\nkind: Domain\nmetadata: {name: greedy}\n");
  Remove("Aggregate-item.yaml");
  DeclarePolicy("{categories: [shelf, item]}");
  EXPECT_EQ(Apply(), 1);
  EXPECT_THAT(output_, HasSubstr("Policy-limits.yaml:4"));
  EXPECT_THAT(output_, HasSubstr("it belongs to the aggregate item of the domain store"));
  EXPECT_THAT(ReadStream("$domains"), SizeIs(1));
}

TEST_F(DomainPolicyChangesTest, AreNotWrittenOverByWhoBeganBeforeThem) {
  // The first question about the domain waits until the test has seen enough.
  absl::Notification asked;
  absl::Notification answer;
  std::atomic<bool> first = true;
  const policy::ScriptedServer opa(
      folder_ / "opa.sock", [&](const std::string&, const std::string& body) {
        if (absl::StrContains(body, R"("action":"apply_domain")") && first.exchange(false)) {
          asked.Notify();
          answer.WaitForNotificationWithTimeout(kPatience);
        }
        return policy::ScriptedReply{AllowAll(body)};
      });
  Start({"--set", "policy.engine=opa", "--set",
         absl::StrCat("policy.opa.address=unix:", folder_ / "opa.sock"), "--set",
         "policy.opa.operations=[admin]", "--set", "policy.timeout_ms=60000"});
  grpc::Status late;
  std::thread applies([&] {
    admin::v1::ApplyDomainRequest request;
    request.set_name("store");
    admin::v1::DomainFile& declaration = *request.add_declarations();
    declaration.set_path("s.yaml");
    declaration.set_text(R"({"apiVersion":"nexus/v1","kind":"Schema",)"
                         R"("metadata":{"name":"Found"},"spec":{"definition":{}}})");
    admin::v1::ApplyDomainResponse ignored;
    late = admin::v1::DomainService::NewStub(daemon_->Channel())
               ->ApplyDomain(Context().get(), request, &ignored);
  });
  EXPECT_TRUE(asked.WaitForNotificationWithTimeout(kPatience));
  EXPECT_EQ(Apply(), 0) << output_;
  answer.Notify();
  applies.join();
  EXPECT_EQ(ReasonOf(late), "REVISION_CONFLICT") << late.error_message();
  EXPECT_THAT(ReadStream("$domains"), SizeIs(1));
  EXPECT_EQ(Nexusctl("plan --exit-code -f " + Store()), 0) << output_;
}

TEST_F(DomainPolicyChangesTest, AreThereAgainAfterARestart) {
  Start();
  ASSERT_EQ(Apply(), 0) << output_;
  Restart();
  EXPECT_EQ(Nexusctl("plan --exit-code -f " + Store()), 0) << output_;
}

}  // namespace
}  // namespace nexus::integration

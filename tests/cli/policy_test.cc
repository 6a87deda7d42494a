// nexusctl policy build and eval: policies without a server.

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/cli_fixture.h"
#include "fake/requirement.h"
#include "gmock/gmock.h"
#include "policy/opa/opa_program.h"

namespace nexus::cli {
namespace {

using ::testing::HasSubstr;

constexpr char kAllowed[] =
    R"({"operation":"append","streams":[{"name":"order-1","system":false}],"events":[{"type":"T",)"
    R"("category":"order","schema":{"registered":true,"required":true},"metadata":{},)"
    R"("routing":{"criticality":"low"}}]})";
constexpr char kDenied[] =
    R"({"operation":"append","streams":[{"name":"$x","system":true}],"events":[{"type":"T",)"
    R"("category":"order","schema":{"registered":true,"required":true},"metadata":{},)"
    R"("routing":{"criticality":"low"}}]})";

class PolicyTest : public CliFixture {
 protected:
  PolicyTest() { environment_["NEXUS_SERVER"] = "127.0.0.1:1"; }
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  void WritePolicy(const std::string& text) {
    std::filesystem::create_directory(Path("p"));
    WriteFile("p/a.rego", "package nexus.append\n" + text);
  }
  // False, after the right words, where the program `opa` is missing.
  static bool HasOpa() {
    return fake::Require(policy::FindOpa("").ok(), "opa is missing: scripts/install test");
  }
};

TEST_F(PolicyTest, EvalDecidesByThePoliciesThatShip) {
  const Outcome allowed = Run({"policy", "eval", "--input", "-", "-o", "json"}, kAllowed);
  EXPECT_EQ(allowed.code, 0) << allowed.err;
  EXPECT_THAT(allowed.out, HasSubstr(R"("allowed":true,"denials":[],"outcomes":[],"rules":[)"));
  const Outcome denied =
      Run({"policy", "eval", "--input", WriteFile("i.json", kDenied), "-o", "json"});
  EXPECT_EQ(denied.code, 5);
  EXPECT_THAT(denied.out, HasSubstr(R"("rule":"system_streams_are_the_servers")"));
}

TEST_F(PolicyTest, EvalSaysWhyItCannotDecide) {
  EXPECT_EQ(Run({"policy", "eval", "--input", "-"}, "{}").code, 2);
  const Outcome unknown =
      Run({"policy", "eval", "--input", "-", "--operation", "drop_everything"}, "{}");
  EXPECT_EQ(unknown.code, 7);
  EXPECT_THAT(unknown.err, HasSubstr("no policy decides drop_everything"));
  EXPECT_THAT(Run({"policy", "eval", "--input", "-", "--bundle", "/nowhere"}, kAllowed).err,
              HasSubstr("/nowhere"));
}

TEST_F(PolicyTest, BuildMakesABundleThatEvalReads) {
  if (!HasOpa()) return;
  WritePolicy(R"(decision := {"allow": input.n == data.n, "deny": []})");
  WriteFile("p/data.json", R"({"n": 3})");
  const std::string folder = Path("p");
  const std::string bundle = Path("b.tar.gz");
  const Outcome built = Run({"policy", "build", folder, "--output", bundle, "-o", "json"});
  EXPECT_EQ(built.code, 0) << built.err;
  EXPECT_THAT(built.out, HasSubstr(R"("operations":["append"])"));
  for (const std::string& policies : {bundle, folder}) {
    EXPECT_EQ(Run({"policy", "eval", "--bundle", policies, "--input", "-"},
                  R"({"operation":"append","n":3})")
                  .code,
              0);
    EXPECT_EQ(Run({"policy", "eval", "--bundle", policies, "--input", "-"},
                  R"({"operation":"append","n":4})")
                  .code,
              5);
  }
}

TEST_F(PolicyTest, BuildRefusesWhatTheEmbeddedEngineDoesNotSupply) {
  if (!HasOpa()) return;
  WritePolicy(R"(decision := {"allow": time.now_ns() > 1, "deny": []})");
  const std::string bundle = Path("b.tar.gz");
  const Outcome built = Run({"policy", "build", Path("p"), "--output", bundle});
  EXPECT_NE(built.code, 0);
  EXPECT_THAT(built.err, HasSubstr("time.now_ns"));
  EXPECT_EQ(ReadFile(bundle), "");
}

constexpr char kLadder[] = R"(
default allow := false

allow if input.operation == "append"

decision := {"allow": allow, "deny": [d | some d in deny]}

# METADATA
# title: Small numbers
# description: Large ones do not fit.
# custom:
#   rule: small
deny contains {"rule": "small", "message": "too large"} if input.n > 10

# METADATA
# title: Even numbers
# custom:
#   rule: even
deny contains {"rule": "even", "message": "odd"} if input.n % 2 == 1
)";

TEST_F(PolicyTest, EvalSaysWhatEachRuleContributed) {
  if (!HasOpa()) return;
  WritePolicy(kLadder);
  WriteFile("p/data.json", R"({"nexus":{"enforcement":{"append":{"small":{"mode":"warn"}}}}})");
  const Outcome warned =
      Run({"policy", "eval", "--bundle", Path("p"), "--input", "-", "-o", "json"},
          R"({"operation":"append","n":12})");
  EXPECT_EQ(warned.code, 0) << warned.err;
  EXPECT_THAT(warned.out, HasSubstr(R"("allowed":true,"denials":[],"outcomes":[{"rule":"small",)"
                                    R"("message":"too large","mode":"warn"}])"));
  EXPECT_THAT(warned.out,
              HasSubstr(R"({"rule":"even","title":"Even numbers","reason":"","mode":"deny",)"
                        R"("share":1,"denies":false,"messages":[]})"));
  EXPECT_THAT(warned.out, HasSubstr(R"({"rule":"small","title":"Small numbers",)"
                                    R"("reason":"Large ones do not fit.","mode":"warn",)"
                                    R"("share":1,"denies":true,"messages":["too large"]})"));
  EXPECT_EQ(Run({"policy", "eval", "--bundle", Path("p"), "--input", "-"},
                R"({"operation":"append","n":13})")
                .code,
            5);
  const Outcome listed = Run({"policy", "ls", "--bundle", Path("p"), "-o", "json"});
  EXPECT_THAT(listed.out, HasSubstr(R"("rule":"small","mode":"warn","share":1)"));
}

TEST_F(PolicyTest, BuildRefusesTheEnforcementOfARuleThatThereIsNot) {
  if (!HasOpa()) return;
  WritePolicy(kLadder);
  WriteFile("p/data.json", R"({"nexus":{"enforcement":{"append":{"smal":{"mode":"warn"}}}}})");
  const Outcome built = Run({"policy", "build", Path("p"), "--output", Path("b.tar.gz")});
  EXPECT_NE(built.code, 0);
  EXPECT_THAT(built.err, HasSubstr("data.nexus.enforcement.append.smal"));
}

TEST_F(PolicyTest, LsNamesEveryRuleThatShips) {
  const Outcome listed = Run({"policy", "ls", "-o", "json"});
  EXPECT_EQ(listed.code, 0) << listed.err;
  for (const char* rule : {"append_only", "system_streams_are_the_servers",
                           "registered_schema_required", "critical_event_needs_owner",
                           "service_writes_its_own_streams", "owned_streams_are_the_owners",
                           "query_span_is_bounded", "role_required", "reserved_subject"}) {
    EXPECT_THAT(listed.out, HasSubstr(absl::StrCat("\"rule\":\"", rule, "\"")));
  }
  EXPECT_THAT(listed.out, ::testing::Not(HasSubstr(R"("title":"")")));
  EXPECT_THAT(listed.out, ::testing::Not(HasSubstr(R"("reason":"")")));
}

TEST_F(PolicyTest, TestRunsTheTestsOfAFolder) {
  if (!HasOpa()) return;
  WritePolicy(kLadder);
  WriteFile("p/a_test.rego",
            "package nexus.append_test\n\nimport data.nexus.append\n\n"
            "test_small if append.decision.allow with input as {\"operation\": \"append\"}\n");
  const Outcome passed = Run({"policy", "test", Path("p"), "-o", "json"});
  EXPECT_EQ(passed.code, 0) << passed.err;
  EXPECT_THAT(passed.out, HasSubstr(R"("result":"passed","package":"data.nexus.append_test")"));
  WriteFile("p/b_test.rego", "package nexus.append_test\n\ntest_wrong if 1 == 2\n");
  const Outcome failed = Run({"policy", "test", Path("p"), "--report", "junit"});
  EXPECT_EQ(failed.code, 100) << failed.err;
  EXPECT_THAT(failed.out, HasSubstr("failures=\"1\""));
  EXPECT_THAT(failed.out, HasSubstr("data.nexus.append_test.test_wrong"));
  WriteFile("p/c.rego", "package nexus.append\n\nthis is not rego\n");
  EXPECT_EQ(Run({"policy", "test", Path("p")}).code, 1);
}

TEST_F(PolicyTest, TestFindsAFolderWithoutTests) {
  if (!HasOpa()) return;
  WritePolicy(kLadder);
  EXPECT_THAT(Run({"policy", "test", Path("p")}).err, HasSubstr("there are no tests"));
  EXPECT_THAT(Run({"policy", "test", Path("q")}).err, HasSubstr("is not a folder"));
}

}  // namespace
}  // namespace nexus::cli

// nexusctl policy build and eval: policies without a server.

#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/cli_fixture.h"
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
    if (policy::FindOpa("").ok()) return true;
    const char* ci = std::getenv("CI");
    EXPECT_FALSE(ci != nullptr && std::string(ci) == "true")
        << "opa is missing: scripts/install test";
    return false;
  }
};

TEST_F(PolicyTest, EvalDecidesByThePoliciesThatShip) {
  const Outcome allowed = Run({"policy", "eval", "--input", "-", "-o", "json"}, kAllowed);
  EXPECT_EQ(allowed.code, 0) << allowed.err;
  EXPECT_THAT(allowed.out, HasSubstr(R"("allowed":true,"denials":[],"policy_revision":")"));
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
  if (!HasOpa()) GTEST_SKIP() << "opa is missing: scripts/install test";
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
  if (!HasOpa()) GTEST_SKIP() << "opa is missing: scripts/install test";
  WritePolicy(R"(decision := {"allow": time.now_ns() > 1, "deny": []})");
  const std::string bundle = Path("b.tar.gz");
  const Outcome built = Run({"policy", "build", Path("p"), "--output", bundle});
  EXPECT_NE(built.code, 0);
  EXPECT_THAT(built.err, HasSubstr("time.now_ns"));
  EXPECT_EQ(ReadFile(bundle), "");
}

}  // namespace
}  // namespace nexus::cli

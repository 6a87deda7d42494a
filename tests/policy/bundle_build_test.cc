#include "policy/opa/bundle_build.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "policy/compiled_policies.h"
#include "policy/real_opa.h"
#include "policy/shipped/shipped_bundle.h"

namespace nexus::policy {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class BundleBuildTest : public testing::Test {
 protected:
  void SetUp() override { RequireOpa(); }
};

TEST_F(BundleBuildTest, NotesWhatEachDecisionReads) {
  const auto bundle = Compile({{"a.rego", R"(
package nexus.append
decision := {"allow": "w" in input.principal.roles, "deny": [d | some d in deny]}
deny contains {"rule": "r", "message": "m"} if { input.principal.roles[0] == "x"; helper }
helper if input.tenant == 3
)"},
                               {"b.rego", R"(
package nexus.register_schema
decision := {"allow": true, "deny": []}
)"},
                               {"c.rego", R"(
package nexus.delete_schema
decision := {"allow": input == {}, "deny": []}
)"}});
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  const InputPaths append{{"principal", "roles"}, {"tenant"}};
  EXPECT_EQ(bundle->reads, (std::map<std::string, InputReads>{
                               {"append", {append, append}},
                               {"register_schema", {{{"?"}}, {{"?"}}}},
                           }));
}

TEST_F(BundleBuildTest, TakesPackagesWithoutADecisionForHelpers) {
  const auto bundle =
      Compile({{"a.rego", "package nexus.append\ndecision := data.nexus.lib.yes"},
               {"b.rego", "package nexus.lib\nyes := {\"allow\": true, \"deny\": []}"}});
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->reads.size(), 1);
}

TEST_F(BundleBuildTest, CarriesTheData) {
  const auto bundle = Compile({{"a.rego", "package nexus.append\ndecision := data.roles.x"},
                               {"roles/data.json", R"({"x": {"allow": true, "deny": []}})"}});
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_THAT(bundle->data_json, HasSubstr("\"allow\""));
}

TEST_F(BundleBuildTest, GivesTheSameBytesForTheSameSources) {
  const Sources sources = DenyIf("input.tenant == 1");
  EXPECT_EQ(CompileArchive(sources).value(), CompileArchive(sources).value());
}

TEST_F(BundleBuildTest, SaysWhatOpaSaysAboutSources) {
  const absl::Status broken =
      Compile({{"a.rego", "package nexus.append\ndecision := nonsense"}}).status();
  EXPECT_EQ(ReasonOf(broken), ErrorReason::kConfigurationInvalid);
  EXPECT_THAT(broken.message(), HasSubstr("nonsense"));
  EXPECT_THAT(Compile({{"a.rego", "package other\nx := 1"}}).status().message(),
              HasSubstr("no rule data.nexus.<operation>.decision"));
}

TEST_F(BundleBuildTest, MadeTheBundleThatShips) {
  const auto shipped = ParseWasmBundle(ShippedBundle());
  ASSERT_TRUE(shipped.ok()) << shipped.status();
  // Nothing that tells one ordinary commit of a caller from another.
  const InputPaths& reads = shipped->reads.at("append").unformatted;
  EXPECT_THAT(reads, Contains(std::vector<std::string>{"events", "*", "schema", "registered"}));
  EXPECT_THAT(reads, Contains(std::vector<std::string>{"principal", "name"}));
  for (const std::vector<std::string>& path : InputPaths{{"events"},
                                                         {"events", "*"},
                                                         {"events", "*", "stream"},
                                                         {"events", "*", "first_index"},
                                                         {"events", "*", "metadata"},
                                                         {"events", "*", "bytes_max"},
                                                         {"streams"},
                                                         {"streams", "*"},
                                                         {"streams", "*", "name"}}) {
    EXPECT_THAT(reads, Not(Contains(path))) << ::testing::PrintToString(path);
  }
  EXPECT_EQ(shipped->rules.at("append").at("append_only").title, "History is only appended to");
  const auto again = BuildBundle(PolicySources() + "/policies/shipped", *FindOpa(""));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(ParseWasmBundle(*again)->revision, shipped->revision);
}

}  // namespace
}  // namespace nexus::policy

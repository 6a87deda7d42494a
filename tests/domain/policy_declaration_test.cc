#include "domain/policy_declaration.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::StatusOr<PolicyDeclaration> ParseSpec(const std::string& spec,
                                            const std::string& name = "rules") {
  schema::SimdJsonReader json;
  return ParsePolicy({.kind = Kind::kPolicy, .name = name, .spec = spec}, json);
}

TEST(PolicyDeclarationTest, HasAFolderAndMoreCategories) {
  const auto plain = ParseSpec("{}");
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(plain->name, "rules");
  EXPECT_EQ(plain->folder, "policies");
  EXPECT_THAT(plain->categories, IsEmpty());
  EXPECT_EQ(plain->bundle_path(), "policies/policy.bundle");

  const auto whole = ParseSpec(R"({"folder":"rules/of-1","categories":["b","a"]})");
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(whole->folder, "rules/of-1");
  EXPECT_THAT(whole->categories, ElementsAre("b", "a"));
  EXPECT_EQ(whole->bundle_path(), "rules/of-1/policy.bundle");
}

TEST(PolicyDeclarationTest, HoldsWhatIsInItsFolder) {
  const auto policy = ParseSpec(R"({"folder":"rules"})");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_TRUE(policy->Holds("rules/a.rego"));
  EXPECT_TRUE(policy->Holds("rules/deep/a.rego"));
  EXPECT_FALSE(policy->Holds("rules"));
  EXPECT_FALSE(policy->Holds("rules2/a.rego"));
  EXPECT_FALSE(policy->Holds("more/rules/a.rego"));
}

TEST(PolicyDeclarationTest, SaysWhereItIsWrong) {
  const std::pair<std::string, std::string> cases[] = {
      {R"({"folder":""})", "/spec/folder"},
      {R"({"folder":7})", "/spec/folder"},
      {R"({"folder":"../up"})", "/spec/folder"},
      {R"({"folder":"/etc"})", "/spec/folder"},
      {R"({"folder":"a//b"})", "/spec/folder"},
      {R"({"folder":".hidden"})", "/spec/folder"},
      {R"({"folder":"a b"})", "/spec/folder"},
      {R"({"categories":[]})", "/spec/categories"},
      {R"({"categories":"a"})", "/spec/categories"},
      {R"({"categories":["a","$a"]})", "/spec/categories/1"},
      {R"({"categories":["a-b"]})", "/spec/categories/0"},
      {R"({"categories":["a","a"]})", "/spec/categories/1"},
      {R"({"categorys":["a"]})", "/spec/categorys"}};
  for (const auto& [spec, pointer] : cases) {
    const absl::Status status = ParseSpec(spec).status();
    ASSERT_EQ(ReasonOf(status), ErrorReason::kMalformedRequest) << spec << status;
    ASSERT_EQ(DetailsOf(status).violations.size(), 1u) << spec;
    EXPECT_EQ(DetailsOf(status).violations[0].pointer, pointer) << spec;
  }
  EXPECT_EQ(DetailsOf(ParseSpec("{}", "My Rules").status()).violations.at(0).pointer,
            "/metadata/name");
  EXPECT_FALSE(
      ParseSpec(absl::StrCat(R"({"categories":[")", std::string(101, 'a'), R"("]})")).ok());
}

TEST(PolicyDeclarationTest, IsFoundInAPackage) {
  schema::SimdJsonReader json;
  const auto declaration = [](const std::string& kind, const std::string& name) {
    return absl::StrCat(R"({"apiVersion":"nexus/v1","kind":")", kind, R"(","metadata":{"name":")",
                        name, R"("},"spec":{}})");
  };
  const DomainPackage package{"shop",
                              {{"a.yaml", declaration("Policy", "one")},
                               {"b.yaml", declaration("Policy", "Not A Name")},
                               {"c.yaml", declaration("Role", "role")},
                               {"d.yaml", "no json"}}};
  const auto policies = PoliciesOf(package, json);
  ASSERT_EQ(policies.size(), 1u);
  EXPECT_EQ(policies[0].name, "one");
}

}  // namespace
}  // namespace nexus::domain

// What the policies of domains become: whose streams they decide about, and what is refused.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "digest/sha256.h"
#include "domain/domain_state.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string DeclarationOf(absl::string_view kind, absl::string_view name, absl::string_view spec) {
  return absl::StrCat(R"({"apiVersion":"nexus/v1","kind":")", kind, R"(","metadata":{"name":")",
                      name, R"("},"spec":)", spec, "}");
}

PackageFile AggregateOf(absl::string_view name) {
  return {absl::StrCat(name, ".yaml"), DeclarationOf("Aggregate", name,
                                                     absl::StrCat(R"({"id":"/id","commands":["Do)",
                                                                  name, R"("],"events":["E"]})"))};
}

PackageFile PolicyOf(absl::string_view name, absl::string_view spec = "{}") {
  return {absl::StrCat("p-", name, ".yaml"), DeclarationOf("Policy", name, spec)};
}

class PolicyStateTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::shared_ptr<const DomainState>> Build(std::vector<DomainPackage> packages) {
    std::map<std::string, DomainRecord> domains;
    for (DomainPackage& package : packages) {
      DomainRecord& record = domains[package.name];
      record.version = 7;
      record.package = std::make_shared<const DomainPackage>(std::move(package));
    }
    return DomainState::Build(std::move(domains), json_);
  }
  // Where `packages` are wrong: "FILE POINTER".
  std::string FaultOf(std::vector<DomainPackage> packages) {
    const absl::Status status = Build(std::move(packages)).status();
    EXPECT_EQ(ReasonOf(status), ErrorReason::kMalformedRequest) << status;
    said_ = std::string(status.message());
    const std::vector<Violation> violations = DetailsOf(status).violations;
    if (violations.empty()) return "";
    return absl::StrCat(violations[0].field, " ", violations[0].pointer);
  }

  const std::vector<PackageFile> bundle_ = {{"policies/policy.bundle", "QUJD"}};
  std::string said_;
  schema::SimdJsonReader json_;
};

TEST_F(PolicyStateTest, DecidesAboutTheStreamsOfItsDomain) {
  const auto state =
      Build({{"shop", {AggregateOf("order"), AggregateOf("cart"), PolicyOf("rules")}, bundle_},
             {"other", {AggregateOf("lamp")}, {}}});
  ASSERT_TRUE(state.ok()) << state.status();
  ASSERT_THAT((*state)->policies(), SizeIs(1));
  const PolicyRecord& policy = (*state)->policies()[0];
  EXPECT_EQ(policy.declaration.name, "rules");
  EXPECT_EQ(policy.domain, "shop");
  EXPECT_EQ(policy.domain_version, 7u);
  EXPECT_THAT(policy.categories, ElementsAre("cart", "order"));
  EXPECT_EQ(policy.bundle_text(), "QUJD");
  EXPECT_EQ(policy.digest, Sha256Hex("QUJD"));
}

TEST_F(PolicyStateTest, DecidesAlsoAboutCategoriesThatAreNoAggregates) {
  const auto state = Build(
      {{"shop",
        {AggregateOf("order"), PolicyOf("rules", R"({"categories":["audit","order","audit2"]})")},
        bundle_}});
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_THAT((*state)->policies().at(0).categories, ElementsAre("audit", "audit2", "order"));
  const auto alone = Build({{"shop", {PolicyOf("rules", R"({"categories":["audit"]})")}, bundle_}});
  ASSERT_TRUE(alone.ok()) << alone.status();
  EXPECT_THAT((*alone)->policies().at(0).categories, ElementsAre("audit"));
}

TEST_F(PolicyStateTest, AreInOrderOfDomainAndName) {
  const auto state =
      Build({{"b",
              {AggregateOf("two"), PolicyOf("z"), PolicyOf("a", R"({"folder":"more"})")},
              {{"more/policy.bundle", ""}, {"policies/policy.bundle", ""}}},
             {"a", {AggregateOf("one"), PolicyOf("m")}, bundle_}});
  ASSERT_TRUE(state.ok()) << state.status();
  std::vector<std::string> names;
  for (const PolicyRecord& policy : (*state)->policies()) {
    names.push_back(absl::StrCat(policy.domain, "/", policy.declaration.name));
  }
  EXPECT_THAT(names, ElementsAre("a/m", "b/a", "b/z"));
}

TEST_F(PolicyStateTest, NeedsItsBundle) {
  EXPECT_EQ(FaultOf({{"shop", {AggregateOf("order"), PolicyOf("rules")}, {}}}),
            "p-rules.yaml /spec/folder");
  EXPECT_THAT(said_, HasSubstr("there is no file policies/policy.bundle in the domain"));
}

TEST_F(PolicyStateTest, DoesNotDecideAboutStreamsOfOthers) {
  EXPECT_EQ(FaultOf({{"shop",
                      {AggregateOf("order"), PolicyOf("rules", R"({"categories":["x","lamp"]})")},
                      bundle_},
                     {"home", {AggregateOf("lamp")}, {}}}),
            "p-rules.yaml /spec/categories/1");
  EXPECT_THAT(said_,
              HasSubstr("the policy rules of the domain shop cannot decide about the "
                        "category lamp: it belongs to the aggregate lamp of the domain home"));
}

TEST_F(PolicyStateTest, MustDecideAboutSomething) {
  EXPECT_EQ(FaultOf({{"shop", {PolicyOf("rules")}, bundle_}}), "p-rules.yaml /spec");
}

TEST_F(PolicyStateTest, HasAFolderOfItsOwn) {
  const std::vector<PackageFile> files = {{"policies/policy.bundle", ""},
                                          {"policies/in/policy.bundle", ""}};
  for (const char* spec : {"{}", R"({"folder":"policies/in"})"}) {
    EXPECT_EQ(
        FaultOf({{"shop", {AggregateOf("order"), PolicyOf("one"), PolicyOf("two", spec)}, files}}),
        "p-two.yaml /spec/folder");
    EXPECT_THAT(said_, HasSubstr("belongs to the policy one"));
    EXPECT_EQ(
        FaultOf({{"shop", {AggregateOf("order"), PolicyOf("one", spec), PolicyOf("two")}, files}}),
        "p-two.yaml /spec/folder");
  }
}

TEST_F(PolicyStateTest, ChangesNoCode) {
  const auto digest = [&](const std::vector<PackageFile>& declarations,
                          const std::vector<PackageFile>& files) {
    const auto state = Build({{"shop", declarations, files}});
    EXPECT_TRUE(state.ok()) << state.status();
    return state.ok() ? (*state)->FindAggregate("order")->code_digest : "";
  };
  const std::string without = digest({AggregateOf("order")}, {{"a.js", "1"}});
  const std::vector<PackageFile> both = {AggregateOf("order"), PolicyOf("rules")};
  EXPECT_EQ(digest(both, {{"a.js", "1"}, {"policies/a.rego", "x"}, bundle_[0]}), without);
  EXPECT_EQ(digest(both, {{"a.js", "1"}, {"policies/a.rego", "y"}, {bundle_[0].path, "RA=="}}),
            without);
  EXPECT_NE(digest(both, {{"a.js", "2"}, bundle_[0]}), without);
  // A script in there can be imported.
  EXPECT_NE(digest(both, {{"a.js", "1"}, {"policies/b.js", ""}, bundle_[0]}), without);
}

}  // namespace
}  // namespace nexus::domain

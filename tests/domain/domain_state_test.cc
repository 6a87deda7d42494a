#include "domain/domain_state.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::domain {
namespace {

std::string Aggregate(absl::string_view name, absl::string_view spec) {
  return absl::StrCat(R"({"apiVersion":"nexus/v1","kind":"Aggregate","metadata":{"name":")", name,
                      R"("},"spec":)", spec, "}");
}

constexpr char kSpec[] = R"({"script":"a.js","id":"/id","commands":["Do"],"events":["Done"]})";

class DomainStateTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::shared_ptr<const DomainState>> Build(std::vector<PackageFile> declarations,
                                                           std::vector<PackageFile> files = {
                                                               {"a.js", "export {}"}}) {
    return BuildAll({{"one", std::move(declarations), std::move(files)}});
  }
  absl::StatusOr<std::shared_ptr<const DomainState>> BuildAll(std::vector<DomainPackage> packages) {
    std::map<std::string, DomainRecord> domains;
    for (DomainPackage& package : packages) {
      DomainRecord& record = domains[package.name];
      record.version = 1;
      record.package = std::make_shared<const DomainPackage>(std::move(package));
    }
    return DomainState::Build(std::move(domains), json_);
  }
  schema::SimdJsonReader json_;
};

TEST_F(DomainStateTest, FindsAggregatesByWhatTheyDeclare) {
  const auto state = Build({{"x.json", Aggregate("thing", kSpec)}});
  ASSERT_TRUE(state.ok()) << state.status();
  const AggregateRecord* thing = (*state)->FindCommand("Do");
  ASSERT_NE(thing, nullptr);
  EXPECT_EQ(thing->declaration.category, "thing");
  EXPECT_EQ(thing->declaration.id_pointer, "/id");
  EXPECT_FALSE(thing->declaration.is_remote());
  EXPECT_EQ(thing->declaration.snapshots, SnapshotDeclaration());
  EXPECT_EQ((*state)->FindAggregate("thing"), thing);
  EXPECT_EQ((*state)->FindCategory("thing"), thing);
  EXPECT_EQ((*state)->FindCommand("Undo"), nullptr);
}

TEST_F(DomainStateTest, SaysWhereADeclarationIsWrong) {
  const std::pair<std::string, std::string> cases[] = {
      {R"({"id":"/id","commands":["Do"],"events":["Done"],"scipt":"a.js"})", "/spec/scipt"},
      {R"({"script":"b.js","id":"/id","commands":["Do"],"events":["Done"]})", "/spec/script"},
      {R"({"script":"a.js","id":"id","commands":["Do"],"events":["Done"]})", "/spec/id"},
      {R"({"script":"a.js","id":"/id","commands":[],"events":["Done"]})", "/spec/commands"},
      {R"({"script":"a.js","id":"/id","commands":["Do","Do"],"events":["Done"]})",
       "/spec/commands/1"},
      {R"({"script":"a.js","id":"/id","commands":["Do"],"events":["$done"]})", "/spec/events/0"},
      {R"({"script":"a.js","id":"/id","commands":["Do"],"events":["Done"],"category":"a-b"})",
       "/spec/category"},
      {R"({"script":"a.js","id":"/id","commands":["Do"],"events":["Done"],
           "snapshots":{"mode":"often"}})",
       "/spec/snapshots/mode"}};
  for (const auto& [spec, pointer] : cases) {
    const absl::Status status = Build({{"x.json", Aggregate("thing", spec)}}).status();
    ASSERT_EQ(ReasonOf(status), ErrorReason::kMalformedRequest) << spec;
    const ErrorDetails details = DetailsOf(status);
    ASSERT_FALSE(details.violations.empty()) << spec;
    EXPECT_EQ(details.violations[0].pointer, pointer) << status;
    EXPECT_EQ(details.violations[0].field, "x.json");
  }
}

TEST_F(DomainStateTest, RefusesWhatTwoAggregatesClaim) {
  const std::string other = R"({"script":"a.js","id":"/id","commands":["Do"],"events":["Other"]})";
  const absl::Status status =
      BuildAll({{"one", {{"x.json", Aggregate("thing", kSpec)}}, {{"a.js", ""}}},
                {"two", {{"y.json", Aggregate("other", other)}}, {{"a.js", ""}}}})
          .status();
  EXPECT_TRUE(absl::StrContains(status.message(),
                                "the command Do belongs to the aggregate thing of the domain one"))
      << status;
}

TEST_F(DomainStateTest, TellsCodeByItsDigest) {
  const auto digest = [&](const std::string& code) {
    return (*Build({{"x.json", Aggregate("thing", kSpec)}}, {{"a.js", code}}))
        ->FindAggregate("thing")
        ->code_digest;
  };
  EXPECT_EQ(digest("1"), digest("1"));
  EXPECT_NE(digest("1"), digest("2"));
}

TEST_F(DomainStateTest, ReadsUpcasters) {
  const std::string next = R"({"apiVersion":"nexus/v1","kind":"Upcaster",
      "metadata":{"name":"done-2"},"spec":{"script":"a.js","type":"Done","from":1}})";
  const std::string successor = R"({"apiVersion":"nexus/v1","kind":"Upcaster",
      "metadata":{"name":"done-to-ended"},
      "spec":{"script":"a.js","type":"Done","from":2,"to_type":"Ended"}})";
  const auto state = Build({{"n.json", next}, {"s.json", successor}});
  ASSERT_TRUE(state.ok()) << state.status();
  ASSERT_EQ((*state)->upcasters().size(), 2u);
  EXPECT_EQ((*state)->upcasters()[0].declaration.to, 2u);
  EXPECT_EQ((*state)->upcasters()[1].declaration.to_type, "Ended");
  EXPECT_EQ((*state)->upcasters()[1].declaration.to, 1u);
  EXPECT_FALSE(Build({{"n.json", next}, {"again.json", next}}).ok());
}

}  // namespace
}  // namespace nexus::domain

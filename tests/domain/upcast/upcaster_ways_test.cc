#include "domain/upcast/upcaster_ways.h"

#include "domain/upcast/upcaster_domain.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::domain {
namespace {

using ::testing::HasSubstr;

class UpcasterWaysTest : public ::testing::Test {
 protected:
  UpcasterWaysTest() {
    for (const auto& [subject, version] :
         {std::pair("Made", 1), {"Made", 2}, {"Done", 1}, {"Over", 1}, {"Bits", 1}}) {
      auto record = std::make_shared<schema::SchemaRecord>();
      record->subject = subject;
      record->version = static_cast<uint32_t>(version);
      if (record->subject == "Bits") record->format = SchemaFormat::kAvro;
      catalog_.Add(std::move(record));
    }
  }

  // Of the first one that is declared.
  absl::Status Check(const std::vector<NamedUpcaster>& upcasters,
                     std::vector<PackageFile> declarations = {}) {
    state_ = DomainOf(json_, upcasters, std::move(declarations));
    for (const UpcasterRecord& record : state_->upcasters()) {
      if (record.declaration.name != upcasters.front().name) continue;
      return CheckUpcasterWay(record, *state_, {catalog_, planned_});
    }
    return absl::NotFoundError("not declared");
  }
  static std::string PointerOf(const absl::Status& status) {
    const ErrorDetails details = DetailsOf(status);
    return details.violations.empty() ? "" : details.violations.front().pointer;
  }

  schema::SimdJsonReader json_;
  schema::SchemaCatalog catalog_{schema::SchemaMode::kRequired};
  std::vector<schema::SchemaRecordPtr> planned_;
  std::shared_ptr<const DomainState> state_;
};

TEST_F(UpcasterWaysTest, TakesAStepBetweenVersionsAndOneToASuccessor) {
  EXPECT_TRUE(Check({{.name = "a"}}).ok());
  EXPECT_TRUE(Check({{.name = "a", .from = 2, .to_type = "Done"}}).ok());
  EXPECT_TRUE(Check({{.name = "a", .from = 2, .to_type = "Done"},
                     {.name = "b"},
                     {.name = "c", .type = "Done", .to_type = "Over"}})
                  .ok());
}

TEST_F(UpcasterWaysTest, BothEndsMustBeRegistered) {
  const absl::Status no_next = Check({{.name = "a", .from = 2}});
  EXPECT_EQ(ReasonOf(no_next), ErrorReason::kSchemaNotRegistered);
  EXPECT_EQ(PointerOf(no_next), "/spec/to");
  EXPECT_THAT(std::string(no_next.message()), HasSubstr("no version 3 of Made"));
  EXPECT_EQ(PointerOf(Check({{.name = "a", .type = "Gone"}})), "/spec/from");
  EXPECT_EQ(PointerOf(Check({{.name = "a", .from = 2, .to_type = "Gone"}})), "/spec/to_type");
  // What comes with the same package is there.
  auto record = std::make_shared<schema::SchemaRecord>();
  record->subject = "Made";
  record->version = 3;
  planned_.push_back(record);
  EXPECT_TRUE(Check({{.name = "a", .from = 2}}).ok());
}

TEST_F(UpcasterWaysTest, TakesAndGivesJson) {
  const absl::Status status = Check({{.name = "a", .from = 2, .to_type = "Bits"}});
  EXPECT_EQ(ReasonOf(status), ErrorReason::kUnimplemented);
  EXPECT_THAT(std::string(status.message()), HasSubstr("take and give JSON"));
}

TEST_F(UpcasterWaysTest, ATypeHasOneSuccessor) {
  const absl::Status status = Check({{.name = "a", .from = 2, .to_type = "Done"},
                                     {.name = "b", .from = 1, .to_type = "Over", .domain = "two"}});
  EXPECT_EQ(PointerOf(status), "/spec/to_type");
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("has the successor Over already, by the upcaster b of the domain two"));
}

TEST_F(UpcasterWaysTest, ASuccessorLeavesNoVersionOut) {
  const absl::Status status = Check({{.name = "a", .from = 1, .to_type = "Done"}});
  EXPECT_EQ(PointerOf(status), "/spec/from");
  EXPECT_THAT(std::string(status.message()), HasSubstr("Made has version 2"));
}

TEST_F(UpcasterWaysTest, SuccessorsGoInNoCircle) {
  const absl::Status status = Check({{.name = "a", .from = 2, .to_type = "Done"},
                                     {.name = "b", .type = "Done", .to_type = "Over"},
                                     {.name = "c", .type = "Over", .to_type = "Made"}});
  EXPECT_THAT(std::string(status.message()), HasSubstr("go in a circle"));
}

TEST_F(UpcasterWaysTest, NobodyDecidesUponATypeThatHasASuccessor) {
  const std::string aggregate =
      R"({"apiVersion":"nexus/v1","kind":"Aggregate","metadata":{"name":"thing"},"spec":
      {"script":"a.js","id":"/id","commands":["Do"],"events":["Over","Made"]}})";
  ASSERT_TRUE(Check({{.name = "a", .from = 2, .to_type = "Done"}}, {{"x.yaml", aggregate}}).ok());
  const absl::Status status = CheckDecidedTypes(*state_->aggregates().front(), *state_);
  EXPECT_EQ(PointerOf(status), "/spec/events/1");
  EXPECT_THAT(std::string(status.message()), HasSubstr("Made has the successor Done"));
  // Of another domain's aggregate the upcaster is told.
  const absl::Status other = Check({{.name = "a", .from = 2, .to_type = "Done", .domain = "two"}},
                                   {{"x.yaml", aggregate}});
  EXPECT_THAT(std::string(other.message()), HasSubstr("the aggregate thing of the domain one"));
}

}  // namespace
}  // namespace nexus::domain

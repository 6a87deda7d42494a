#include "tidy/domain_words.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::tidy {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(DomainWords, AreTheTypesAndIdsOfTheExamples) {
  EXPECT_THAT(DomainWords({{"examples/shop/domain.yaml", "x"},
                           {"examples/shop/schemas/Sold.json", R"({"shopId": 1, "Id2": "aId"})"},
                           {"examples/shop/aggregates/shop.js", "Other"},
                           {"examples/other/schemas/Loose.json", "{}"},
                           {"src/domain.yaml", "x"}}),
              ElementsAre("Sold", "shopId"));
}

TEST(DomainWords, AreFoundInCodeAndTextsButNotInComments) {
  const auto at = [](int line) {
    return ::testing::AllOf(Field(&Finding::line, line),
                            Field(&Finding::message, HasSubstr("Sold is a")));
  };
  EXPECT_THAT(CheckDomainWords({"src/a.cc",
                                "// Sold\nint Sold;\nconst char* s = \"http://x Sold\";\n"
                                "int x;  // \"Sold\"\nR\"js(\n// Sold\n)js\";\nint SoldOut;\n"},
                               {"Sold"}),
              ElementsAre(at(2), at(3), at(6)));
  EXPECT_THAT(CheckDomainWords({"proto/a.proto", "message Sold {}\n"}, {"Sold"}), SizeIs(1));
  EXPECT_THAT(CheckDomainWords({"tests/a.cc", "int Sold;\n"}, {"Sold"}), IsEmpty());
}

TEST(Repository, KnowsNoDomain) {
  const std::vector<SourceFile> tree = ReadSourceTree(SourceRoot());
  const std::set<std::string> words = DomainWords(tree);
  for (const char* word :
       {"PlaceOrder", "CancelOrder", "ShipOrder", "OrderPlaced", "OrderCancelled", "OrderShipped",
        "RegisterSensor", "RecordReading", "TriggerAlert", "SensorRegistered", "ReadingRecorded",
        "AlertTriggered", "orderId", "sensorId"}) {
    EXPECT_THAT(words, Contains(word));
  }
  Findings findings;
  for (const SourceFile& file : tree) Append(findings, CheckDomainWords(file, words));
  EXPECT_THAT(findings, IsEmpty());
}

}  // namespace
}  // namespace nexus::tidy

// The reports of nexusctl check and graph drift, as the programs of a pipeline read them.

#include <string>

#include "cli/check_fixture.h"
#include "cli/sarif_schema.h"
#include "cli/xml_check.h"
#include "gmock/gmock.h"

namespace nexus::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class GateReportTest : public CheckFixture {
 protected:
  GateReportTest() {
    Write("d/schemas/a.json", "{}");
    Write("d/graph.yaml",
          "services:\n  orders:\n    publishes: [a]\n    calls: [{service: tax, because: old}]\n"
          "  billing:\n    publishes: [a]\n    consumes: [b]\n");
  }
  void ExpectSarif(const std::string& report) {
    const Outcome outcome =
        Run({"schema", "validate", "--schema", WriteFile("sarif.json", kSarifSubset), "-"}, report);
    EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err << report;
  }
};

TEST_F(GateReportTest, SarifHasRulesLevelsAndPlaces) {
  const Outcome outcome = Check({At("d"), "--format", "sarif"});
  EXPECT_EQ(outcome.code, 100);
  ExpectSarif(outcome.out);
  EXPECT_THAT(outcome.out, HasSubstr(R"("version":"2.1.0")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("ruleId":"NOT_PUBLISHED")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("level":"note")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("level":"warning")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"(graph.yaml"},"region":{"startLine":7}})"));
}

TEST_F(GateReportTest, JunitFailsErrorsOnly) {
  const Outcome outcome = Check({At("d"), "--format", "junit"});
  EXPECT_THAT(XmlCheck(outcome.out).Fault(), IsEmpty()) << outcome.out;
  // Not published and without a schema; two publishers and a call that is tolerated; a.json.
  EXPECT_THAT(outcome.out, HasSubstr(R"(tests="5" failures="2" errors="0" time="0" skipped="2")"));
  const Outcome strict = Check({At("d"), "--format", "junit", "--strict"});
  EXPECT_THAT(strict.out, HasSubstr(R"(failures="3")"));
}

TEST_F(GateReportTest, SeveralReportsAtOnce) {
  const Outcome outcome = Check({At("d"), "--format", "sarif=" + At("o.sarif"), "--format",
                                 "junit=" + At("o.xml"), "--format", "json=" + At("o.json")});
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out, HasSubstr("error: NOT_PUBLISHED"));  // as text, too
  ExpectSarif(ReadFile(At("o.sarif")));
  EXPECT_THAT(XmlCheck(ReadFile(At("o.xml"))).Fault(), IsEmpty());
  EXPECT_THAT(ReadFile(At("o.json")), StartsWith(R"({"check":"check","files":[)"));
  EXPECT_THAT(ReadFile(At("o.json")), HasSubstr(R"("line":7,)"));
  const Outcome json = Check({At("d"), "--format", "json", "--format", "text=" + At("o.txt")});
  EXPECT_EQ(json.out, ReadFile(At("o.json")));
  EXPECT_EQ(ReadFile(At("o.txt")), outcome.out);
}

TEST_F(GateReportTest, NoFindingIsAReportToo) {
  Remove("d/graph.yaml");
  const Outcome sarif = Check({At("d"), "--format", "sarif", "--format", "junit=" + At("o.xml")});
  EXPECT_EQ(sarif.code, 0);
  ExpectSarif(sarif.out);
  EXPECT_THAT(ReadFile(At("o.xml")), HasSubstr(R"(tests="1" failures="0")"));
}

}  // namespace
}  // namespace nexus::cli

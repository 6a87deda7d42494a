// The reports that other programs read: SARIF 2.1.0 and JUnit XML.

#include "absl/strings/str_cat.h"
#include "cli/cli_fixture.h"
#include "cli/finding_report.h"
#include "cli/sarif_schema.h"
#include "cli/xml_check.h"
#include "cli/xml_text.h"
#include "gmock/gmock.h"

namespace nexus::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kHostile[] = "<a b=\"c\">&]]>'\\\x01\x1b[31m\t\r\n\xff\xEF\xBF\xBF \xc3\xbc";

FindingReport HostileReport() {
  ReportedFinding finding;
  finding.rule = kHostile;
  finding.message = kHostile;
  finding.file = absl::StrCat("folder/", kHostile);
  finding.path = absl::StrCat("/", kHostile);
  finding.old_value = kHostile;
  finding.new_value = kHostile;
  finding.fix = kHostile;
  ReportedFinding other = finding;
  other.rule = "OTHER";
  other.line = 7;
  return {kHostile, {finding.file, "fine.json"}, {finding, other, finding}};
}

class ReportTest : public CliFixture {
 protected:
  void ExpectSarif(const std::string& report) {
    const Outcome outcome = Run({"schema", "validate", "--schema", sarif_, "-"}, report);
    EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err << report;
  }
  static void ExpectXml(const std::string& report) {
    EXPECT_THAT(XmlCheck(report).Fault(), IsEmpty()) << report;
  }
  const std::string sarif_ = WriteFile("sarif.json", kSarifSubset);
  const std::string wide_ = WriteFile("wide.json", R"({"maximum":9})");
  const std::string narrow_ = WriteFile("narrow.json", R"({"maximum":5})");
};

TEST(XmlCheckTest, FindsWhatIsNotWellFormed) {
  const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  EXPECT_THAT(XmlCheck(head + "<a b=\"&lt;\"><c/>x&amp;y</a>\n").Fault(), IsEmpty());
  for (const char* bad :
       {"", "<a>", "<a></b>", "<a b=\"<\"/>", "<a>&</a>", "<a>]]></a>", "<a/><b/>",
        "<a b=\"1\" b=\"2\"/>", "<a>\x01</a>", "<a>\xff</a>", "<a b=c/>"}) {
    EXPECT_THAT(XmlCheck(head + bad).Fault(), Not(IsEmpty())) << bad;
  }
}

TEST(XmlTextTest, HasACharacterForEveryByte) {
  EXPECT_EQ(XmlEscaped("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&apos;");
  EXPECT_EQ(XmlEscaped("\t\n\r"), "&#9;&#10;&#13;");
  EXPECT_EQ(XmlEscaped("\xc3\xbc\x01"), "\xc3\xbc\xEF\xBF\xBD");
  EXPECT_EQ(XmlEscaped("\xff\xEF\xBF\xBE"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(XmlEscaped(absl::string_view("\0", 1)), "\xEF\xBF\xBD");
}

TEST_F(ReportTest, HostileTextIsEscapedInSarif) {
  const std::string sarif = SarifReport(HostileReport());
  ExpectSarif(sarif);
  EXPECT_THAT(sarif, HasSubstr(R"("uri":"folder/%3Ca%20b%3D%22c%22%3E%26)"));
  EXPECT_THAT(sarif, Not(HasSubstr("\x1b")));
  // A rule stands once and results point at it.
  EXPECT_THAT(sarif, HasSubstr(R"("ruleId":"OTHER","ruleIndex":1)"));
  EXPECT_THAT(sarif, HasSubstr(R"("startLine":7)"));
}

TEST_F(ReportTest, HostileTextIsEscapedInJunit) {
  const std::string junit = JunitReport(HostileReport());
  ExpectXml(junit);
  EXPECT_THAT(junit, HasSubstr(R"(tests="4" failures="3")"));
  EXPECT_THAT(junit, HasSubstr(R"(file="fine.json" time="0"/>)"));
}

TEST_F(ReportTest, NoFindingIsAReportToo) {
  const FindingReport report{"schema compat", {"new.json"}, {}};
  ExpectSarif(SarifReport(report));
  ExpectXml(JunitReport(report));
  EXPECT_THAT(JunitReport(report), HasSubstr(R"(tests="1" failures="0")"));
  EXPECT_THAT(TextReport(report), IsEmpty());
}

TEST_F(ReportTest, CompatWritesSarifInPlaceOfItsOwnWords) {
  const Outcome outcome = Run({"schema", "compat", wide_, narrow_, "--report", "sarif"});
  EXPECT_EQ(outcome.code, 100);
  ExpectSarif(outcome.out);
  EXPECT_THAT(outcome.out, HasSubstr(R"("ruleId":"MAXIMUM_DECREASED")"));
  EXPECT_THAT(outcome.out, HasSubstr("narrow.json"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("fullyQualifiedName":"/maximum")"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("wide.json")));
}

TEST_F(ReportTest, AReportFileLeavesStandardOutputAsItIs) {
  const std::string file = folder_ + "/report.xml";
  const Outcome outcome =
      Run({"schema", "compat", wide_, narrow_, "--report", "junit", "--report-file", file});
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out, StartsWith(R"({"compatible":false)"));
  ExpectXml(ReadFile(file));
  EXPECT_THAT(ReadFile(file), HasSubstr(R"(<failure type="MAXIMUM_DECREASED")"));
  // The next report replaces it.
  EXPECT_EQ(
      Run({"schema", "compat", narrow_, wide_, "--report", "sarif", "--report-file", file}).code,
      0);
  ExpectSarif(ReadFile(file));
  EXPECT_EQ(Run({"schema", "compat", wide_, narrow_, "--report-file", file}).code, 100);
  EXPECT_THAT(ReadFile(file), HasSubstr("narrow.json: error: MAXIMUM_DECREASED at /maximum: "));
}

TEST_F(ReportTest, CheckReportsWhatTheServerFound) {
  const std::string file = WriteFile("placed.json", "{}");
  const Outcome outcome = Run({"schema", "check", "placed", file, "--report", "sarif"});
  EXPECT_EQ(outcome.code, 100);
  ExpectSarif(outcome.out);
  EXPECT_THAT(outcome.out, HasSubstr(R"("ruleId":"MINIMUM_ADDED")"));
  EXPECT_THAT(outcome.out, HasSubstr("placed.json"));
}

TEST_F(ReportTest, ValidateReportsTheLineOfADocument) {
  const std::string data = WriteFile("data.jsonl", "1\n\n12\n");
  const std::vector<std::string> line = {"schema", "validate", "--schema", wide_, data, "--report"};
  const auto report = [&](const std::string& format) {
    std::vector<std::string> arguments = line;
    arguments.push_back(format);
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.code, 5);
    return outcome.out;
  };
  ExpectSarif(report("sarif"));
  EXPECT_THAT(report("sarif"), HasSubstr(R"("startLine":3)"));
  ExpectXml(report("junit"));
  EXPECT_THAT(report("junit"), HasSubstr(R"(line="3")"));
}

TEST_F(ReportTest, AFaultInTheOptionsOrTheFileIsAnError) {
  EXPECT_EQ(Run({"schema", "compat", wide_, narrow_, "--report", "pdf"}).code, 2);
  EXPECT_EQ(Run({"schema", "check", "placed", wide_, "--report", "pdf"}).code, 2);
  const std::string nowhere = folder_ + "/none/report.xml";
  EXPECT_EQ(
      Run({"schema", "compat", wide_, narrow_, "--report", "junit", "--report-file", nowhere}).code,
      3);
}

}  // namespace
}  // namespace nexus::cli

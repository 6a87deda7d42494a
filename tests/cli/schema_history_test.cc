// nexusctl schema history: the versions of a subject and what each changed.

#include <algorithm>

#include "cli/cli_fixture.h"
#include "gmock/gmock.h"

namespace nexus::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class HistoryTest : public CliFixture {
 protected:
  void SetUp() override {
    Register(R"({"maximum":9})", "first");
    Register(R"({"maximum":5})", "tighter");
    Register(R"({"maximum":7,"minimum":1})", "other");
  }
  void Register(const std::string& schema, const std::string& comment) {
    const Outcome outcome =
        Run({"schema", "register", "placed", "-", "--comment", comment}, schema);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
  }
};

TEST_F(HistoryTest, AVersionIsALineWithWhoAndWhyAndHowMuch) {
  const Outcome outcome = Run({"schema", "history", "placed", "-o", "jsonl"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::istringstream lines(outcome.out);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_THAT(line, AllOf(HasSubstr(R"("version":1,"id":)"), HasSubstr(R"("state":"active")"),
                          HasSubstr(R"("register_time":")"),
                          HasSubstr(R"("registered_by":"anonymous","comment":"first")"),
                          HasSubstr(R"("digest":"d1")"), Not(HasSubstr("change_count"))));
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_THAT(line, AllOf(HasSubstr(R"("version":2)"), HasSubstr(R"("change_count":1)"),
                          HasSubstr(R"("backward":"breaking","forward":"compatible")"),
                          Not(HasSubstr(R"("changes")"))));
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_THAT(line, AllOf(HasSubstr(R"("version":3)"), HasSubstr(R"("change_count":2)")));
  EXPECT_FALSE(std::getline(lines, line));
}

TEST_F(HistoryTest, ATableHasTheCounts) {
  const std::string table = Run({"schema", "history", "placed", "-o", "table"}).out;
  EXPECT_THAT(table, StartsWith("VERSION  ID  STATE"));
  EXPECT_THAT(table, HasSubstr("tighter"));
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 4);
}

TEST_F(HistoryTest, ChangesAreGivenInFullWhenAsked) {
  const std::string json = Run({"schema", "history", "placed", "--changes", "-o", "json"}).out;
  EXPECT_THAT(json, HasSubstr(R"("changes":[{"change":"changed","path":"/maximum","old":"9")"));
  const std::string text = Run({"schema", "history", "placed", "--changes", "-o", "table"}).out;
  EXPECT_THAT(text, StartsWith("version 1  id "));
  EXPECT_THAT(text, HasSubstr("changed \"/maximum\"  old: 9  new: 5\n"));
  EXPECT_THAT(text, HasSubstr("  changes: 2\n"));
}

TEST_F(HistoryTest, AVersionThatCannotBeReadHidesNoOther) {
  Register(R"({"$ref":"unknown"})", "broken");
  Register("true", "mended");
  const Outcome outcome = Run({"schema", "history", "placed", "-o", "jsonl"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 5);
  EXPECT_THAT(outcome.err, HasSubstr("placed version 4: "));
}

TEST_F(HistoryTest, ASubjectThatIsNotThereIsExitCode3) {
  EXPECT_EQ(Run({"schema", "history", "nobody"}).code, 3);
  EXPECT_EQ(Run({"schema", "history"}).code, 2);
}

}  // namespace
}  // namespace nexus::cli

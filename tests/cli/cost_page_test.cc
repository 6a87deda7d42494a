// docs/explanation/cost.md is what nexusctl prints: each of its commands is run, and each figure of
// its text must be in what they print.

#include <cstdlib>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/cli_fixture.h"
#include "fake/source_folder.h"
#include "gmock/gmock.h"
#include "re2/re2.h"

namespace nexus::cli {
namespace {

using ::testing::HasSubstr;

struct PageCommand {
  std::string line;
  std::vector<std::string> output;
};

class CostPageTest : public CliFixture {
 protected:
  void SetUp() override {
    const char* source = fake::SourceFolder();
    if (source == nullptr) return;
    terminal_ = true;
    environment_["NO_COLOR"] = "1";
    const std::string page = ReadFile(absl::StrCat(source, "/docs/explanation/cost.md"));
    bool inside = false;
    for (const std::string& line : std::vector<std::string>(absl::StrSplit(page, '\n'))) {
      if (absl::StartsWith(line, "```")) {
        inside = line == "```console";
      } else if (!inside) {
        absl::StrAppend(&prose_, line, "\n");
      } else if (absl::StartsWith(line, "$ ")) {
        commands_.push_back({line.substr(2), {}});
      } else {
        ASSERT_FALSE(commands_.empty()) << "output without a command: " << line;
        commands_.back().output.push_back(line);
      }
    }
  }
  Outcome RunLine(const std::string& line) {
    std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    EXPECT_EQ(words.front(), "nexusctl");
    words.erase(words.begin());
    return Run(words);
  }

  std::vector<PageCommand> commands_;
  std::string prose_;
};

TEST_F(CostPageTest, ShowsWhatItsCommandsPrint) {
  ASSERT_GE(commands_.size(), 4u);
  for (const PageCommand& command : commands_) {
    const Outcome outcome = RunLine(command.line);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(absl::StrJoin(command.output, "\n"), absl::StripSuffix(outcome.out, "\n"))
        << command.line;
  }
}

TEST_F(CostPageTest, ClaimsNoFigureThatIsNotPrinted) {
  std::string printed;
  for (const PageCommand& command : commands_) absl::StrAppend(&printed, RunLine(command.line).out);
  static const re2::RE2 figure(R"((\d[\d,]*\.\d+))");
  re2::StringPiece rest(prose_);
  int figures = 0;
  for (std::string one; re2::RE2::FindAndConsume(&rest, figure, &one); ++figures) {
    EXPECT_THAT(printed, HasSubstr(one));
  }
  EXPECT_GE(figures, 5);
}

class CostCommandTest : public CliFixture {};

TEST_F(CostCommandTest, TellsThatAMixCostsMore) {
  const Outcome outcome =
      Run({"cost", "estimate", "--events-per-second", "39", "--event-bytes", "1024", "--critical",
           "kinesis", "--standard", "sns-sqs", "--critical-share", "0.1", "-o", "table"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("the two cost MORE than one"));
  EXPECT_THAT(outcome.out, HasSubstr("no mix"));
}

TEST_F(CostCommandTest, GivesJsonWithAllPlaces) {
  const Outcome outcome = Run({"cost", "estimate", "--events-per-second", "1", "--critical",
                               "kinesis", "--standard", "files", "-o", "json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr(R"("item":"shard_hour","what":"1 shard, 730 h")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("amount":"10.950000")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("target_saving":"73.00 %")"));
}

TEST_F(CostCommandTest, RefusesWhatMakesNoSense) {
  const auto refuse = [&](std::vector<std::string> more, const std::string& why) {
    std::vector<std::string> words = {"cost", "estimate", "--events-per-second", "10"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = Run(words);
    EXPECT_EQ(outcome.code, 2) << absl::StrJoin(more, " ");
    EXPECT_THAT(outcome.err, HasSubstr(why));
  };
  refuse({"--critical", "pigeon"}, "no such service");
  refuse({"--critical-share", "0.5"}, "are needed with it");
  refuse({"--critical", "kafka", "--standard", "nats", "--critical-share", "1.5"}, "from 0 to 1");
  refuse({"--critical", "kafka", "--standard", "nats", "--critical-share", "-1"}, "from 0 to 1");
  refuse({"--peak-factor", "0.5"}, "--peak-factor 0.5");
  refuse({"--compressed", "0"}, "--compressed 0");
  refuse({"--target-saving", "nan"}, "--target-saving nan");
  refuse({"--event-bytes", "0"}, "event-bytes");
}

TEST_F(CostCommandTest, NamesTheHoleInAPriceFile) {
  const std::string file = WriteFile("prices.yaml", "format: 1\nas_of: 2026-11-27\nregion: x\n");
  const Outcome outcome = Run({"cost", "prices", file});
  EXPECT_NE(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("/currency"));
  const Outcome shipped = Run({"cost", "prices", "-o", "jsonl"});
  EXPECT_EQ(shipped.code, 0) << shipped.err;
  EXPECT_THAT(shipped.out, HasSubstr(R"("item":"put_unit","price":"0.014 per 1,000,000")"));
  EXPECT_THAT(shipped.out, HasSubstr(R"("checked":false)"));
}

}  // namespace
}  // namespace nexus::cli

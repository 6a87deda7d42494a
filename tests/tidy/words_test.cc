#include "tidy/words.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tidy/hash_order.h"

namespace nexus::tidy {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Matches a finding at a line whose message holds `text`.
auto At(int line, const std::string& text) {
  return AllOf(Field(&Finding::line, line), Field(&Finding::message, HasSubstr(text)));
}

TEST(BannedWords, NamesTheLineAndWhatToDoInstead) {
  const SourceFile file{"src/route/a.cc", "int x;\nauto t = absl::Now();\n"};
  EXPECT_THAT(CheckBannedWords(file),
              ElementsAre(At(2, "absl::Now is banned here: take a Clock&")));
}

TEST(BannedWords, FindsEachOfThem) {
  for (const std::string line :
       {"std::chrono::system_clock::now()", "std::chrono::steady_clock::now()",
        "std::random_device d;", "int r = rand();", "std::this_thread::sleep_for(d);", "usleep(5);",
        "absl::SleepFor(d);", "std::cout << 1;", "printf(\"x\");", "throw 1;"}) {
    EXPECT_THAT(CheckBannedWords({"src/engine/a.cc", line + "\n"}), SizeIs(1)) << line;
  }
}

TEST(BannedWords, KnowsWhereAWordIsAtHome) {
  EXPECT_THAT(CheckBannedWords({"src/core/system_clock.cc", "absl::Now();\n"}), IsEmpty());
  EXPECT_THAT(CheckBannedWords({"src/core/random_ids.cc", "std::random_device d;\n"}), IsEmpty());
  EXPECT_THAT(CheckBannedWords({"src/cli/table.cc", "std::cout << 1;\n"}), IsEmpty());
  EXPECT_THAT(CheckBannedWords({"tests/route/a_test.cc", "absl::Now();\n"}), IsEmpty());
  EXPECT_THAT(CheckBannedWords({"tests/route/a_test.cc", "absl::SleepFor(d);\n"}), SizeIs(1));
}

TEST(BannedWords, KeepThreadsAndChanceOutOfWhatIsSimulated) {
  for (const std::string line : {"std::thread t;", "std::async(f);", "std::mt19937_64 r;",
                                 "std::unordered_map<int, int> m;"}) {
    EXPECT_THAT(CheckBannedWords({"src/follow/a.cc", line + "\n"}), SizeIs(1)) << line;
    EXPECT_THAT(CheckBannedWords({"src/concurrency/a.cc", line + "\n"}), IsEmpty()) << line;
  }
}

TEST(HashOrder, MayNotEscape) {
  const SourceFile header{"src/log/a.h", "absl::flat_hash_map<K, std::pair<A, B>> ids_;\n"};
  const std::string first = "for (const auto& [key, value] : ids_) Use(key);\n";
  const std::string second = "x = ids_.find(k); y = other_ids_.begin();\nz = ids_.begin();\n";
  EXPECT_THAT(CheckHashOrder({header, {"src/log/a.cc", first}}),
              ElementsAre(At(1, "the order of ids_")));
  EXPECT_THAT(CheckHashOrder({header, {"src/log/a.cc", second}}),
              ElementsAre(At(2, "the order of ids_")));
  EXPECT_THAT(CheckHashOrder({header, {"src/engine/a.cc", first}}), IsEmpty());
}

TEST(BannedWords, LeavesPartsOfWordsCommentsAndTextAlone) {
  EXPECT_THAT(CheckBannedWords({"src/engine/a.cc",
                                "operand(1);\nsnprintf(b, 1, f);\n// absl::Now() is banned\n"
                                "Log(\"std::cout\");\nabsl::NowOrNever();\n"}),
              IsEmpty());
}

TEST(BannedWords, FindsWorkLeftForLaterInComments) {
  const std::string mark = std::string("TO") + "DO";
  EXPECT_THAT(CheckBannedWords({"tests/a_test.cc", "\n// " + mark + "(x): later\n"}),
              ElementsAre(At(2, mark)));
}

TEST(Names, MayNotBeEmptyWords) {
  EXPECT_THAT(CheckNames("src/util/text.cc"), SizeIs(1));
  EXPECT_THAT(CheckNames("src/core/string_utils.h"), SizeIs(1));
  EXPECT_THAT(CheckNames("tests/Helpers/a.h"), SizeIs(1));
  EXPECT_THAT(CheckNames("src/core/utility_types/manage_commons.h"), IsEmpty());
}

TEST(Layout, FindsBlanksTabsLongLinesAndAMissingEnd) {
  EXPECT_THAT(CheckLayout({"src/a.cc", "a \n\tb\n" + std::string(101, 'x') + "\nend"}),
              ElementsAre(At(0, "no end"), At(1, "blanks"), At(2, "tab"), At(3, "101 columns")));
}

TEST(Layout, CountsCharactersAndNotBytes) {
  std::string line;
  for (int i = 0; i < 100; ++i) line += "\xC3\xA9";
  EXPECT_THAT(CheckLayout({"src/a.cc", line + "\n"}), IsEmpty());
}

TEST(Headers, NeedAGuardAndNoUsingNamespace) {
  EXPECT_THAT(CheckHeader({"src/a.h", "int x;\n"}), ElementsAre(At(0, "#pragma once")));
  EXPECT_THAT(CheckHeader({"src/a.h", "// #pragma once\n"}), SizeIs(1));
  EXPECT_THAT(CheckHeader({"src/a.h", "#pragma once\nusing namespace std;\n"}),
              ElementsAre(At(2, "using namespace")));
  EXPECT_THAT(CheckHeader({"src/a.cc", "int x;\n"}), IsEmpty());
}

TEST(Sizes, LimitFilesAndInterfaces) {
  const auto lines = [](int count) { return std::string(static_cast<size_t>(count), '\n'); };
  EXPECT_THAT(CheckSizes({"src/a.cc", lines(401)}), SizeIs(1));
  EXPECT_THAT(CheckSizes({"src/a.cc", lines(400)}), IsEmpty());
  EXPECT_THAT(CheckSizes({"include/nexus/a.h", lines(201)}), SizeIs(1));
  std::string port = "class Wide {\n";
  for (int i = 0; i < 9; ++i) port += absl::StrCat("  virtual void M", i, "() = 0;\n");
  EXPECT_THAT(CheckSizes({"include/nexus/port/wide.h", port}), ElementsAre(At(10, "at most 8")));
  EXPECT_THAT(CheckSizes({"include/nexus/port/two.h", "class A {\n" + port.substr(0, 13)}),
              IsEmpty());
}

TEST(Repository, KeepsItsWords) {
  Findings findings;
  for (const SourceFile& file : ReadSourceTree(SourceRoot())) {
    Append(findings, CheckBannedWords(file));
    Append(findings, CheckNames(file.path));
    Append(findings, CheckHeader(file));
  }
  Append(findings, CheckHashOrder(ReadSourceTree(SourceRoot())));
  EXPECT_THAT(findings, IsEmpty());
}

TEST(Repository, KeepsItsLayoutAndSizes) {
  Findings findings;
  for (const SourceFile& file : ReadSourceTree(SourceRoot())) {
    Append(findings, CheckLayout(file));
    Append(findings, CheckSizes(file));
  }
  EXPECT_THAT(findings, IsEmpty());
}

}  // namespace
}  // namespace nexus::tidy

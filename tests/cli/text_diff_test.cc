#include "cli/text_diff.h"

#include <string>

#include "gtest/gtest.h"

namespace nexus::cli {
namespace {

TEST(TextDiff, SaysNothingOfTheSame) {
  EXPECT_EQ(UnifiedDiff("a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(UnifiedDiff("", ""), "");
}

TEST(TextDiff, ShowsChangesAmongThreeLinesThatStay) {
  EXPECT_EQ(UnifiedDiff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
  EXPECT_EQ(UnifiedDiff("a\n", ""), "@@ -1,1 +0,0 @@\n-a\n");
  EXPECT_EQ(UnifiedDiff("", "a\nb"), "@@ -0,0 +1,2 @@\n+a\n+b\n");
  EXPECT_EQ(UnifiedDiff("a\nx\nb\n", "a\nb\ny\n"), "@@ -1,3 +1,3 @@\n a\n-x\n b\n+y\n");
}

TEST(TextDiff, KeepsChangesApartThatAreFarFromEachOther) {
  std::string before;
  std::string after;
  for (int i = 1; i <= 20; ++i) {
    before += std::to_string(i) + "\n";
    if (i != 2) after += std::to_string(i) + "\n";
    if (i == 18) after += "new\n";
  }
  EXPECT_EQ(UnifiedDiff(before, after),
            "@@ -1,5 +1,4 @@\n 1\n-2\n 3\n 4\n 5\n"
            "@@ -16,5 +15,6 @@\n 16\n 17\n 18\n+new\n 19\n 20\n");
}

TEST(TextDiff, ReplacesWhatIsTooMuchToCompare) {
  std::string before = "same\n";
  std::string after = "same\n";
  for (int i = 0; i < 3'000; ++i) {
    before += "a" + std::to_string(i) + "\n";
    after += "b" + std::to_string(i) + "\n";
  }
  const std::string diff = UnifiedDiff(before, after);
  EXPECT_EQ(diff.substr(0, diff.find('\n')), "@@ -1,3001 +1,3001 @@");
  EXPECT_NE(diff.find("-a2999\n+b0\n"), std::string::npos);
}

}  // namespace
}  // namespace nexus::cli

#include <gtest/gtest.h>

#include <fstream>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "schema/protobuf/compat/compare.h"

namespace nexus::schema {
namespace {

// One entry of changes.txt.
struct Change {
  std::string name;
  std::string before;
  std::string after;
  std::string nexus;
  std::string strict;
  std::string lenient;
};
void PrintTo(const Change& change, std::ostream* os) { *os << change.name; }

std::vector<Change> ReadChanges() {
  std::ifstream file(CHANGES_FILE);
  std::vector<Change> changes;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    Change change;
    change.name = line;
    for (std::string* text :
         {&change.before, &change.after, &change.nexus, &change.strict, &change.lenient}) {
      std::getline(file, *text);
      if (*text == "-") text->clear();
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

std::string RuleNames(const CompatibilityVerdict& verdict) {
  std::string text;
  for (const CompatibilityFinding& finding : verdict.findings) {
    absl::StrAppend(&text, text.empty() ? "" : " ", finding.rule);
  }
  return text;
}

class ChangeOfAFile : public ::testing::TestWithParam<Change> {
 protected:
  static CompatibilityVerdict Judged(CompatibilityPolicy policy,
                                     CompatibilityMode mode = CompatibilityMode::kBackward) {
    return Judge({GetParam().before, GetParam().after}, {mode, policy, {}});
  }
};

TEST_P(ChangeOfAFile, IsOfTwoValidSchemas) {
  EXPECT_NE(Compiled(FileText(GetParam().before)), nullptr);
  EXPECT_NE(Compiled(FileText(GetParam().after)), nullptr);
}

TEST_P(ChangeOfAFile, IsJudgedByEachPolicy) {
  EXPECT_EQ(RuleNames(Judged(CompatibilityPolicy::kNexus)), GetParam().nexus);
  EXPECT_EQ(RuleNames(Judged(CompatibilityPolicy::kStrict)), GetParam().strict);
  EXPECT_EQ(RuleNames(Judged(CompatibilityPolicy::kLenient)), GetParam().lenient);
}

TEST_P(ChangeOfAFile, ExplainsEachFinding) {
  for (const CompatibilityPolicy policy :
       {CompatibilityPolicy::kNexus, CompatibilityPolicy::kStrict}) {
    for (const CompatibilityFinding& finding : Judged(policy).findings) {
      EXPECT_FALSE(finding.message.empty()) << finding.rule;
      EXPECT_FALSE(finding.fix.empty()) << finding.rule;
      EXPECT_NE(finding.old_value, finding.new_value) << finding.rule;
      EXPECT_EQ(finding.version, 1u);
      EXPECT_FALSE(finding.forward);
    }
  }
}

TEST_P(ChangeOfAFile, IsTheReverseChangeForForward) {
  const CompatibilityVerdict forward =
      Judged(CompatibilityPolicy::kStrict, CompatibilityMode::kForward);
  const CompatibilityVerdict reversed =
      Judge({GetParam().after, GetParam().before},
            {CompatibilityMode::kBackward, CompatibilityPolicy::kStrict, {}});
  EXPECT_EQ(RuleNames(forward), RuleNames(reversed));
  for (const CompatibilityFinding& finding : forward.findings) EXPECT_TRUE(finding.forward);
}

TEST_P(ChangeOfAFile, IsNoneForTheSameContentInBothForms) {
  const auto text = Compiled(FileText(GetParam().after));
  const auto serialized = Compiled(text->Serialized());
  ASSERT_NE(serialized, nullptr);
  const std::vector<EarlierSchema> earlier = {{1, text.get()}};
  const auto verdict = ProtobufComparer().Compare(
      earlier, *serialized, {CompatibilityMode::kFull, CompatibilityPolicy::kNexus, {}});
  ASSERT_TRUE(verdict.ok());
  EXPECT_EQ(RuleNames(*verdict), "");
}

INSTANTIATE_TEST_SUITE_P(All, ChangeOfAFile, ::testing::ValuesIn(ReadChanges()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace nexus::schema

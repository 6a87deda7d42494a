#include "schema/changes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "schema/protobuf/compat/compare.h"

namespace nexus::schema {
namespace {

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
  EXPECT_EQ(RuleNamesOf(Judged(CompatibilityPolicy::kNexus)), GetParam().rules[0]);
  EXPECT_EQ(RuleNamesOf(Judged(CompatibilityPolicy::kStrict)), GetParam().rules[1]);
  EXPECT_EQ(RuleNamesOf(Judged(CompatibilityPolicy::kLenient)), GetParam().rules[2]);
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
  EXPECT_EQ(RuleNamesOf(forward), RuleNamesOf(reversed));
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
  EXPECT_EQ(RuleNamesOf(*verdict), "");
}

INSTANTIATE_TEST_SUITE_P(All, ChangeOfAFile, ::testing::ValuesIn(ReadChanges(CHANGES_FILE, 3)),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace nexus::schema

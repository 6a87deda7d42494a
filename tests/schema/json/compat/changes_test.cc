#include "schema/changes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "schema/json/compat/compare.h"

namespace nexus::schema {
namespace {

class ChangeOfASchema : public ::testing::TestWithParam<Change> {
 protected:
  static CompatibilityVerdict Judged(CompatibilityPolicy policy,
                                     CompatibilityMode mode = CompatibilityMode::kBackward) {
    return Judge({GetParam().before, GetParam().after}, {mode, policy, {}});
  }
};

TEST_P(ChangeOfASchema, IsJudgedByEachPolicy) {
  EXPECT_EQ(RuleNamesOf(Judged(CompatibilityPolicy::kNexus)), GetParam().rules[0]);
  EXPECT_EQ(RuleNamesOf(Judged(CompatibilityPolicy::kStrict)), GetParam().rules[1]);
  EXPECT_EQ(RuleNamesOf(Judged(CompatibilityPolicy::kLenient)), GetParam().rules[2]);
}

TEST_P(ChangeOfASchema, ExplainsEachFinding) {
  for (const CompatibilityFinding& finding : Judged(CompatibilityPolicy::kNexus).findings) {
    EXPECT_FALSE(finding.message.empty()) << finding.rule;
    EXPECT_FALSE(finding.fix.empty()) << finding.rule;
    EXPECT_EQ(finding.version, 1u);
    EXPECT_FALSE(finding.forward);
  }
}

TEST_P(ChangeOfASchema, ShowsOnlyWitnessesThatWereValidAndAreNot) {
  const auto before = Compiled(GetParam().before);
  const auto after = Compiled(GetParam().after);
  for (const CompatibilityFinding& finding : Judged(CompatibilityPolicy::kStrict).findings) {
    if (finding.witness.empty()) continue;
    EXPECT_TRUE(before->Validate(finding.witness, 1)->empty()) << finding.witness;
    EXPECT_FALSE(after->Validate(finding.witness, 1)->empty()) << finding.witness;
  }
}

TEST_P(ChangeOfASchema, IsTheReverseChangeForForward) {
  const CompatibilityVerdict forward =
      Judged(CompatibilityPolicy::kStrict, CompatibilityMode::kForward);
  const CompatibilityVerdict reversed =
      Judge({GetParam().after, GetParam().before},
            {CompatibilityMode::kBackward, CompatibilityPolicy::kStrict, {}});
  EXPECT_EQ(RuleNamesOf(forward), RuleNamesOf(reversed));
  for (const CompatibilityFinding& finding : forward.findings) EXPECT_TRUE(finding.forward);
}

INSTANTIATE_TEST_SUITE_P(All, ChangeOfASchema, ::testing::ValuesIn(ReadChanges(CHANGES_FILE, 3)),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace nexus::schema

#include "schema/changes.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "schema/avro/compat/compare.h"

namespace nexus::schema {
namespace {

class ChangeOfAnAvroSchema : public ::testing::TestWithParam<Change> {
 protected:
  static CompatibilityVerdict Judged(CompatibilityPolicy policy,
                                     CompatibilityMode mode = CompatibilityMode::kBackward) {
    return JudgeAvro({GetParam().before, GetParam().after}, {mode, policy, {}});
  }
};

TEST_P(ChangeOfAnAvroSchema, IsJudgedByEachPolicy) {
  EXPECT_EQ(RuleNamesOf(Judged(CompatibilityPolicy::kNexus)), GetParam().rules[0]);
  EXPECT_EQ(RuleNamesOf(Judged(CompatibilityPolicy::kStrict)), GetParam().rules[1]);
  EXPECT_EQ(RuleNamesOf(Judged(CompatibilityPolicy::kLenient)), GetParam().rules[1]);
}

TEST_P(ChangeOfAnAvroSchema, ExplainsEachFinding) {
  for (const CompatibilityFinding& finding : Judged(CompatibilityPolicy::kNexus).findings) {
    EXPECT_FALSE(finding.message.empty()) << finding.rule;
    EXPECT_FALSE(finding.fix.empty()) << finding.rule;
    EXPECT_EQ(finding.version, 1u);
    EXPECT_FALSE(finding.forward);
  }
}

TEST_P(ChangeOfAnAvroSchema, IsTheReverseChangeForForward) {
  const auto forward = Judged(CompatibilityPolicy::kStrict, CompatibilityMode::kForward);
  const auto reversed = JudgeAvro({GetParam().after, GetParam().before},
                                  {CompatibilityMode::kBackward, CompatibilityPolicy::kStrict, {}});
  // A path into the other schema may make two findings of one.
  const auto rules = [](const CompatibilityVerdict& verdict) {
    std::set<std::string> names;
    for (const CompatibilityFinding& finding : verdict.findings) names.insert(finding.rule);
    return names;
  };
  EXPECT_EQ(rules(forward), rules(reversed));
  for (const CompatibilityFinding& finding : forward.findings) EXPECT_TRUE(finding.forward);
}

TEST_P(ChangeOfAnAvroSchema, ConcernsNobodyIfItChangesNothing) {
  EXPECT_EQ(RuleNamesOf(JudgeAvro({GetParam().after, GetParam().after},
                                  {CompatibilityMode::kFull, CompatibilityPolicy::kNexus, {}})),
            "");
}

INSTANTIATE_TEST_SUITE_P(All, ChangeOfAnAvroSchema,
                         ::testing::ValuesIn(ReadChanges(CHANGES_FILE, 2)),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace nexus::schema

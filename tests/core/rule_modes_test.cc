#include "nexus/core/rule_modes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nexus {
namespace {

RuleModes Only(RuleMode mode, double share) {
  return RuleModes({{"append", {{"r", {mode, share}}}}});
}

std::vector<uint64_t> Keys() {
  std::vector<uint64_t> keys;
  for (int i = 0; i < 20'000; ++i) keys.push_back(ShareKey("commit-" + std::to_string(i)));
  return keys;
}

TEST(RuleModes, NamesCanBeParsedBack) {
  for (const RuleMode mode :
       {RuleMode::kOff, RuleMode::kShadow, RuleMode::kWarn, RuleMode::kDeny}) {
    EXPECT_EQ(ParseRuleMode(RuleModeName(mode)), mode);
  }
  EXPECT_EQ(ParseRuleMode("Shadow"), std::nullopt);
  EXPECT_EQ(ParseRuleMode(""), std::nullopt);
}

TEST(RuleModes, DenyWhereNothingIsSaid) {
  const RuleModes modes = Only(RuleMode::kShadow, 1);
  EXPECT_EQ(modes.ModeOf("append", "r", 1), RuleMode::kShadow);
  EXPECT_EQ(modes.ModeOf("append", "other", 1), RuleMode::kDeny);
  EXPECT_EQ(modes.ModeOf("read", "r", 1), RuleMode::kDeny);
  EXPECT_EQ(RuleModes().ModeOf("append", "r", 1), RuleMode::kDeny);
}

TEST(RuleModes, LeaveTheRestOfTheTrafficOneRungBelow) {
  const RuleModes modes = Only(RuleMode::kDeny, 0.25);
  size_t denied = 0;
  for (const uint64_t key : Keys()) {
    const RuleMode mode = modes.ModeOf("append", "r", key);
    EXPECT_TRUE(mode == RuleMode::kDeny || mode == RuleMode::kWarn);
    denied += mode == RuleMode::kDeny ? 1 : 0;
  }
  // A quarter of 20,000, and ten standard deviations around it.
  EXPECT_GT(denied, 4'390u);
  EXPECT_LT(denied, 5'610u);
}

TEST(RuleModes, KeepWhoWasWithinASmallerShare) {
  const RuleModes tenth = Only(RuleMode::kShadow, 0.1);
  const RuleModes half = Only(RuleMode::kShadow, 0.5);
  for (const uint64_t key : Keys()) {
    if (tenth.ModeOf("append", "r", key) != RuleMode::kShadow) continue;
    EXPECT_EQ(half.ModeOf("append", "r", key), RuleMode::kShadow);
  }
}

TEST(RuleModes, GiveEachRuleItsOwnPartOfTheTraffic) {
  const RuleModes modes(
      {{"append", {{"a", {RuleMode::kDeny, 0.5}}, {"b", {RuleMode::kDeny, 0.5}}}}});
  size_t differ = 0;
  for (const uint64_t key : Keys()) {
    differ += modes.ModeOf("append", "a", key) != modes.ModeOf("append", "b", key) ? 1 : 0;
  }
  EXPECT_GT(differ, 8'000u);
  EXPECT_LT(differ, 12'000u);
}

// It is written down, and the same in every process: an operator may compute it.
TEST(RuleModes, HashTheSameWayForEver) {
  EXPECT_EQ(ShareKey(""), 14695981039346656037u);
  EXPECT_EQ(ShareKey("a"), 12638187200555641996u);
}

}  // namespace
}  // namespace nexus

#include "policy/open_decider.h"

#include <gtest/gtest.h>

namespace nexus::policy {
namespace {

TEST(OpenDecider, AdmitsEverythingAndSaysSo) {
  OpenDecider decider;
  bool answered = false;
  decider.Decide({"append", ""}, absl::ZeroDuration(), [&](absl::StatusOr<PolicyAnswer> answer) {
    answered = true;
    ASSERT_TRUE(answer.ok());
    EXPECT_TRUE(answer->allow);
    EXPECT_EQ(answer->revision, "none");
  });
  EXPECT_TRUE(answered);
  EXPECT_TRUE(decider.State().ready);
  EXPECT_FALSE(decider.asks());
}

}  // namespace
}  // namespace nexus::policy

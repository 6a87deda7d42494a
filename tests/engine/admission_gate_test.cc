#include "engine/admission_gate.h"

#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::engine {
namespace {

TEST(AdmissionGateTest, RefusesBeyondTheBoundAndOpensAgain) {
  AdmissionGate gate({.commits_max = 2, .bytes_max = 100});
  auto first = gate.Enter(10);
  {
    auto second = gate.Enter(10);
    ASSERT_TRUE(first.ok() && second.ok());
    const auto third = gate.Enter(10);
    EXPECT_EQ(ReasonOf(third.status()), ErrorReason::kOverloaded);
    EXPECT_TRUE(DetailsOf(third.status()).retry_after.has_value());
  }
  EXPECT_TRUE(gate.Enter(10).ok());
  EXPECT_EQ(gate.commits(), 1u);
}

TEST(AdmissionGateTest, BoundsBytesButLetsOneLargeCommitPass) {
  AdmissionGate gate({.commits_max = 10, .bytes_max = 100});
  {
    auto large = gate.Enter(500);
    EXPECT_TRUE(large.ok());
    EXPECT_EQ(ReasonOf(gate.Enter(1).status()), ErrorReason::kOverloaded);
  }
  EXPECT_TRUE(gate.Enter(1).ok());
}

TEST(AdmissionGateTest, LetsNobodyInAfterItClosed) {
  AdmissionGate gate({});
  auto inside = gate.Enter(1);
  gate.Close();
  EXPECT_EQ(ReasonOf(gate.Enter(1).status()), ErrorReason::kDraining);
  EXPECT_EQ(gate.commits(), 1u);
}

}  // namespace
}  // namespace nexus::engine

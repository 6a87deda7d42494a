#include "nexus/core/status_macros.h"

#include <memory>

#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus {
namespace {

absl::StatusOr<int> Half(int n) {
  if (n % 2 != 0) return MakeError(ErrorReason::kMalformedRequest, "odd");
  return n / 2;
}

absl::StatusOr<int> Quarter(int n) {
  NEXUS_ASSIGN_OR_RETURN(const int half, Half(n));
  NEXUS_ASSIGN_OR_RETURN(const int quarter, Half(half));
  return quarter;
}

absl::Status CheckEven(int n) {
  NEXUS_RETURN_IF_ERROR(Half(n).status());
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<int>> MoveOn() {
  NEXUS_ASSIGN_OR_RETURN(auto owned, absl::StatusOr<std::unique_ptr<int>>(new int(7)));
  return owned;
}

TEST(StatusMacros, AssignsTheValue) { EXPECT_EQ(*Quarter(12), 3); }

TEST(StatusMacros, ReturnsTheErrorWithItsDetails) {
  EXPECT_EQ(ReasonOf(Quarter(6).status()), ErrorReason::kMalformedRequest);
}

TEST(StatusMacros, ReturnsAnErrorOnlyIfThereIsOne) {
  EXPECT_TRUE(CheckEven(2).ok());
  EXPECT_FALSE(CheckEven(3).ok());
}

TEST(StatusMacros, MovesWhatCannotBeCopied) { EXPECT_EQ(**MoveOn(), 7); }

}  // namespace
}  // namespace nexus

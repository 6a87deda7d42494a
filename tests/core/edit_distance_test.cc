#include "nexus/core/edit_distance.h"

#include <gtest/gtest.h>

namespace nexus {
namespace {

TEST(EditDistance, IsZeroForTheSameText) { EXPECT_EQ(EditDistance("data", "data"), 0u); }

TEST(EditDistance, IsTheLengthAgainstNothing) {
  EXPECT_EQ(EditDistance("", "data"), 4u);
  EXPECT_EQ(EditDistance("data", ""), 4u);
  EXPECT_EQ(EditDistance("", ""), 0u);
}

TEST(EditDistance, CountsOneForEachSlip) {
  EXPECT_EQ(EditDistance("adress", "address"), 1u) << "insertion";
  EXPECT_EQ(EditDistance("addresss", "address"), 1u) << "deletion";
  EXPECT_EQ(EditDistance("addrecs", "address"), 1u) << "replacement";
  EXPECT_EQ(EditDistance("adderss", "address"), 1u) << "swap";
}

TEST(EditDistance, IsSymmetric) {
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(EditDistance("sitting", "kitten"), 3u);
}

}  // namespace
}  // namespace nexus

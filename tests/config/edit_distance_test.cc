#include "config/edit_distance.h"

#include <string>

#include "config/key_lookup.h"
#include "gtest/gtest.h"

namespace nexus::config {
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

TEST(NearestKey, FindsAMisspeltKey) {
  EXPECT_EQ(NearestKey("policy.opa.adress"), "policy.opa.address");
  EXPECT_EQ(NearestKey("dtaa"), "data");
}

TEST(NearestKey, FindsASection) { EXPECT_EQ(NearestKey("polcy"), "policy"); }

TEST(NearestKey, FindsAKeyThatStandsInTheWrongSection) {
  EXPECT_EQ(NearestKey("shutdown.optional_categories"), "schema.optional_categories");
  EXPECT_EQ(NearestKey("drain_timeout_ms"), "shutdown.drain_timeout_ms");
}

TEST(NearestKey, GuessesNothingFarFetched) {
  EXPECT_EQ(NearestKey("quantum_flux"), "");
  EXPECT_EQ(NearestKey(""), "");
  EXPECT_EQ(NearestKey(std::string(1'000'000, 'a')), "");
}

}  // namespace
}  // namespace nexus::config

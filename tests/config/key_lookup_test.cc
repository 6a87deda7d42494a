#include "config/key_lookup.h"

#include <gtest/gtest.h>

#include <string>

namespace nexus::config {
namespace {

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

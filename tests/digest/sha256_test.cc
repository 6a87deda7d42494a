#include "digest/sha256.h"

#include <gtest/gtest.h>

#include <string>

namespace nexus {
namespace {

// FIPS 180-4's own examples, and nothing.
TEST(Sha256, IsTheKnownDigest) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256("abc")[0], 0xba);
}

TEST(Sha256, IsToldFromOtherTexts) {
  EXPECT_TRUE(IsSha256Hex(Sha256Hex("x")));
  EXPECT_FALSE(IsSha256Hex(Sha256Hex("x").substr(1)));
  EXPECT_FALSE(IsSha256Hex(std::string(64, 'A')));
  EXPECT_FALSE(IsSha256Hex(""));
}

}  // namespace
}  // namespace nexus

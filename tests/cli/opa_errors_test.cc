#include "cli/opa_errors.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(OpaErrorsTest, HaveFileLineAndMessage) {
  EXPECT_THAT(OpaErrorsIn("2 errors occurred during loading:\n"
                          "deep/a.rego:3: rego_parse_error: unexpected eq token\n"
                          "\tx = = 1\n\t    ^\n"
                          "./b.rego:14: rego_type_error: a: b"),
              ElementsAre(OpaError{"deep/a.rego", 3, "rego_parse_error: unexpected eq token"},
                          OpaError{"b.rego", 14, "rego_type_error: a: b"}));
}

TEST(OpaErrorsTest, AreFoundBehindOtherWords) {
  EXPECT_THAT(OpaErrorsIn("`opa inspect .` ended with exit code 1: error: 1 error occurred: "
                          "b.rego:3: rego_unsafe_var_error: var nonsense is unsafe"),
              ElementsAre(OpaError{"b.rego", 3, "rego_unsafe_var_error: var nonsense is unsafe"}));
}

TEST(OpaErrorsTest, AreToldOnce) {
  EXPECT_THAT(OpaErrorsIn("a.rego:1: x\na.rego:1: x\na.rego:1:5: y"),
              ElementsAre(OpaError{"a.rego", 1, "x"}, OpaError{"a.rego", 1, "y"}));
}

TEST(OpaErrorsTest, AreNotMadeUp) {
  EXPECT_THAT(OpaErrorsIn(""), IsEmpty());
  EXPECT_THAT(OpaErrorsIn("no such file: a.rego"), IsEmpty());
  EXPECT_THAT(OpaErrorsIn("a.rego: cannot be read\na.rego:x: y\na.rego:7"), IsEmpty());
}

}  // namespace
}  // namespace nexus::cli

#include "temporal/state_diff.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::temporal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StateDiffTest : public ::testing::Test {
 protected:
  StateDiff Diff(const std::string& before, const std::string& after, size_t max = 100) {
    absl::StatusOr<StateDiff> diff = DiffStates(before, after, max, json_);
    EXPECT_TRUE(diff.ok()) << diff.status();
    return diff.ok() ? *diff : StateDiff();
  }

  schema::SimdJsonReader json_;
};

TEST_F(StateDiffTest, TellsWhatCameWentAndChanged) {
  EXPECT_THAT(
      Diff(R"({"gone":1,"same":[1],"was":"a"})", R"({"was":"b","same":[1],"new":{"x":1}})").changes,
      ElementsAre(FieldChange{"/gone", "1", std::nullopt},
                  FieldChange{"/new", std::nullopt, R"({"x":1})"},
                  FieldChange{"/was", "\"a\"", "\"b\""}));
}

TEST_F(StateDiffTest, GoesIntoObjectsAndArrays) {
  EXPECT_THAT(Diff(R"({"lines":[{"n":1,"q":2},{"n":2}]})", R"({"lines":[{"n":1,"q":3}]})").changes,
              ElementsAre(FieldChange{"/lines/0/q", "2", "3"},
                          FieldChange{"/lines/1", R"({"n":2})", std::nullopt}));
}

TEST_F(StateDiffTest, EscapesNamesInPointers) {
  EXPECT_THAT(Diff(R"({"a/b~c":1})", R"({"a/b~c":2})").changes,
              ElementsAre(FieldChange{"/a~1b~0c", "1", "2"}));
}

TEST_F(StateDiffTest, TakesEqualNumbersForEqual) {
  EXPECT_THAT(Diff(R"({"a":1.0,"b":[1e2]})", R"({"b":[100],"a":1})").changes, IsEmpty());
}

TEST_F(StateDiffTest, TellsOfTheWholeIfItIsAnotherKind) {
  EXPECT_THAT(Diff("null", R"({"a":1})").changes,
              ElementsAre(FieldChange{"", "null", R"({"a":1})"}));
}

TEST_F(StateDiffTest, CountsWhatIsTooMuch) {
  const StateDiff diff = Diff(R"({"a":1,"b":1,"c":1})", "{}", 2);
  EXPECT_THAT(diff.changes, ::testing::SizeIs(2));
  EXPECT_EQ(diff.left_out, 1u);
}

TEST_F(StateDiffTest, FindsAValueByItsPointer) {
  const std::string state = R"({"a":{"b":["x",null]}})";
  EXPECT_EQ(**ValueAt(state, "/a/b/0", json_), "\"x\"");
  EXPECT_EQ(**ValueAt(state, "/a/b/1", json_), "null");
  EXPECT_EQ(**ValueAt(state, "", json_), state);
  EXPECT_FALSE(ValueAt(state, "/a/c", json_)->has_value());
  EXPECT_FALSE(ValueAt("7", "/a", json_)->has_value());
  EXPECT_EQ(ReasonOf(ValueAt(state, "/a~2", json_).status()), ErrorReason::kMalformedRequest);
}

}  // namespace
}  // namespace nexus::temporal

// What a violation says, keyword by keyword.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "schema/json/json_schema_validator.h"

namespace nexus::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<Violation> Violations(absl::string_view schema, absl::string_view data,
                                  size_t violations_max = 100) {
  const auto compiled = JsonSchemaValidator().Compile(schema);
  if (!compiled.ok()) {
    ADD_FAILURE() << compiled.status();
    return {};
  }
  auto violations = (*compiled)->Validate(data, violations_max);
  if (!violations.ok()) {
    ADD_FAILURE() << violations.status();
    return {};
  }
  return *std::move(violations);
}

struct Row {
  std::string schema;
  std::string data;
  std::string pointer;
  std::string keyword;
  std::string expected;
  std::string actual;
};
void PrintTo(const Row& row, std::ostream* os) { *os << row.schema << " " << row.data; }

class SingleViolation : public ::testing::TestWithParam<Row> {};

TEST_P(SingleViolation, NamesPlaceKeywordExpectedAndActual) {
  const Row& row = GetParam();
  const std::vector<Violation> violations = Violations(row.schema, row.data);
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_EQ(violations[0].field, "");
  EXPECT_EQ(violations[0].pointer, row.pointer);
  EXPECT_EQ(violations[0].keyword, row.keyword);
  EXPECT_EQ(violations[0].expected, row.expected);
  EXPECT_EQ(violations[0].actual, row.actual);
  EXPECT_EQ(violations[0].message,
            absl::StrCat(row.pointer.empty() ? "the document" : row.pointer, ": expected ",
                         row.expected, ", found ", row.actual));
}

const Row kScalarRows[] = {
    {R"({"type":"string"})", "1", "", "type", "string", "integer"},
    {R"({"type":["null","object"]})", "1.5", "", "type", "null or object", "number"},
    {R"({"type":"integer"})", "1.5", "", "type", "integer", "number"},
    {R"({"const":{"a":1}})", R"({"a":2})", "", "const", "object of 1", "object of 1"},
    {R"({"enum":["a",1,null]})", "\"b\"", "", "enum", "one of \"a\", 1, null", "\"b\""},
    {R"({"minimum":5})", "4", "", "minimum", "at least 5", "4"},
    {R"({"maximum":5})", "5.5", "", "maximum", "at most 5", "5.5"},
    {R"({"exclusiveMinimum":5})", "5", "", "exclusiveMinimum", "more than 5", "5"},
    {R"({"exclusiveMaximum":5})", "5", "", "exclusiveMaximum", "less than 5", "5"},
    {R"({"multipleOf":0.1})", "1.15", "", "multipleOf", "a multiple of 0.1", "1.15"},
    {R"({"minLength":2})", "\"\u00e4\"", "", "minLength", "at least 2 characters", "1 characters"},
    {R"({"maxLength":1})", "\"ab\"", "", "maxLength", "at most 1 characters", "2 characters"},
    {R"({"pattern":"^a+$"})", "\"b\"", "", "pattern", "text that matches ^a+$", "\"b\""},
};
INSTANTIATE_TEST_SUITE_P(Scalars, SingleViolation, ::testing::ValuesIn(kScalarRows));

const Row kContainerRows[] = {
    {R"({"items":{"type":"null"}})", "[null,1]", "/1", "type", "null", "integer"},
    {R"({"prefixItems":[true,false]})", "[1,2]", "/1", "prefixItems", "nothing here", "2"},
    {R"({"items":false})", "[1]", "/0", "items", "nothing here", "1"},
    {R"({"minItems":2})", "[1]", "", "minItems", "at least 2 items", "1 items"},
    {R"({"maxItems":0})", "[1]", "", "maxItems", "at most 0 items", "1 items"},
    {R"({"uniqueItems":true})", "[1,2,{\"a\":1},1.0]", "", "uniqueItems", "distinct items",
     "equal items 0 and 3"},
    {R"({"contains":{"const":1}})", "[2]", "", "contains",
     "at least 1 items that match the schema of \"contains\"", "0"},
    {R"({"contains":{"const":1},"minContains":2})", "[1,2]", "", "minContains",
     "at least 2 items that match the schema of \"contains\"", "1"},
    {R"({"contains":{"const":1},"maxContains":1})", "[1,1]", "", "maxContains",
     "at most 1 items that match the schema of \"contains\"", "2"},
    {R"({"unevaluatedItems":false,"prefixItems":[true]})", "[1,2]", "/1", "unevaluatedItems",
     "nothing here", "2"},
    {R"({"required":["a","b"]})", R"({"b":1})", "", "required", "the property \"a\"",
     "no such property"},
    {R"({"additionalProperties":false})", R"({"a/b~c":[1,2]})", "/a~1b~0c", "additionalProperties",
     "nothing here", "array of 2"},
    {R"({"properties":{"a":{"properties":{"b":{"type":"null"}}}}})", R"({"a":{"b":true}})", "/a/b",
     "type", "null", "boolean"},
    {R"({"patternProperties":{"^x":{"type":"null"}}})", R"({"x1":{}})", "/x1", "type", "null",
     "object"},
    {R"({"propertyNames":{"maxLength":1}})", R"({"ab":1})", "/ab", "propertyNames",
     "another name (/ab: expected at most 1 characters, found 2 characters)", "\"ab\""},
    {R"({"minProperties":1})", "{}", "", "minProperties", "at least 1 properties", "0 properties"},
    {R"({"maxProperties":0})", R"({"a":1})", "", "maxProperties", "at most 0 properties",
     "1 properties"},
    {R"({"dependentRequired":{"a":["b"]}})", R"({"a":1})", "", "dependentRequired",
     "the property \"b\" beside \"a\"", "no such property"},
    {R"({"dependentSchemas":{"a":{"minProperties":2}}})", R"({"a":1})", "", "minProperties",
     "at least 2 properties", "1 properties"},
    {R"({"dependencies":{"a":["b"]}})", R"({"a":1})", "", "dependencies",
     "the property \"b\" beside \"a\"", "no such property"},
    {R"({"unevaluatedProperties":false})", R"({"a":1})", "/a", "unevaluatedProperties",
     "nothing here", "1"},
};
INSTANTIATE_TEST_SUITE_P(Containers, SingleViolation, ::testing::ValuesIn(kContainerRows));

const Row kInPlaceRows[] = {
    {"false", "1", "", "", "nothing here", "1"},
    {R"({"allOf":[true,{"type":"null"}]})", "1", "", "type", "null", "integer"},
    {R"({"anyOf":[{"type":"null"},{"minimum":2}]})", "1", "", "anyOf", "one of 2 schemas to hold",
     "[0] the document: expected null, found integer; [1] the document: expected at least 2, "
     "found 1"},
    {R"({"oneOf":[{"type":"null"},{"minimum":2}]})", "1", "", "oneOf",
     "exactly one of 2 schemas to hold",
     "[0] the document: expected null, found integer; [1] the document: expected at least 2, "
     "found 1"},
    {R"({"oneOf":[{"type":"null"},true,{"minimum":0}]})", "1", "", "oneOf",
     "exactly one of 3 schemas to hold", "[1] and [2] hold"},
    {R"({"not":{"type":"integer"}})", "1", "", "not", "a value that the schema of \"not\" refuses",
     "1"},
    {R"({"if":{"minimum":0},"then":{"multipleOf":2}})", "1", "", "multipleOf", "a multiple of 2",
     "1"},
    {R"({"if":{"minimum":2},"else":{"multipleOf":2}})", "1", "", "multipleOf", "a multiple of 2",
     "1"},
    {R"({"properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"null"}}})", R"({"a":1})",
     "/a", "type", "null", "integer"},
    {R"({"properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":false}})", R"({"a":1})", "/a", "",
     "nothing here", "1"},
    {R"({"$ref":"https://json-schema.org/draft/2020-12/schema"})", R"({"items":{"type":3}})", "",
     "$ref", "a schema, with a type name or an array of distinct type names at /items/type", "3"},
};
INSTANTIATE_TEST_SUITE_P(InPlace, SingleViolation, ::testing::ValuesIn(kInPlaceRows));

TEST(Violations, AreAllReported) {
  const auto violations = Violations(
      R"({"required":["x","y"],"properties":{"a":{"type":"null"},"b":{"minimum":3,"multipleOf":2}},
          "additionalProperties":false})",
      R"({"a":1,"b":1,"c":1})");
  std::vector<std::string> seen;
  for (const Violation& v : violations) seen.push_back(absl::StrCat(v.pointer, " ", v.keyword));
  EXPECT_THAT(seen, ::testing::ElementsAre("/a type", "/b minimum", "/b multipleOf",
                                           "/c additionalProperties", " required", " required"));
}

TEST(Violations, StopAtTheLimit) {
  const std::string schema = R"({"items":{"type":"null"}})";
  EXPECT_THAT(Violations(schema, "[1,2,3,4]", 3), SizeIs(3));
  // Asked for none, one is given: an invalid document must not look valid.
  EXPECT_THAT(Violations(schema, "[1,2,3,4]", 0), SizeIs(1));
}

TEST(Violations, ShowNoMoreThanABitOfAValue) {
  const auto violations = Violations(R"({"maxLength":1,"pattern":"^b"})",
                                     absl::StrCat("\"", std::string(1 << 20, 'a'), "\""));
  ASSERT_THAT(violations, SizeIs(2));
  EXPECT_EQ(violations[0].actual, "1048576 characters");
  EXPECT_LT(violations[1].actual.size(), 100u);
}

TEST(Violations, AreCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "\xe2\x82\xac";
  const auto violations = Violations(R"({"type":"string","const":1})", "\"" + text + "\"");
  ASSERT_THAT(violations, SizeIs(1));
  const std::string& shown = violations[0].actual;
  EXPECT_EQ((shown.size() - 1 - 3) % 3, 0u) << shown;  // a quote, whole characters, an ellipsis
}

TEST(Violations, OfManyBranchesNameThree) {
  const auto violations =
      Violations(R"({"anyOf":[{"const":1},{"const":2},{"const":3},{"const":4},{"const":5}]})", "0");
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_THAT(violations[0].actual, HasSubstr("[2]"));
  EXPECT_THAT(violations[0].actual, HasSubstr("and 2 more"));
}

TEST(Formats, AreAnnotations) {
  EXPECT_THAT(Violations(R"({"format":"date-time","contentEncoding":"base64"})", "\"x\""),
              IsEmpty());
}

TEST(Numbers, CompareExactly) {
  // 2^53 + 1 is no double; as doubles both sides would be equal.
  EXPECT_THAT(Violations(R"({"maximum":9007199254740992.0})", "9007199254740993"), SizeIs(1));
  EXPECT_THAT(Violations(R"({"const":9007199254740993})", "9007199254740992.0"), SizeIs(1));
  EXPECT_THAT(Violations(R"({"minimum":18446744073709551615})", "18446744073709551614"), SizeIs(1));
  EXPECT_THAT(Violations(R"({"maximum":-1})", "18446744073709551615"), SizeIs(1));
  EXPECT_THAT(Violations(R"({"exclusiveMaximum":1e300})", "18446744073709551615"), IsEmpty());
  EXPECT_THAT(Violations(R"({"minimum":-1e300})", "-9223372036854775808"), IsEmpty());
  EXPECT_THAT(Violations(R"({"minimum":-5.5})", "-6"), SizeIs(1));
  EXPECT_THAT(Violations(R"({"minimum":-5.5})", "-5"), IsEmpty());
}

TEST(Numbers, AreMultiplesAsTheyAreWritten) {
  EXPECT_THAT(Violations(R"({"multipleOf":0.1})", "1.1"), IsEmpty());
  EXPECT_THAT(Violations(R"({"multipleOf":0.01})", "19.99"), IsEmpty());
  EXPECT_THAT(Violations(R"({"multipleOf":0.0001})", "0.00751"), SizeIs(1));
  EXPECT_THAT(Violations(R"({"multipleOf":1e-300})", "1e300"), IsEmpty());
  EXPECT_THAT(Violations(R"({"multipleOf":1e300})", "1e-300"), SizeIs(1));
  EXPECT_THAT(Violations(R"({"multipleOf":3})", "-9223372036854775808"), SizeIs(1));
  EXPECT_THAT(Violations(R"({"multipleOf":18446744073709551615})", "18446744073709551615"),
              IsEmpty());
  EXPECT_THAT(Violations(R"({"multipleOf":0.3})", "0"), IsEmpty());
}

TEST(Numbers, OfOneValueAreOneConstant) {
  EXPECT_THAT(Violations(R"({"const":1})", "1.0"), IsEmpty());
  EXPECT_THAT(Violations(R"({"enum":[1,2,3,4,5,6,7,8,9,10.0]})", "10"), IsEmpty());
  EXPECT_THAT(Violations(R"({"enum":[1,2,3,4,5,6,7,8,9,-1.5]})", "-1.5"), IsEmpty());
  EXPECT_THAT(Violations(R"({"enum":[1,2,3,4,5,6,7,8,9,-2.0]})", "-2"), IsEmpty());
  EXPECT_THAT(Violations(R"({"enum":[1,2,3,4,5,6,7,8,9,{"a":[true,"x"],"b":null}]})",
                         R"({"b":null,"a":[true,"x"]})"),
              IsEmpty());
}

TEST(Patterns, OfEcmaAreTranslated) {
  const auto matches = [](const std::string& pattern, const std::string& text) {
    std::string quoted;
    for (const char c : pattern) quoted += c == '\\' ? std::string("\\\\") : std::string(1, c);
    return Violations(absl::StrCat(R"({"pattern":")", quoted, "\"}"), "\"" + text + "\"").empty();
  };
  EXPECT_TRUE(matches("^\\u0041\\u{42}$", "AB"));
  EXPECT_TRUE(matches("^\\s[\\sx]$", "\u00a0\u2003"));
  EXPECT_FALSE(matches("^\\S$", "\u00a0"));
  EXPECT_TRUE(matches("^\\p{Letter}\\p{Script=Greek}$", "a\u03b1"));
  EXPECT_TRUE(matches("^(?<year>\\d{4})$", "2024"));
  EXPECT_TRUE(matches("^\\cJ$", "\\n"));
  EXPECT_TRUE(matches("^[(?<]$", "<"));
  EXPECT_TRUE(matches("^\\/\\-$", "/-"));
}

TEST(ManyProperties, AreFoundByTable) {
  std::string schema = R"({"additionalProperties":false,"properties":{)";
  std::string data = "{";
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&schema, i == 0 ? "" : ",", "\"p", i, "\":{\"const\":", i, "}");
    absl::StrAppend(&data, i == 0 ? "" : ",", "\"p", i, "\":", i);
  }
  EXPECT_THAT(Violations(schema + "}}", data + "}"), IsEmpty());
  EXPECT_THAT(Violations(schema + "}}", data + ",\"p100\":1}"), SizeIs(1));
}

TEST(Unevaluated, SeesWhatEveryAlternativeLookedAt) {
  const std::string schema =
      R"({"anyOf":[{"properties":{"a":true}},{"properties":{"b":true}}],
          "unevaluatedProperties":false})";
  EXPECT_THAT(Violations(schema, R"({"a":1,"b":2})"), IsEmpty());
  EXPECT_THAT(Violations(schema, R"({"a":1,"c":2})"), SizeIs(1));
}

}  // namespace
}  // namespace nexus::schema

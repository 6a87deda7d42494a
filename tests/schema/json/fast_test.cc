// The fast evaluation says what the exhaustive one says; its parts say what they stand for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/schema/corpus.h"
#include "schema/json/compiled_json_schema.h"
#include "schema/json/json_schema_validator.h"
#include "schema/json/key_table.h"
#include "schema/json/pattern_sequence.h"

namespace nexus::schema {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::shared_ptr<const CompiledJsonSchema> CompileBoth(absl::string_view schema,
                                                      const JsonSchemaOptions& options = {}) {
  auto compiled = JsonSchemaValidator(options).Compile(schema);
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  return std::dynamic_pointer_cast<const CompiledJsonSchema>(*compiled);
}

// What both evaluations say.
bool BothAccept(const CompiledJsonSchema& schema, const std::string& data) {
  const auto document = JsonDocument::Parse(data, 64);
  EXPECT_TRUE(document.ok()) << document.status();
  const bool fast = schema.AcceptsFast((*document)->root());
  const auto violations = schema.Judge((*document)->root(), 10);
  EXPECT_TRUE(violations.ok());
  EXPECT_EQ(fast, violations->empty()) << data;
  return fast;
}

TEST(FastEvaluation, AgreesOverTheCorpus) {
  const std::vector<CorpusCase> corpus = ReadCorpus(CORPUS_FOLDER);
  EXPECT_GE(corpus.size(), 20u);
  for (const CorpusCase& one : corpus) {
    SCOPED_TRACE(one.name);
    const auto schema = CompileBoth(one.schema);
    EXPECT_THAT(one.valid, Not(IsEmpty()));
    EXPECT_THAT(one.invalid, Not(IsEmpty()));
    for (const std::string& data : one.valid) EXPECT_TRUE(BothAccept(*schema, data)) << data;
    for (const std::string& data : one.invalid) EXPECT_FALSE(BothAccept(*schema, data)) << data;
  }
}

struct NumberCase {
  const char* rules;
  const char* data;
  bool valid;
};
void PrintTo(const NumberCase& c, std::ostream* os) { *os << c.rules << " of " << c.data; }

class FastNumber : public ::testing::TestWithParam<NumberCase> {};

TEST_P(FastNumber, IsComparedExactly) {
  EXPECT_EQ(BothAccept(*CompileBoth(absl::StrCat("{", GetParam().rules, "}")), GetParam().data),
            GetParam().valid);
}

INSTANTIATE_TEST_SUITE_P(
    Bounds, FastNumber,
    ::testing::Values(
        NumberCase{R"("minimum":2.5)", "2", false}, NumberCase{R"("minimum":2.5)", "3", true},
        NumberCase{R"("exclusiveMinimum":2.5)", "3", true},
        NumberCase{R"("exclusiveMinimum":3)", "3", false},
        NumberCase{R"("exclusiveMinimum":3.0)", "3", false},
        NumberCase{R"("exclusiveMinimum":3.0)", "4", true},
        NumberCase{R"("exclusiveMaximum":-2.5)", "-3", true},
        NumberCase{R"("exclusiveMaximum":-3.0)", "-3", false},
        NumberCase{R"("maximum":-2.5)", "-2", false},
        NumberCase{R"("minimum":9223372036854775808)", "9223372036854775807", false},
        NumberCase{R"("minimum":9223372036854775808)", "9223372036854775808", true},
        NumberCase{R"("maximum":9223372036854775808)", "9223372036854775807", true},
        NumberCase{R"("exclusiveMinimum":9223372036854775807)", "9223372036854775807", false},
        NumberCase{R"("exclusiveMaximum":-9223372036854775808)", "-9223372036854775808", false},
        NumberCase{R"("exclusiveMinimum":9007199254740992.0)", "9007199254740992", false},
        NumberCase{R"("exclusiveMinimum":9007199254740992.0)", "9007199254740993", true},
        NumberCase{R"("exclusiveMaximum":9007199254740992.0)", "9007199254740991", true},
        NumberCase{R"("exclusiveMaximum":1e19)", "9223372036854775807", true},
        NumberCase{R"("minimum":1e19)", "9223372036854775807", false},
        NumberCase{R"("minimum":-1e19)", "-9223372036854775808", true},
        NumberCase{R"("maximum":-1e19)", "-9223372036854775808", false},
        NumberCase{R"("minimum":3)", "2.999999999999999", false},
        NumberCase{R"("exclusiveMinimum":3)", "3.0", false},
        NumberCase{R"("exclusiveMinimum":3)", "3.0000000000000004", true},
        NumberCase{R"("exclusiveMaximum":-0.5)", "-0.5", false},
        NumberCase{R"("maximum":0)", "-0.0", true}, NumberCase{R"("minimum":0)", "-0.0", true},
        NumberCase{R"("exclusiveMinimum":0)", "5e-324", true},
        NumberCase{R"("exclusiveMinimum":0)", "-0.0", false},
        NumberCase{R"("exclusiveMaximum":0)", "-0.0", false},
        NumberCase{R"("minimum":9007199254740993)", "9007199254740992.0", false},
        NumberCase{R"("multipleOf":3)", "-9", true}, NumberCase{R"("multipleOf":3)", "10", false},
        NumberCase{R"("multipleOf":0.01)", "7", true},
        NumberCase{R"("multipleOf":0.01)", "4.02", true},
        NumberCase{R"("type":"integer")", "1.0", true},
        NumberCase{R"("type":"integer")", "1.5", false},
        NumberCase{R"("enum":[1,"a"])", "1.0", true}, NumberCase{R"("const":1.0)", "1", true},
        NumberCase{R"("const":1.5)", "1", false}));

TEST(FastSwitch, ChoosesByTheTextOfOneProperty) {
  const auto schema = CompileBoth(R"({"oneOf":[{"$ref":"#/$defs/a"},
      {"properties":{"kind":{"enum":["b","c"]},"x":{"type":"integer"}},"required":["x"]},
      {"properties":{"kind":{"const":"d"},"x":{"type":"string"}}}],
      "$defs":{"a":{"properties":{"x":true,"kind":{"const":"a"}}}}})");
  EXPECT_TRUE(BothAccept(*schema, R"({"kind":"a","x":{}})"));
  EXPECT_TRUE(BothAccept(*schema, R"({"x":1,"kind":"c"})"));
  EXPECT_FALSE(BothAccept(*schema, R"({"kind":"c"})"));
  EXPECT_FALSE(BothAccept(*schema, R"({"kind":"d","x":1})"));
  EXPECT_FALSE(BothAccept(*schema, R"({"kind":"e"})"));
  // Without the property, or where it is no text, the branches have to be asked.
  EXPECT_FALSE(BothAccept(*schema, "{}"));
  EXPECT_FALSE(BothAccept(*schema, R"({"kind":1})"));
  EXPECT_FALSE(BothAccept(*schema, "[]"));
}

TEST(FastEvaluation, HandsOverWhatAsksForEvaluatedMembers) {
  const auto schema = CompileBoth(R"({"properties":{"n":{"$ref":"#/$defs/n"}},
      "$defs":{"n":{"anyOf":[{"properties":{"a":true},"required":["a"]},
                             {"properties":{"b":true}}],"unevaluatedProperties":false}}})");
  EXPECT_TRUE(BothAccept(*schema, R"({"n":{"a":1,"b":2}})"));
  EXPECT_FALSE(BothAccept(*schema, R"({"n":{"a":1,"c":2}})"));
}

TEST(FastEvaluation, DoesNotAcceptWhatItCouldNotFinish) {
  JsonSchemaOptions options;
  options.steps_max = 3;
  const auto schema =
      CompileBoth(R"({"not":{"items":{"items":{"items":{"items":{"minimum":1}}}}}})", options);
  EXPECT_FALSE(schema->AcceptsFast((*JsonDocument::Parse("[[[[0]]]]", 64))->root()));
}

TEST(FastEvaluation, CountsTheBranchesThatItLooksAt) {
  std::string schema = R"({"items":{"anyOf":[{"minLength":1,"type":"null"})";
  for (int i = 0; i < 20'000; ++i) schema += R"(,{"minLength":1,"type":"null"})";
  // Valid, after two thousand million looks.
  const auto compiled = CompileBoth(schema + R"(,{"type":"integer"}]}})");
  std::string data = "[1";
  for (int i = 0; i < 100'000; ++i) data += ",1";
  EXPECT_FALSE(compiled->AcceptsFast((*JsonDocument::Parse(data + "]", 64))->root()));
}

TEST(FastEvaluation, AcceptsPropertyNamesByTheirOwnRules) {
  const auto schema = CompileBoth(R"({"propertyNames":{"maxLength":2,"enum":["a","bb","ccc"]}})");
  EXPECT_TRUE(BothAccept(*schema, R"({"a":1,"bb":1})"));
  EXPECT_FALSE(BothAccept(*schema, R"({"ccc":1})"));
}

TEST(FastEvaluation, TakesNoNameForASchema) {
  const auto schema =
      CompileBoth(R"({"propertyNames":{"$ref":"https://json-schema.org/draft/2020-12/schema"}})");
  EXPECT_TRUE(BothAccept(*schema, "{}"));
  EXPECT_FALSE(BothAccept(*schema, R"({"true":1})"));
}

TEST(KeyTable, FindsNamesThatDifferAnywhere) {
  std::vector<std::string> names = {"", "a", "ab", "abcdefgh", "abcdefgh1", "abcdefgh12345678"};
  for (const char* middle : {"1", "2", "3"}) {
    names.push_back(absl::StrCat("the_same_", middle, "_beginning_and_end"));
  }
  for (int i = 0; i < 300; ++i) names.push_back(absl::StrCat("property_", i));
  const KeyTable table(names);
  const auto find = [&](const std::string& name) {
    const std::string padded = name + "padding for it";
    return table.Find({padded.data(), name.size()});
  };
  for (size_t i = 0; i < names.size(); ++i) EXPECT_EQ(find(names[i]), static_cast<int>(i));
  for (const char* other : {"b", "the_same_4_beginning_and_end", "property_300", "abcdefgi"}) {
    EXPECT_EQ(find(other), -1) << other;
  }
  // Names that only their middle tells apart meet in one place.
  std::vector<std::string> crowd;
  for (int i = 100; i < 200; ++i) crowd.push_back(absl::StrCat("beginning", i, "the_end_"));
  const KeyTable crowded(crowd);
  for (size_t i = 0; i < crowd.size(); ++i) {
    EXPECT_EQ(crowded.Find(crowd[i]), static_cast<int>(i));
  }
  EXPECT_EQ(crowded.Find("beginning200the_end_"), -1);
  const KeyTable none;
  EXPECT_EQ(none.Find("abcdefghijklmnop"), -1);
}

class Sequence : public ::testing::TestWithParam<const char*> {};

// RE2 is the authority.
TEST_P(Sequence, MatchesWhatTheExpressionMatches) {
  const auto sequence = PatternSequence::Parse(GetParam());
  ASSERT_TRUE(sequence.has_value());
  const RE2 re(GetParam());
  std::mt19937 random(7);  // NOLINT: the same texts each time
  const std::string letters = "aZ09-_/.:{b";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (size_t left = random() % 9; left > 0; --left) text += letters[random() % letters.size()];
    if (i % 50 == 0) text += "\xc3\xa9";
    EXPECT_EQ(sequence->Matches(text), RE2::PartialMatch(text, re)) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Patterns, Sequence,
                         ::testing::Values("^", "^a", "^ab?$", "^a*$", "^[a-z]+$", "^[A-Z]{2}",
                                           "^\\d{1,3}$", "^[\\w.-]+:\\d*$", "^a{2,}[0-9]$",
                                           "^[a-z][0-9]*-?_", "^https?://", "^[a\\-b]+/$",
                                           "^a?-?_?$", "^[.a-]{0,2}:$", "^\\.\\/[-a]$"));

TEST(PatternSequence, LeavesToRe2WhatNeedsToGoBack) {
  for (const char* pattern :
       {"a", "^a*a$", "^[a-z]*b?c$", "^(a)$", "^a|b$", "^.$", "^[^a]$", "^a+?$", "^\\s$", "^é$",
        "^a$b", "^[[:alpha:]]$", "^a{2}{3}$", "^\\x41$", "^a**", "^[z-a]$", "^[", "^a{"}) {
    EXPECT_FALSE(PatternSequence::Parse(pattern).has_value()) << pattern;
  }
}

TEST(TreeCheck, LooksOnceAtEachPartOfALargeObject) {
  // Twice at each level would be 2^40 times.
  std::string data = "1";
  for (int level = 0; level < 40; ++level) {
    data = absl::StrCat(R"({"deep":)", data);
    for (int i = 0; i < 17; ++i) absl::StrAppend(&data, ",\"k", i, "\":0");
    data += "}";
  }
  EXPECT_TRUE(JsonDocument::Parse(data, 64).ok());
}

}  // namespace
}  // namespace nexus::schema

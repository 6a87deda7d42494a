// Documents and schemas that are malformed, huge or hostile.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/json/json_schema_validator.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::shared_ptr<const CompiledSchema> Compile(absl::string_view schema,
                                              JsonSchemaOptions options = {}) {
  auto compiled = JsonSchemaValidator(options).Compile(schema);
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  return compiled.ok() ? *std::move(compiled) : nullptr;
}

std::string Repeat(absl::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) absl::StrAppend(&out, text);
  return out;
}

struct MalformedCase {
  const char* name;
  std::string data;
  const char* message;
};
void PrintTo(const MalformedCase& c, std::ostream* os) { *os << c.name; }

class Malformed : public ::testing::TestWithParam<MalformedCase> {};

TEST_P(Malformed, IsRefusedWithPlaceAndReason) {
  const auto answer = Compile("true")->Validate(GetParam().data, 10);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(ReasonOf(answer.status()), ErrorReason::kMalformedJson);
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Json, Malformed,
    ::testing::Values(
        MalformedCase{"Empty", "", "byte 0: it is empty"},
        MalformedCase{"OnlySpace", " \n", "byte 2: it is empty"},
        MalformedCase{"Nul", std::string("\0", 1), "byte 0"},
        MalformedCase{"NulInside", std::string("\"a\0b\"", 5), "byte 2"},
        MalformedCase{"NulBehind", std::string("1\0", 2), "byte 1"},
        MalformedCase{"ByteOrderMark", "\xef\xbb\xbf{}", "byte 0"},
        MalformedCase{"NotUtf8", "\"ab\xff\"", "byte 3: it is not valid UTF-8"},
        MalformedCase{"OverlongUtf8", "\"\xc0\xaf\"", "byte 1: it is not valid UTF-8"},
        MalformedCase{"SurrogateUtf8", "\"\xed\xa0\x80\"", "byte 1: it is not valid UTF-8"},
        MalformedCase{"LoneSurrogate", R"("\ud800")", "surrogate"},
        MalformedCase{"LowSurrogateFirst", R"("\udc00")", "surrogate"},
        MalformedCase{"BadEscape", R"("\x")", "byte 2"},
        MalformedCase{"BadHex", R"("\u12g4")", "hex"},
        MalformedCase{"BareTab", "\"a\tb\"", "byte 2"},
        MalformedCase{"OpenString", "\"abc", "a string is not closed"},
        MalformedCase{"OpenEscape", "\"abc\\", "a string is not closed"},
        MalformedCase{"OpenObject", "{\"a\":1", "byte 6: an object is not closed"},
        MalformedCase{"OpenArray", "[1", "byte 2: an array is not closed"},
        MalformedCase{"WrongBracket", "[1}", "byte 2"},
        MalformedCase{"TrailingGarbage", "{} x", "byte 3: something follows"},
        MalformedCase{"TwoDocuments", "{}{}", "byte 2: something follows"},
        MalformedCase{"TrailingComma", "[1,]", "byte 3"},
        MalformedCase{"TrailingCommaInObject", "{\"a\":1,}", "byte 7"},
        MalformedCase{"NoColon", "{\"a\" 1}", "a colon is missing"},
        MalformedCase{"NoComma", "[1 2]", "byte 3: a comma"},
        MalformedCase{"NoName", "{1:2}", "byte 1"}, MalformedCase{"Comment", "/* */1", "byte 0"},
        MalformedCase{"SingleQuotes", "'a'", "byte 0"}, MalformedCase{"NaN", "NaN", "byte 0"},
        MalformedCase{"Infinity", "-Infinity", "a number is malformed"},
        MalformedCase{"LeadingZero", "01", "leading zero"},
        MalformedCase{"LeadingPlus", "+1", "byte 0"},
        MalformedCase{"OpenFraction", "1.", "a number is malformed"},
        MalformedCase{"OpenExponent", "1e", "a number is malformed"},
        MalformedCase{"HugeExponent", "[1e400]", "byte 1: a number fits neither"},
        MalformedCase{"HugeFraction", Repeat("9", 400) + ".5", "byte 0: a number fits neither"},
        MalformedCase{"BeyondUint64", "18446744073709551616", "a number fits neither"},
        MalformedCase{"BelowInt64", "-9223372036854775809", "a number fits neither"},
        MalformedCase{"TwiceTheSame", R"({"a":1,"a":1})", "/a is there twice"},
        MalformedCase{"TwiceByEscape", R"([0,{"b":{"a":1,"\u0061":2}}])", "/1/b/a is there twice"},
        MalformedCase{"TooDeep", Repeat("[", 65) + Repeat("]", 65),
                      "byte 64: it nests deeper than 64 levels"},
        MalformedCase{"FarTooDeep", Repeat("[", 10'000) + Repeat("]", 10'000), "64 levels"},
        MalformedCase{"FarTooDeepObjects", Repeat("{\"a\":", 10'000) + "1" + Repeat("}", 10'000),
                      "64 levels"},
        MalformedCase{"DeepAndOpen", Repeat("[", 1'000'000), "64 levels"}),
    [](const auto& param) { return std::string(param.param.name); });

class WellFormed : public ::testing::TestWithParam<std::string> {};

TEST_P(WellFormed, IsTaken) {
  const auto answer = Compile("true")->Validate(GetParam(), 10);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(*answer, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Json, WellFormed,
                         ::testing::Values(" null ", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"\"",
                                           "{\"\":1}", "-0", "1e-400", "1E+2", "0.5e3",
                                           "18446744073709551615", "-9223372036854775808",
                                           "1.7976931348623157e308",
                                           Repeat("[", 64) + Repeat("]", 64),
                                           Repeat("{\"a\":", 63) + "[]" + Repeat("}", 63)));

TEST(Huge, StringsAndArraysAreTaken) {
  const auto schema = Compile(R"({"properties":{"a":{"minLength":1048576},"b":{"minItems":1}}})");
  const std::string data = absl::StrCat(R"({"a":")", std::string(1 << 20, 'x'), R"(","b":[)",
                                        Repeat("1,", 100'000), "1]}");
  const auto answer = schema->Validate(data, 10);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(*answer, IsEmpty());
}

TEST(Huge, ManyItemsAreComparedInReasonableTime) {
  std::string data = "[";
  for (int i = 0; i < 100'000; ++i) absl::StrAppend(&data, i == 0 ? "" : ",", "[", i, "]");
  const auto schema = Compile(R"({"uniqueItems":true})");
  EXPECT_THAT(*schema->Validate(data + "]", 10), IsEmpty());
  EXPECT_THAT(*schema->Validate(data + ",[7]]", 10), SizeIs(1));
}

TEST(Huge, ManyPropertiesAreLookedThroughForDoubles) {
  std::string data = "{";
  for (int i = 0; i < 50'000; ++i) absl::StrAppend(&data, i == 0 ? "" : ",", "\"k", i, "\":0");
  const auto schema = Compile("true");
  EXPECT_TRUE(schema->Validate(data + "}", 10).ok());
  EXPECT_EQ(ReasonOf(schema->Validate(data + ",\"k49999\":0}", 10).status()),
            ErrorReason::kMalformedJson);
  EXPECT_EQ(ReasonOf(schema->Validate(data + ",\"k3\":0}", 10).status()),
            ErrorReason::kMalformedJson);
}

TEST(Huge, ASmallDocumentIsStillRightAfterALargeOne) {
  const auto schema = Compile(R"({"type":"object"})");
  EXPECT_THAT(*schema->Validate("[" + Repeat("1,", 200'000) + "1]", 10), SizeIs(1));
  EXPECT_THAT(*schema->Validate("{}", 10), IsEmpty());
}

struct InvalidCase {
  const char* name;
  std::string schema;
  const char* pointer;
  const char* keyword;
};
void PrintTo(const InvalidCase& c, std::ostream* os) { *os << c.name; }

class InvalidSchema : public ::testing::TestWithParam<InvalidCase> {};

TEST_P(InvalidSchema, IsRefusedWithAPointer) {
  const auto compiled = JsonSchemaValidator().Compile(GetParam().schema);
  ASSERT_FALSE(compiled.ok());
  const ErrorDetails details = DetailsOf(compiled.status());
  EXPECT_EQ(details.reason, ErrorReason::kSchemaInvalid);
  ASSERT_THAT(details.violations, SizeIs(1)) << compiled.status();
  EXPECT_EQ(details.violations[0].pointer, GetParam().pointer) << compiled.status();
  EXPECT_EQ(details.violations[0].keyword, GetParam().keyword);
  EXPECT_FALSE(details.violations[0].expected.empty());
  EXPECT_FALSE(details.violations[0].actual.empty());
}

constexpr char kDraft7[] = R"("$schema":"http://json-schema.org/draft-07/schema#")";

INSTANTIATE_TEST_SUITE_P(
    Form, InvalidSchema,
    ::testing::Values(
        InvalidCase{"Number", "12", "", ""}, InvalidCase{"Array", "[]", "", ""},
        InvalidCase{"Null", "null", "", ""}, InvalidCase{"Type", R"({"type":12})", "/type", "type"},
        InvalidCase{"TypeName", R"({"type":"text"})", "/type", "type"},
        InvalidCase{"TypeTwice", R"({"type":["null","null"]})", "/type", "type"},
        InvalidCase{"NoType", R"({"type":[]})", "/type", "type"},
        InvalidCase{"Required", R"({"required":"x"})", "/required", "required"},
        InvalidCase{"RequiredTwice", R"({"required":["x","x"]})", "/required", "required"},
        InvalidCase{"Minimum", R"({"properties":{"a":{"minimum":"a"}}})", "/properties/a/minimum",
                    "minimum"},
        InvalidCase{"Draft4Exclusive", R"({"minimum":1,"exclusiveMinimum":true})",
                    "/exclusiveMinimum", "exclusiveMinimum"},
        InvalidCase{"MultipleOfZero", R"({"multipleOf":0})", "/multipleOf", "multipleOf"},
        InvalidCase{"NegativeLength", R"({"minLength":-1})", "/minLength", "minLength"},
        InvalidCase{"HalfLength", R"({"maxItems":1.5})", "/maxItems", "maxItems"},
        InvalidCase{"Unique", R"({"uniqueItems":1})", "/uniqueItems", "uniqueItems"},
        InvalidCase{"NoBranches", R"({"anyOf":[]})", "/anyOf", "anyOf"},
        InvalidCase{"BranchIsNoSchema", R"({"oneOf":[true,3]})", "/oneOf", "oneOf"},
        InvalidCase{"Properties", R"({"properties":{"a":1}})", "/properties", "properties"},
        InvalidCase{"Items", R"({"items":[true]})", "/items", "items"},
        InvalidCase{"Enum", R"({"enum":1})", "/enum", "enum"},
        InvalidCase{"DependentRequired", R"({"dependentRequired":{"a":[1]}})", "/dependentRequired",
                    "dependentRequired"},
        InvalidCase{"Dependencies", R"({"dependencies":{"a":"b"}})", "/dependencies",
                    "dependencies"},
        InvalidCase{"Vocabulary", R"({"$vocabulary":{"a":1}})", "/$vocabulary", "$vocabulary"},
        InvalidCase{"Anchor", R"({"$anchor":"1a"})", "/$anchor", "$anchor"},
        InvalidCase{"UnusedDefinition", R"({"$defs":{"a":{"type":7}}})", "/$defs/a/type", "type"},
        InvalidCase{"BesideDraft7Ref",
                    absl::StrCat("{", kDraft7, R"(,"$ref":"#/definitions/a",)",
                                 R"("definitions":{"a":{"minLength":"x"}}})"),
                    "/definitions/a/minLength", "minLength"}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    References, InvalidSchema,
    ::testing::Values(
        InvalidCase{"OtherDraft", R"({"$schema":"http://json-schema.org/draft-03/schema#"})",
                    "/$schema", "$schema"},
        InvalidCase{"Remote", R"({"$ref":"http://example.com/a.json"})", "/$ref", "$ref"},
        InvalidCase{"File", R"({"items":{"$ref":"other.json#/a"}})", "/items/$ref", "$ref"},
        InvalidCase{"PartOfAMetaschema",
                    R"({"$ref":"http://json-schema.org/draft-07/schema#/definitions/x"})", "/$ref",
                    "$ref"},
        InvalidCase{"Nowhere", R"({"$ref":"#/$defs/a"})", "/$ref", "$ref"},
        InvalidCase{"NoSuchAnchor", R"({"$ref":"#a"})", "/$ref", "$ref"},
        InvalidCase{"BadPointer", R"({"$ref":"#/a~2"})", "/$ref", "$ref"},
        InvalidCase{"BadEscape", R"({"$ref":"#/a%2"})", "/$ref", "$ref"},
        InvalidCase{"ToNoSchema", R"({"$ref":"#/x","x":7})", "/x", ""},
        InvalidCase{"ToBadSchema", R"({"$ref":"#/x/y","x":{"y":{"type":7}}})", "/x/y/type", "type"},
        InvalidCase{"DynamicNowhere", R"({"$dynamicRef":"#a"})", "/$dynamicRef", "$dynamicRef"},
        InvalidCase{"RecursiveElsewhere",
                    R"({"$schema":"https://json-schema.org/draft/2019-09/schema",)"
                    R"("$recursiveRef":"#/x"})",
                    "/$recursiveRef", "$recursiveRef"},
        InvalidCase{"AnchorTwice", R"({"$defs":{"a":{"$anchor":"x"},"b":{"$anchor":"x"}}})",
                    "/$defs/b/$anchor", "$anchor"},
        InvalidCase{"IdTwice", R"({"$defs":{"a":{"$id":"http://x/"},"b":{"$id":"http://x/"}}})",
                    "/$defs/b/$id", "$id"},
        InvalidCase{"IdWithFragment", R"({"$id":"http://x/#a"})", "/$id", "$id"},
        InvalidCase{"ToItself", R"({"$ref":"#"})", "", "$ref"},
        InvalidCase{"LoopOfTwo",
                    R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"allOf":[{"$ref":"#/$defs/a"}]}}})",
                    "/$defs/a", "$ref"},
        InvalidCase{"LoopByNot", R"({"properties":{"a":{"not":{"$ref":"#/properties/a"}}}})",
                    "/properties/a", "$ref"},
        InvalidCase{"LoopByDependency", R"({"dependentSchemas":{"a":{"$ref":"#"}}})", "", "$ref"},
        InvalidCase{"LookAhead", R"x({"properties":{"a":{"pattern":"(?=a)"}}})x",
                    "/properties/a/pattern", "pattern"},
        InvalidCase{"BackReference", R"({"pattern":"(a)\\1"})", "/pattern", "pattern"},
        InvalidCase{"OpenGroup", R"({"patternProperties":{"a/(":true}})", "/patternProperties/a~1(",
                    "patternProperties"},
        InvalidCase{"HugeRepeat", R"({"pattern":"((a{1,500}){1,500}){1,500}"})", "/pattern",
                    "pattern"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(InvalidSchemas, ThatAreNotJsonSayWhere) {
  const auto compiled = JsonSchemaValidator().Compile(R"({"type":})");
  EXPECT_EQ(ReasonOf(compiled.status()), ErrorReason::kSchemaInvalid);
  EXPECT_THAT(std::string(compiled.status().message()), HasSubstr("at byte 8"));
}

TEST(InvalidSchemas, ThatNestTooDeepAreRefused) {
  const std::string deep = Repeat(R"({"not":)", 128) + "true" + Repeat("}", 128);
  EXPECT_TRUE(JsonSchemaValidator().Compile(deep).ok());
  EXPECT_EQ(ReasonOf(JsonSchemaValidator().Compile("{\"not\":" + deep + "}").status()),
            ErrorReason::kSchemaInvalid);
  const std::string abyss = Repeat(R"({"not":)", 50'000) + "true" + Repeat("}", 50'000);
  EXPECT_EQ(ReasonOf(JsonSchemaValidator().Compile(abyss).status()), ErrorReason::kSchemaInvalid);
}

TEST(InvalidSchemas, WithTooManyPartsAreRefused) {
  JsonSchemaOptions options;
  options.nodes_max = 10;
  options.patterns_max = 2;
  JsonSchemaValidator validator(options);
  EXPECT_TRUE(validator.Compile(absl::StrCat(R"({"allOf":[true)", Repeat(",true", 8), "]}")).ok());
  EXPECT_EQ(
      ReasonOf(
          validator.Compile(absl::StrCat(R"({"allOf":[true)", Repeat(",true", 9), "]}")).status()),
      ErrorReason::kSchemaInvalid);
  EXPECT_TRUE(validator.Compile(R"({"patternProperties":{"a":true,"b":true},"pattern":"a"})").ok());
  EXPECT_EQ(
      ReasonOf(
          validator.Compile(R"({"patternProperties":{"a":true,"b":true},"pattern":"c"})").status()),
      ErrorReason::kSchemaInvalid);
}

TEST(HostileSchemas, ThatDoubleAtEachStepRunIntoTheLimit) {
  std::string schema = R"({"$ref":"#/$defs/d0","$defs":{"d40":true)";
  for (int i = 0; i < 40; ++i) {
    absl::StrAppend(&schema, ",\"d", i, R"(":{"allOf":[{"$ref":"#/$defs/d)", i + 1,
                    R"("},{"$ref":"#/$defs/d)", i + 1, "\"}]}");
  }
  JsonSchemaOptions options;
  options.steps_max = 100'000;
  const auto answer = Compile(schema + "}}", options)->Validate("1", 10);
  EXPECT_EQ(ReasonOf(answer.status()), ErrorReason::kLimitExceeded);
}

TEST(HostileSchemas, WithALongChainOfReferencesRunIntoTheLimit) {
  std::string schema = R"({"$ref":"#/$defs/d0","$defs":{"d5000":true)";
  for (int i = 0; i < 5'000; ++i) {
    absl::StrAppend(&schema, ",\"d", i, R"(":{"$ref":"#/$defs/d)", i + 1, "\"}");
  }
  const auto answer = Compile(schema + "}}")->Validate("1", 10);
  EXPECT_EQ(ReasonOf(answer.status()), ErrorReason::kLimitExceeded);
}

TEST(HostileSchemas, ThatLoopByDynamicReferenceRunIntoTheLimit) {
  const auto answer = Compile(R"({"$dynamicAnchor":"a","$dynamicRef":"#a"})")->Validate("1", 10);
  EXPECT_EQ(ReasonOf(answer.status()), ErrorReason::kLimitExceeded);
}

TEST(HostileSchemas, WithNestedAlternativesExplainThemselvesInReasonableTime) {
  std::string schema = R"({"type":"null"})";
  for (int i = 0; i < 20; ++i) schema = absl::StrCat(R"({"anyOf":[)", schema, R"(,{"const":0}]})");
  const auto answer = Compile(schema)->Validate("1", 10);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_THAT(*answer, SizeIs(1));
  EXPECT_LT((*answer)[0].actual.size(), 600u);
}

TEST(CompiledSchema, IsSharedByThreads) {
  const auto schema = Compile(R"({"items":{"$ref":"#/$defs/n"},"uniqueItems":true,
      "$defs":{"n":{"pattern":"^a[0-9]+$",
                    "enum":["a1","a2","a3","a4","a5","a6","a7","a8","a9"]}}})");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        EXPECT_TRUE(schema->Validate(R"(["a1","a2"])", 10)->empty());
        EXPECT_EQ(schema->Validate(R"(["a1","b","a1"])", 10)->size(), 3u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(JsonReader, WritesOneFormForEqualDocuments) {
  SimdJsonReader json;
  const std::string canonical = R"({"a":[1,1.5,-2,"\"\\\u0001é/",true,null,{}],"b":100})";
  EXPECT_EQ(
      *json.Canonical(R"( {"b" : 1e2, "a":[1.0,1.5,-2,"\u0022\\\u0001\u00e9\/",true,null,{ }]} )"),
      canonical);
  EXPECT_EQ(*json.Canonical(canonical), canonical);
}

TEST(JsonReader, ReadsTheMembersOfAnObject) {
  SimdJsonReader json;
  const auto members = json.ReadObject(R"({"a":"x\ny","b":[1, 2]})");
  ASSERT_TRUE(members.ok());
  EXPECT_EQ(members->at("a").text, "x\ny");
  EXPECT_TRUE(members->at("a").is_string);
  EXPECT_EQ(members->at("b").text, "[1,2]");
  EXPECT_FALSE(members->at("b").is_string);
}

TEST(JsonReader, RefusesWhatIsNoObject) {
  SimdJsonReader json;
  EXPECT_EQ(ReasonOf(json.ReadObject("[]").status()), ErrorReason::kMalformedJson);
  EXPECT_EQ(ReasonOf(json.ReadObject("{").status()), ErrorReason::kMalformedJson);
  EXPECT_EQ(ReasonOf(json.Canonical("{").status()), ErrorReason::kMalformedJson);
}

}  // namespace
}  // namespace nexus::schema

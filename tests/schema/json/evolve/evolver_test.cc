#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/json/evolve/json_schema_evolver.h"
#include "schema/json/json_schema_validator.h"

namespace nexus::schema {
namespace {

std::shared_ptr<const CompiledSchema> Compiled(const std::string& text) {
  auto compiled = JsonSchemaValidator().Compile(text);
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  return *std::move(compiled);
}

// The document in the later version, or the reason of the error.
std::string Evolved(const std::string& from, const std::string& to, const std::string& document) {
  const auto result = JsonSchemaEvolver().Evolve(document, *Compiled(from), *Compiled(to));
  return result.ok() ? *result : std::string(ReasonName(ReasonOf(result.status())));
}

std::string Object(const std::string& properties) {
  return absl::StrCat(R"({"type":"object","properties":{)", properties, "}}");
}

TEST(JsonSchemaEvolver, GivesADefaultToWhatIsNew) {
  EXPECT_EQ(Evolved(Object(R"("a":{})"), Object(R"("a":{},"b":{"default":[1,"x"]})"), R"({"a":1})"),
            R"({"a":1,"b":[1,"x"]})");
  // Not to what could have been there before, nor to what is there, nor without a default.
  EXPECT_EQ(Evolved(Object(R"("b":{})"), Object(R"("b":{"default":1})"), "{ }"), "{ }");
  EXPECT_EQ(Evolved(Object(""), Object(R"("b":{"default":1})"), R"({"b":2})"), R"({"b":2})");
  EXPECT_EQ(Evolved(Object(""), Object(R"("b":{})"), "{}"), "{}");
}

TEST(JsonSchemaEvolver, DropsWhatIsGone) {
  EXPECT_EQ(Evolved(Object(R"("a":{},"b":{})"), Object(R"("a":{})"), R"({"b":{"x":1},"a":2})"),
            R"({"a":2})");
  // Nobody has declared it, so nobody has removed it.
  EXPECT_EQ(Evolved(Object(R"("a":{})"), Object(""), R"({"x": 1})"), R"({"x": 1})");
  // A pattern or a schema for all further members still speaks about it.
  EXPECT_EQ(Evolved(Object(R"("b":{})"), R"({"patternProperties":{"^b$":{}}})", R"({"b":1})"),
            R"({"b":1})");
}

TEST(JsonSchemaEvolver, LooksIntoObjectsArraysAndReferences) {
  const std::string from = R"({"$defs":{"line":{"properties":{"sku":{}, "old":{}}}},
    "properties":{"lines":{"items":{"$ref":"#/$defs/line"}},"to":{"properties":{"city":{}}}}})";
  const std::string to = R"({"$defs":{"line":{"properties":{"sku":{},"count":{"default":1}}}},
    "properties":{"lines":{"items":{"$ref":"#/$defs/line"}},
                  "to":{"properties":{"city":{},"zip":{"default":""}}}}})";
  EXPECT_EQ(Evolved(from, to, R"({"lines":[{"sku":"a","old":1},{"sku":"b"}],"to":{}})"),
            R"({"lines":[{"sku":"a","count":1},{"sku":"b","count":1}],"to":{"zip":""}})");
}

TEST(JsonSchemaEvolver, TellsTheBranchesOfAUnionApart) {
  const auto branch = [](const std::string& kind, const std::string& more) {
    return absl::StrCat(R"({"properties":{"kind":{"const":")", kind, "\"}", more,
                        R"(},"required":["kind"]})");
  };
  const std::string from =
      absl::StrCat(R"({"oneOf":[)", branch("card", ""), ",", branch("cash", ""), "]}");
  const std::string to =
      absl::StrCat(R"({"oneOf":[)", branch("card", R"(,"network":{"default":"unknown"})"), ",",
                   branch("cash", R"(,"rounded":{"default":false})"), "]}");
  EXPECT_EQ(Evolved(from, to, R"({"kind":"card"})"), R"({"kind":"card","network":"unknown"})");
  EXPECT_EQ(Evolved(from, to, R"({"kind":"cash"})"), R"({"kind":"cash","rounded":false})");
}

TEST(JsonSchemaEvolver, FollowsAConditionThatDecides) {
  const std::string from = R"({"properties":{"eu":{}}})";
  const std::string to = R"({"properties":{"eu":{}},"if":{"properties":{"eu":{"const":true}}},
    "then":{"properties":{"vat":{"default":"x"}}},"else":{"properties":{"tax":{"default":0}}}})";
  EXPECT_EQ(Evolved(from, to, R"({"eu":true})"), R"({"eu":true,"vat":"x"})");
  EXPECT_EQ(Evolved(from, to, R"({"eu":false})"), R"({"eu":false,"tax":0})");
}

TEST(JsonSchemaEvolver, KeepsEveryByteWhereNothingChanges) {
  const std::string text = "{ \"n\" : 1.0, \"big\" : 12345678901234567890, \"s\" : \"\\u00e9\" }";
  EXPECT_EQ(Evolved(Object(R"("n":{})"), Object(R"("n":{"title":"N"})"), text), text);
}

TEST(JsonSchemaEvolver, KeepsNumbersAndTextWhereSomethingDoes) {
  EXPECT_EQ(Evolved(Object(""), Object(R"("z":{"default":null})"),
                    R"({"n":1.5,"big":12345678901234567890,"s":"a\"\u00e9\n","e":[],"o":{}})"),
            "{\"n\":1.5,\"big\":12345678901234567890,\"s\":\"a\\\"é\\n\",\"e\":[],\"o\":{},"
            "\"z\":null}");
}

TEST(JsonSchemaEvolver, GoesBackToo) {
  const std::string first = Object(R"("a":{})");
  const std::string second = Object(R"("a":{},"b":{"default":1})");
  EXPECT_EQ(Evolved(second, first, R"({"a":1,"b":7})"), R"({"a":1})");
}

TEST(JsonSchemaEvolver, RefusesWhatIsNoJsonOrNoJsonSchema) {
  EXPECT_EQ(Evolved("true", "true", "{"), "MALFORMED_JSON");
  EXPECT_EQ(Evolved("true", "true", "7"), "7");
}

TEST(JsonSchemaEvolver, EndsOnSchemasThatReferToThemselves) {
  const std::string from = R"({"properties":{"next":{"$ref":"#"}}})";
  const std::string to = R"({"properties":{"next":{"$ref":"#"},"n":{"default":0}}})";
  EXPECT_EQ(Evolved(from, to, R"({"next":{"next":{}}})"),
            R"({"next":{"next":{"n":0},"n":0},"n":0})");
}

}  // namespace
}  // namespace nexus::schema

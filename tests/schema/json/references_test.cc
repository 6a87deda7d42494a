// Schemas that refer to other registered schemas, whatever their drafts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "nexus/core/errors.h"
#include "schema/json/json_schema_validator.h"

namespace nexus::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using References = std::vector<SchemaReference>;

// Whether a schema with these references accepts `data`.
bool Accepts(absl::string_view schema, const References& references, absl::string_view data) {
  const auto compiled = JsonSchemaValidator().Compile({schema, references});
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  if (!compiled.ok()) return false;
  const auto violations = (*compiled)->Validate(data, 10);
  EXPECT_TRUE(violations.ok()) << violations.status();
  return violations.ok() && violations->empty();
}

// Why a schema with these references is refused.
Violation Refusal(absl::string_view schema, const References& references,
                  const JsonSchemaOptions& options = {}) {
  const auto compiled = JsonSchemaValidator(options).Compile({schema, references});
  EXPECT_FALSE(compiled.ok());
  const ErrorDetails details = DetailsOf(compiled.status());
  EXPECT_EQ(details.reason, ErrorReason::kSchemaInvalid);
  EXPECT_THAT(details.violations, SizeIs(1)) << compiled.status();
  return details.violations.empty() ? Violation() : details.violations[0];
}

TEST(References, AreFoundByTheNameThatIsWritten) {
  const References money = {{"money.json", R"({"type":"integer"})"}};
  EXPECT_TRUE(Accepts(R"({"$ref":"money.json"})", money, "1"));
  EXPECT_FALSE(Accepts(R"({"$ref":"money.json"})", money, "\"1\""));
}

TEST(References, OfARelativeNameAreFoundBesideTheSchema) {
  const References money = {{"money.json", R"({"type":"integer"})"}};
  EXPECT_FALSE(Accepts(R"({"$id":"http://x/a/order.json","$ref":"../a/money.json"})", money, "{}"));
  EXPECT_FALSE(
      Accepts(R"({"$id":"http://x/a/order.json","$ref":"http://x/a/money.json"})", money, "{}"));
}

TEST(References, AreFoundByTheIdentifierInsideTheDocument) {
  const References money = {{"money.json", R"({"$id":"http://m/money","type":"integer"})"}};
  EXPECT_FALSE(Accepts(R"({"$ref":"http://m/money"})", money, "{}"));
}

TEST(References, LeadIntoADocumentByPointerAndByAnchor) {
  const References types = {{"t", R"({"$defs":{"a":{"type":"null"},
      "b":{"$anchor":"here","type":"integer"}},"x-more":{"c":{"type":"string"}}})"}};
  EXPECT_TRUE(Accepts(R"({"$ref":"t#/$defs/a"})", types, "null"));
  EXPECT_FALSE(Accepts(R"({"$ref":"t#/$defs/a"})", types, "1"));
  EXPECT_FALSE(Accepts(R"({"$ref":"t#here"})", types, "null"));
  EXPECT_FALSE(Accepts(R"({"$ref":"t#/x-more/c"})", types, "1"));
}

TEST(References, LeadOnToFurtherDocumentsAndBack) {
  const std::string schema =
      R"({"$id":"http://x/tree","properties":{"l":{"$ref":"branch"}},"type":"object"})";
  const References branch = {{"http://x/leaf", R"({"type":["null","object"]})"},
                             {"http://x/branch", R"({"anyOf":[{"$ref":"leaf","type":"null"},
                                                              {"$ref":"tree"}]})"}};
  EXPECT_TRUE(Accepts(schema, branch, R"({"l":{"l":{"l":null}}})"));
  EXPECT_FALSE(Accepts(schema, branch, R"({"l":{"l":{"l":3}}})"));
}

TEST(References, SpeakTheirOwnDraft) {
  const std::string schema = R"({"$schema":"http://json-schema.org/draft-07/schema#",
      "properties":{"four":{"$ref":"four"},"new":{"$ref":"new"}}})";
  const References others = {
      {"four", R"({"$schema":"http://json-schema.org/draft-04/schema#","type":"integer",
                   "minimum":1,"exclusiveMinimum":true,"const":7})"},
      {"new", R"({"$schema":"https://json-schema.org/draft/2020-12/schema",
                  "prefixItems":[{"type":"string"}],"items":false})"}};
  EXPECT_TRUE(Accepts(schema, others, R"({"four":2,"new":["a"]})"));
  EXPECT_FALSE(Accepts(schema, others, R"({"four":1})"));
  EXPECT_FALSE(Accepts(schema, others, R"({"four":2.0})"));
  EXPECT_FALSE(Accepts(schema, others, R"({"new":["a",1]})"));
}

TEST(References, ToDocumentsThatNothingNeedsAreNotJudged) {
  EXPECT_TRUE(Accepts("true", {{"bad", R"({"type":"what"})"}}, "1"));
}

TEST(References, ThatAreMalformedAreNamed) {
  EXPECT_EQ(Refusal(R"({"$ref":"bad"})", {{"bad", R"({"items":{"type":"what"}})"}}).pointer,
            "bad#/items/type");
  EXPECT_EQ(Refusal(R"({"$ref":"bad#/$defs/a"})", {{"bad", "true"}}).pointer, "/$ref");
  const References no_json = {{"bad", "{"}};
  EXPECT_THAT(std::string(JsonSchemaValidator().Compile({"true", no_json}).status().message()),
              HasSubstr("bad: malformed JSON"));
}

TEST(References, ThatLeadBackWithTheSameValueAreRefused) {
  EXPECT_EQ(
      Refusal(R"({"$id":"http://x/a","$ref":"b"})", {{"http://x/b", R"({"allOf":[{"$ref":"a"}]})"}})
          .keyword,
      "$ref");
}

TEST(References, CountTogetherAgainstTheLimits) {
  JsonSchemaOptions options;
  options.nodes_max = 4;
  const std::string schema = R"({"allOf":[true,{"$ref":"a"}]})";
  const auto compile = [&](const char* other) {
    const References references = {{"a", other}};
    return JsonSchemaValidator(options).Compile({schema, references}).ok();
  };
  EXPECT_TRUE(compile("true"));
  EXPECT_FALSE(compile(R"({"allOf":[true]})"));
  options.nodes_max = 100;
  options.patterns_max = 1;
  EXPECT_TRUE(compile(R"({"pattern":"a"})"));
  EXPECT_FALSE(compile(R"({"pattern":"a","not":{"pattern":"b"}})"));
  options.schema_bytes_max = schema.size() + 4;
  EXPECT_TRUE(compile("true"));
  EXPECT_FALSE(compile("false"));
}

TEST(Metaschemas, OfOnesOwnMayLeaveValidationOut) {
  const References own = {{"http://x/meta",
                           R"({"$schema":"https://json-schema.org/draft/2020-12/schema",
      "$vocabulary":{"https://json-schema.org/draft/2020-12/vocab/core":true,
                     "https://json-schema.org/draft/2020-12/vocab/applicator":true}})"}};
  const std::string schema = R"({"$schema":"http://x/meta","properties":{"a":{"type":"null"},
                                                                         "b":false}})";
  EXPECT_TRUE(Accepts(schema, own, R"({"a":1})"));
  EXPECT_FALSE(Accepts(schema, own, R"({"b":1})"));
}

TEST(Metaschemas, ThatDemandAnUnknownVocabularyAreRefused) {
  const References own = {{"http://x/meta",
                           R"({"$schema":"https://json-schema.org/draft/2020-12/schema",
      "$vocabulary":{"http://x/vocab":true}})"}};
  EXPECT_EQ(Refusal(R"({"$schema":"http://x/meta"})", own).keyword, "$schema");
}

struct DraftCase {
  const char* name;
  const char* schema;
  const char* data;
  bool valid;
};
void PrintTo(const DraftCase& c, std::ostream* os) { *os << c.name; }

class Metaschema : public ::testing::TestWithParam<DraftCase> {};

TEST_P(Metaschema, JudgesASchemaAsAValue) {
  EXPECT_EQ(Accepts(GetParam().schema, {}, GetParam().data), GetParam().valid);
}

constexpr char kMeta4[] = R"({"$ref":"http://json-schema.org/draft-04/schema#"})";
constexpr char kMeta6[] = R"({"$ref":"http://json-schema.org/draft-06/schema#"})";
constexpr char kMeta2019[] = R"({"$ref":"https://json-schema.org/draft/2019-09/schema"})";

INSTANTIATE_TEST_SUITE_P(
    Drafts, Metaschema,
    ::testing::Values(DraftCase{"NoBooleansInDraft4", kMeta4, "true", false},
                      DraftCase{"ButForAdditional", kMeta4, R"({"additionalItems":true})", true},
                      DraftCase{"NotForItems", kMeta4, R"({"items":true})", false},
                      DraftCase{"BooleansInDraft6", kMeta6, "true", true},
                      DraftCase{"BooleanExclusive", kMeta4, R"({"exclusiveMinimum":true})", true},
                      DraftCase{"NumberExclusive", kMeta4, R"({"exclusiveMinimum":1})", false},
                      DraftCase{"NothingRequired", kMeta4, R"({"required":[]})", false},
                      DraftCase{"NothingRequired6", kMeta6, R"({"required":[]})", true},
                      DraftCase{"RecursiveAnchor", kMeta2019, R"({"$recursiveAnchor":1})", false},
                      DraftCase{"ItemsOf2019", kMeta2019, R"({"items":[true]})", true}),
    [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace nexus::schema

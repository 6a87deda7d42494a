// Which members of a document a schema does not declare, and what is said of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/schema/corpus.h"
#include "nexus/core/errors.h"
#include "schema/json/compiled_json_schema.h"
#include "schema/json/json_schema_validator.h"
#include "schema/json/nearest_name.h"

namespace nexus::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::shared_ptr<const CompiledJsonSchema> Compiled(absl::string_view schema,
                                                   const JsonSchemaOptions& options = {}) {
  auto compiled = JsonSchemaValidator(options).Compile(schema);
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  return std::dynamic_pointer_cast<const CompiledJsonSchema>(*compiled);
}

std::vector<std::string> PointersOf(const std::vector<Violation>& violations) {
  std::vector<std::string> pointers;
  for (const Violation& violation : violations) pointers.push_back(violation.pointer);
  return pointers;
}

// By both evaluations, of a valid document.
std::vector<std::string> Undeclared(absl::string_view schema, absl::string_view data) {
  const auto compiled = Compiled(schema);
  const auto json = *JsonDocument::Parse(data, 64);
  const auto slow = compiled->InspectExhaustively(json->root(), 10, 100);
  EXPECT_TRUE(slow.ok()) << slow.status();
  EXPECT_THAT(slow->violations, IsEmpty()) << data;
  if (compiled->AcceptsFast(json->root())) {
    const auto fast = compiled->UndeclaredFast(json->root(), 100);
    EXPECT_TRUE(fast.ok()) << fast.status();
    EXPECT_EQ(*fast, slow->undeclared) << data;
  } else {
    EXPECT_FALSE(compiled->has_fast()) << data;
  }
  const auto inspected = compiled->Inspect(data, 10, 100);
  EXPECT_EQ(inspected->undeclared, slow->undeclared) << data;
  return PointersOf(slow->undeclared);
}

TEST(Undeclared, IsWhatNoKeywordOfTheObjectLooksAt) {
  constexpr char kSchema[] = R"({"properties":{"a":{},"b":{"type":"integer"}},
      "patternProperties":{"^x-":{}},"required":["c"]})";
  EXPECT_THAT(Undeclared(kSchema, R"({"a":1,"b":2,"x-y":3,"c":4,"d":5})"), ElementsAre("/c", "/d"));
  EXPECT_THAT(Undeclared(kSchema, R"({"c":4})"), ElementsAre("/c")) << "required declares nothing";
}

TEST(Undeclared, IsNothingWhereAdditionalOrUnevaluatedPropertiesAreSaid) {
  EXPECT_THAT(Undeclared(R"({"properties":{"a":{}},"additionalProperties":true})", R"({"b":1})"),
              IsEmpty());
  EXPECT_THAT(Undeclared(R"({"additionalProperties":{"type":"integer"}})", R"({"b":1})"),
              IsEmpty());
  EXPECT_THAT(Undeclared(R"({"properties":{"a":{}},"unevaluatedProperties":true})", R"({"b":1})"),
              IsEmpty());
}

TEST(Undeclared, IsNothingInAnObjectOfWhichNoSchemaNamesMembers) {
  for (const char* schema :
       {"true", "{}", R"({"type":"object"})", R"({"required":["a"]})", R"({"minProperties":1})",
        R"({"propertyNames":{"minLength":1}})", R"({"const":{"a":{"b":1}}})"}) {
    EXPECT_THAT(Undeclared(schema, R"({"a":{"b":1}})"), IsEmpty()) << schema;
  }
  EXPECT_THAT(Undeclared(R"({"properties":{"free":{"type":"object"}}})", R"({"free":{"a":1}})"),
              IsEmpty());
}

TEST(Undeclared, IsFoundAtEveryLevelThatIsDescribed) {
  constexpr char kSchema[] = R"({"properties":{
      "customer":{"properties":{"name":{}}},
      "lines":{"prefixItems":[{"properties":{"first":{}}}],"items":{"properties":{"sku":{}}}},
      "by~/":{"additionalProperties":{"properties":{"n":{}}}}}})";
  EXPECT_THAT(Undeclared(kSchema, R"({"customer":{"nmae":1,"name":2},
                  "lines":[{"first":1,"sku":2},{"first":1,"sku":2}],
                  "by~/":{"k":{"n":1,"m":{"deep":1}}}})"),
              ElementsAre("/customer/nmae", "/lines/0/sku", "/lines/1/first", "/by~0~1/k/m"));
}

TEST(Undeclared, IsNotWhatAnotherSchemaOfTheSamePlaceDeclares) {
  EXPECT_THAT(Undeclared(R"({"allOf":[{"properties":{"a":{"properties":{"b":{}}}}},
                                      {"$ref":"#/$defs/other"}],
                             "$defs":{"other":{"properties":{"a":{"properties":{"c":{}}},"d":{}}}},
                             "properties":{"e":{}}})",
                         R"({"a":{"b":1,"c":2,"x":3},"d":1,"e":2,"f":3})"),
              ElementsAre("/a/x", "/f"));
}

TEST(Undeclared, CountsOnlyBranchesThatHold) {
  constexpr char kSchema[] = R"({"oneOf":[
      {"properties":{"kind":{"const":"card"},"number":{"properties":{"digits":{}}}}},
      {"properties":{"kind":{"const":"bank"},"iban":{}}}]})";
  EXPECT_THAT(Undeclared(kSchema, R"({"kind":"card","number":{"digits":1,"x":2},"iban":3})"),
              ElementsAre("/number/x", "/iban"));
  EXPECT_THAT(Undeclared(kSchema, R"({"kind":"bank","number":{"digits":1,"x":2},"iban":3})"),
              ElementsAre("/number"));
  constexpr char kAnyOf[] = R"({"anyOf":[true,{"properties":{"a":{"type":"integer"}}},
                                         {"properties":{"b":{"type":"integer"}}}]})";
  EXPECT_THAT(Undeclared(kAnyOf, R"({"a":1,"b":2,"c":3})"), ElementsAre("/c"));
  EXPECT_THAT(Undeclared(kAnyOf, R"({"a":1,"b":"text","c":3})"), ElementsAre("/b", "/c"));
  EXPECT_THAT(Undeclared(kAnyOf, R"({"a":"text","b":"text"})"), IsEmpty());
}

TEST(Undeclared, FollowsConditionsAndDependencies) {
  constexpr char kIf[] = R"({"properties":{"k":{}},
      "if":{"properties":{"k":{"const":1},"i":{}},"required":["k"]},
      "then":{"properties":{"t":{}}},"else":{"properties":{"e":{}}}})";
  EXPECT_THAT(Undeclared(kIf, R"({"k":1,"i":2,"t":3,"e":4})"), ElementsAre("/e"));
  EXPECT_THAT(Undeclared(kIf, R"({"k":2,"i":2,"t":3,"e":4})"), ElementsAre("/i", "/t"));
  constexpr char kDependent[] = R"({"properties":{"a":{}},
      "dependentSchemas":{"a":{"properties":{"b":{}}}}})";
  EXPECT_THAT(Undeclared(kDependent, R"({"a":1,"b":2})"), IsEmpty());
  EXPECT_THAT(Undeclared(kDependent, R"({"b":2})"), ElementsAre("/b"));
}

TEST(Undeclared, DoesNotListenToWhatMustNotHold) {
  EXPECT_THAT(Undeclared(R"({"properties":{"a":{}},
                             "not":{"properties":{"b":{"type":"string"}},"required":["b"]}})",
                         R"({"a":1,"b":2})"),
              ElementsAre("/b"));
}

TEST(Undeclared, FollowsReferencesThatLeadBackAndDynamicOnes) {
  constexpr char kTree[] = R"({"$id":"tree","$dynamicAnchor":"node",
      "properties":{"v":{},"kids":{"items":{"$dynamicRef":"#node"}}}})";
  EXPECT_THAT(Undeclared(kTree, R"({"v":1,"kids":[{"v":2,"kids":[{"w":3}]}]})"),
              ElementsAre("/kids/0/kids/0/w"));
  constexpr char kList[] = R"({"properties":{"next":{"$ref":"#"}}})";
  EXPECT_THAT(Undeclared(kList, R"({"next":{"next":{"last":1}}})"), ElementsAre("/next/next/last"));
}

TEST(Undeclared, IsLookedForBesideUnevaluatedRules) {
  constexpr char kSchema[] = R"({"properties":{
      "open":{"properties":{"a":{}},"unevaluatedItems":false},
      "list":{"contains":{"properties":{"a":{"const":1}}},"unevaluatedItems":{}}}})";
  EXPECT_THAT(Undeclared(kSchema, R"({"open":{"a":1,"b":2},"list":[{"a":1,"c":2},{"a":2,"c":2}]})"),
              ElementsAre("/open/b", "/list/0/c"));
}

TEST(Undeclared, NamesWhatMayHaveBeenMeant) {
  const auto found = *Compiled(R"({"properties":{"customer_id":{},"total":{},"vat":{}}})")
                          ->Inspect(R"({"custmer_id":1,"customerId":2,"vta":3,"other":4})", 10, 10);
  ASSERT_THAT(found.undeclared, SizeIs(4));
  EXPECT_THAT(found.undeclared[0].message, HasSubstr("is \"customer_id\" meant?"));
  EXPECT_THAT(found.undeclared[1].message, HasSubstr("is \"customer_id\" meant?"));
  EXPECT_THAT(found.undeclared[2].message, HasSubstr("is \"vat\" meant?"));
  EXPECT_EQ(found.undeclared[3].message, "/other is not declared by the schema");
  EXPECT_EQ(found.undeclared[3].keyword, "undeclared");
  EXPECT_EQ(found.undeclared[0].actual, "\"custmer_id\"");
}

TEST(Undeclared, IsToldOfADocumentThatBreaksTheSchemaToo) {
  const auto found = *Compiled(R"({"properties":{"customer_id":{"type":"string"}},
                                   "required":["customer_id"]})")
                          ->Inspect(R"({"custmer_id":"c"})", 10, 10);
  ASSERT_THAT(found.violations, SizeIs(1));
  EXPECT_EQ(found.violations[0].keyword, "required");
  EXPECT_THAT(PointersOf(found.undeclared), ElementsAre("/custmer_id"));
}

TEST(Undeclared, IsNotToldByAnEvaluationThatStoppedEarly) {
  const auto found = *Compiled(R"({"required":["z"],"properties":{"a":{"type":"string"}}})")
                          ->Inspect(R"({"a":1,"b":2})", 1, 10);
  EXPECT_THAT(found.violations, SizeIs(1));
  EXPECT_THAT(found.undeclared, IsEmpty());
}

TEST(Undeclared, IsBounded) {
  std::string data = "{";
  for (int i = 0; i < 500; ++i) absl::StrAppend(&data, i > 0 ? "," : "", "\"k", i, "\":0");
  data += "}";
  const auto schema = Compiled(R"({"properties":{"a":{}}})");
  EXPECT_THAT(schema->Inspect(data, 10, 20)->undeclared, SizeIs(20));
  EXPECT_THAT(schema->Inspect(data, 10, 0)->undeclared, SizeIs(1));
}

TEST(Undeclared, ASchemaThatSaysTooMuchIsRefusedNotObeyed) {
  std::string schema = R"({"allOf":[)";
  for (int i = 0; i < 2'100; ++i) {
    absl::StrAppend(&schema, i > 0 ? "," : "", R"({"additionalProperties":true})");
  }
  std::string data = "{";
  for (int i = 0; i < 1'000; ++i) absl::StrAppend(&data, i > 0 ? "," : "", "\"k", i, "\":0");
  const auto found = Compiled(schema + "]}")->Inspect(data + "}", 10, 10);
  EXPECT_EQ(ReasonOf(found.status()), ErrorReason::kLimitExceeded) << found.status();
}

TEST(Undeclared, IsTheSameForBothEvaluationsOverTheCorpus) {
  size_t documents = 0;
  for (const CorpusCase& one : ReadCorpus(CORPUS_FOLDER)) {
    SCOPED_TRACE(one.name);
    const auto schema = Compiled(one.schema);
    for (const std::string& data : one.valid) {
      const auto json = *JsonDocument::Parse(data, 64);
      if (!schema->AcceptsFast(json->root())) continue;
      const auto slow = schema->InspectExhaustively(json->root(), 10, 1'000);
      const auto fast = schema->UndeclaredFast(json->root(), 1'000);
      ASSERT_TRUE(slow.ok()) << slow.status();
      ASSERT_TRUE(fast.ok()) << fast.status();
      EXPECT_EQ(*fast, slow->undeclared);
      ++documents;
    }
  }
  EXPECT_GT(documents, 20u);
}

TEST(NearestName, PrefersTheSameWordInAnotherSpelling) {
  NearestName nearest("userName", 10);
  nearest.Offer("userNames");
  nearest.Offer("user_name");
  EXPECT_EQ(nearest.found(), "user_name");
}

TEST(NearestName, OfAShortNameIsNoOtherWord) {
  NearestName nearest("id", 10);
  nearest.Offer("ip");
  EXPECT_EQ(nearest.found(), "");
  nearest.Offer("ID");
  EXPECT_EQ(nearest.found(), "ID");
}

TEST(NearestName, LooksAtNoMoreThanItIsAllowedTo) {
  NearestName nearest("total", 1);
  nearest.Offer("other");
  nearest.Offer("totla");
  EXPECT_EQ(nearest.found(), "");
}

}  // namespace
}  // namespace nexus::schema

// What a JSON Schema says about the classes of its data.

#include "schema/json/classified_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/json/json_schema_validator.h"

namespace nexus::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// "path class" and "!" of a subject key; at the end "..." if there are more.
std::vector<std::string> ClassesOf(const SchemaSource& source) {
  const auto schema = JsonSchemaValidator().Compile(source);
  EXPECT_TRUE(schema.ok()) << schema.status();
  if (!schema.ok()) return {};
  std::vector<std::string> texts;
  for (const ClassifiedField& field : (*schema)->Classified().fields) {
    texts.push_back(absl::StrCat(field.path, " ", field.data_class, field.subject_key ? "!" : ""));
  }
  if (!(*schema)->Classified().complete) texts.push_back("...");
  return texts;
}

TEST(ClassifiedFields, AreListedByTheirWayIntoTheData) {
  EXPECT_THAT(ClassesOf(R"({"properties":{
                  "id":{"type":"string","x-nexus-subject-key":true},
                  "contact":{"properties":{"email":{"x-nexus-class":"pii.email"},"phone":{}}},
                  "a/b":{"x-nexus-class":"secret","x-nexus-subject-key":true},
                  "lines":{"prefixItems":[{"x-nexus-class":"a"}],"items":{"x-nexus-class":"b"}}},
                  "patternProperties":{"^n":{"x-nexus-class":"c"}},
                  "additionalProperties":{"x-nexus-class":"d"}})"),
              ElementsAre("/* c", "/* d", "/a~1b secret!", "/contact/email pii.email", "/id !",
                          "/lines/* b", "/lines/0 a"));
}

TEST(ClassifiedFields, AreFoundBehindReferencesAndInAlternatives) {
  SchemaSource source(R"({"$defs":{"mail":{"x-nexus-class":"pii.email"}},
      "properties":{"from":{"$ref":"#/$defs/mail"},"to":{"$ref":"#/$defs/mail"},
                    "other":{"$ref":"person.json"}},
      "oneOf":[{"properties":{"card":{"x-nexus-class":"secret"}}},{"type":"string"}],
      "if":{"type":"object"},"then":{"properties":{"x":{"x-nexus-class":"x"}}},
      "not":{"properties":{"never":{"x-nexus-class":"y"}}}})");
  const std::vector<SchemaReference> references = {
      {"person.json", R"({"properties":{"name":{"x-nexus-class":"pii.name"}}})"}};
  source.references = references;
  EXPECT_THAT(ClassesOf(source), ElementsAre("/card secret", "/from pii.email",
                                             "/other/name pii.name", "/to pii.email", "/x x"));
}

TEST(ClassifiedFields, AreReadBesideAReferenceInEveryDraft) {
  EXPECT_THAT(ClassesOf(R"({"$schema":"http://json-schema.org/draft-07/schema#",
                            "definitions":{"s":{"type":"string","x-nexus-class":"pii"}},
                            "properties":{"a":{"$ref":"#/definitions/s",
                                               "x-nexus-class":"pii.a"}}})"),
              ElementsAre("/a pii", "/a pii.a"));
}

TEST(ClassifiedFields, OfATypeThatHoldsItselfAreListedOnce) {
  EXPECT_THAT(ClassesOf(R"({"properties":{"name":{"x-nexus-class":"pii.name"},
                                          "child":{"$ref":"#"}}})"),
              ElementsAre("/name pii.name", "..."));
}

TEST(ClassifiedFields, OfTypesThatMultiplyAreBounded) {
  std::string schema = R"({"$ref":"#/$defs/t0","$defs":{)";
  for (int i = 0; i < 30; ++i) {
    absl::StrAppend(&schema, R"("t)", i, R"(":{"properties":{"a":{"$ref":"#/$defs/t)", i + 1,
                    R"("},"b":{"$ref":"#/$defs/t)", i + 1, R"("}}},)");
  }
  absl::StrAppend(&schema, R"("t30":{"x-nexus-class":"secret"}}})");
  EXPECT_THAT(ClassesOf(schema), SizeIs(1'001));
}

TEST(ClassifiedFields, AreNoneWithoutAnnotations) {
  EXPECT_THAT(ClassesOf(R"({"properties":{"a":{"x-other":"pii"},"x-nexus-class":{}}})"), IsEmpty());
  EXPECT_THAT(ClassesOf("true"), IsEmpty());
}

struct Bad {
  const char* schema;
  const char* pointer;
};

TEST(ClassifiedFields, ThatAreMalformedAreRefusedWithTheirPlace) {
  for (const Bad& bad :
       {Bad{R"({"properties":{"a":{"x-nexus-class":"PII"}}})", "/properties/a/x-nexus-class"},
        Bad{R"({"properties":{"a":{"x-nexus-class":["pii"]}}})", "/properties/a/x-nexus-class"},
        Bad{R"({"x-nexus-class":""})", "/x-nexus-class"},
        Bad{R"({"items":{"x-nexus-subject-key":"yes"}})", "/items/x-nexus-subject-key"},
        Bad{R"({"$defs":{"unused":{"x-nexus-class":1}}})", "/$defs/unused/x-nexus-class"}}) {
    const absl::Status status = JsonSchemaValidator().Compile(bad.schema).status();
    const ErrorDetails details = DetailsOf(status);
    EXPECT_EQ(details.reason, ErrorReason::kSchemaInvalid) << bad.schema;
    ASSERT_THAT(details.violations, SizeIs(1)) << bad.schema;
    EXPECT_EQ(details.violations[0].pointer, bad.pointer);
  }
}

TEST(ClassifiedFields, ChangeNothingAboutWhatIsValid) {
  const auto schema = *JsonSchemaValidator().Compile(
      R"({"properties":{"a":{"type":"string","x-nexus-class":"pii.email"}}})");
  EXPECT_THAT(*schema->Validate(R"({"a":"x"})", 10), IsEmpty());
  EXPECT_THAT(*schema->Validate(R"({"a":1})", 10), SizeIs(1));
}

}  // namespace
}  // namespace nexus::schema

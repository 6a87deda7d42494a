#include "schema/avro/classified_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/avro/avro_schema_validator.h"

namespace nexus::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> ClassesOf(const std::string& definition) {
  const auto schema = AvroSchemaValidator().Compile(definition);
  EXPECT_TRUE(schema.ok()) << schema.status();
  if (!schema.ok()) return {};
  std::vector<std::string> texts;
  for (const ClassifiedField& field : (*schema)->Classified().fields) {
    texts.push_back(absl::StrCat(field.path, " ", field.data_class, field.subject_key ? "!" : ""));
  }
  if (!(*schema)->Classified().complete) texts.push_back("...");
  return texts;
}

std::string FaultOf(const std::string& definition) {
  const ErrorDetails details = DetailsOf(AvroSchemaValidator().Compile(definition).status());
  if (details.reason != ErrorReason::kSchemaInvalid || details.violations.size() != 1) return "";
  return details.violations[0].pointer;
}

TEST(ClassifiedTypes, AreFieldsAndTypesWithAnAnnotation) {
  EXPECT_THAT(ClassesOf(R"({"type":"record","name":"Order","fields":[
      {"name":"id","type":"string","x-nexus-subject-key":true},
      {"name":"mail","type":["null",{"type":"string","x-nexus-class":"pii.email"}]},
      {"name":"people","type":{"type":"array","items":{"type":"record","name":"Person","fields":[
          {"name":"name","type":"string","x-nexus-class":"pii.name"}]}}},
      {"name":"owner","type":"Person"},
      {"name":"keys","type":{"type":"map","values":{"type":"bytes","x-nexus-class":"secret"}}},
      {"name":"pin","type":{"type":"fixed","name":"Pin","size":4,"x-nexus-class":"secret"}},
      {"name":"total","type":"long"}]})"),
              ElementsAre("/id !", "/keys/* secret", "/mail pii.email", "/owner/name pii.name",
                          "/people/*/name pii.name", "/pin secret"));
}

TEST(ClassifiedTypes, OfARecordThatHoldsItselfAreListedOnce) {
  EXPECT_THAT(ClassesOf(R"({"type":"record","name":"Node","fields":[
      {"name":"name","type":"string","x-nexus-class":"pii.name"},
      {"name":"next","type":["null","Node"]}]})"),
              ElementsAre("/name pii.name", "..."));
}

TEST(ClassifiedTypes, AreNoneWithoutAnnotations) {
  EXPECT_THAT(ClassesOf(R"({"type":"record","name":"R","fields":[
                            {"name":"a","type":["null","R"]}]})"),
              IsEmpty());
}

TEST(ClassifiedTypes, ThatAreMalformedAreRefusedWithTheirPlace) {
  EXPECT_EQ(FaultOf(R"({"type":"string","x-nexus-class":"E-Mail"})"), "/x-nexus-class");
  EXPECT_EQ(FaultOf(R"({"type":"record","name":"R","fields":[
                        {"name":"a","type":"int","x-nexus-subject-key":1}]})"),
            "/fields/0/x-nexus-subject-key");
  // A name stands for one type wherever it stands: it cannot be another one here.
  EXPECT_EQ(FaultOf(R"({"type":"record","name":"R","fields":[
                        {"name":"a","type":{"type":"fixed","name":"F","size":1}},
                        {"name":"b","type":{"type":"F","x-nexus-class":"secret"}}]})"),
            "/fields/1/type");
}

}  // namespace
}  // namespace nexus::schema

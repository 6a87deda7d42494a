#include "schema/protobuf/classified_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/protobuf/compile.h"

namespace nexus::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kHead[] = R"(syntax = "proto3"; package shop;
    import "nexus/schema/v1/annotations.proto"; )";
constexpr char kOrder[] = R"(
    message Order {
      string id = 1 [(nexus.schema.v1.subject_key) = true];
      string mail = 2 [(nexus.schema.v1.class) = "pii.email"];
      repeated Person people = 3;
      map<string, Person> by_name = 4;
      repeated string notes = 5 [(nexus.schema.v1.class) = "pii.text"];
      bytes raw = 6 [deprecated = true];
    }
    message Person { string name = 1 [(nexus.schema.v1.class) = "pii.name"]; }
    message Other { string unseen = 1 [(nexus.schema.v1.class) = "x"]; })";

std::vector<std::string> ClassesOf(const CompiledSchema& schema) {
  std::vector<std::string> texts;
  for (const ClassifiedField& field : schema.Classified().fields) {
    texts.push_back(absl::StrCat(field.path, " ", field.data_class, field.subject_key ? "!" : ""));
  }
  if (!schema.Classified().complete) texts.push_back("...");
  return texts;
}

TEST(ClassifiedOptions, AreThoseOfTheEventAndWhatItHolds) {
  const auto schema = Compiled(absl::StrCat(kHead, kOrder));
  ASSERT_NE(schema, nullptr);
  EXPECT_THAT(ClassesOf(*schema),
              ElementsAre("/by_name/*/value/name pii.name", "/id !", "/mail pii.email",
                          "/notes/* pii.text", "/people/*/name pii.name"));
}

TEST(ClassifiedOptions, AreTheSameInTheSerializedForm) {
  const auto schema = Compiled(absl::StrCat(kHead, kOrder));
  ASSERT_NE(schema, nullptr);
  const auto again = Compiled(schema->Serialized());
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(ClassesOf(*again), ClassesOf(*schema));
}

TEST(ClassifiedOptions, OfAMessageThatHoldsItselfAreListedOnce) {
  const auto schema = Compiled(
      absl::StrCat(kHead, R"(message Node { string name = 1 [(nexus.schema.v1.class) = "pii.name"];
                               Node next = 2; })"));
  ASSERT_NE(schema, nullptr);
  EXPECT_THAT(ClassesOf(*schema), ElementsAre("/name pii.name", "..."));
}

TEST(ClassifiedOptions, AreNoneWithoutTheImport) {
  const auto schema = Compiled(R"(syntax = "proto3"; package shop;
      import "google/protobuf/descriptor.proto";
      extend google.protobuf.FieldOptions { string class = 77072; }
      message Order { string id = 1 [(shop.class) = "Not One Of Ours"]; })");
  ASSERT_NE(schema, nullptr);
  EXPECT_THAT(ClassesOf(*schema), IsEmpty());
}

TEST(ClassifiedOptions, ThatAreMalformedAreRefusedWithTheField) {
  const absl::Status status =
      ProtobufValidator()
          .Compile(absl::StrCat(
              kHead, R"(message Order { string id = 1 [(nexus.schema.v1.class) = "PII"]; })"))
          .status();
  EXPECT_EQ(ReasonOf(status), ErrorReason::kSchemaInvalid);
  EXPECT_THAT(std::string(status.message()), HasSubstr("shop.Order.id"));
  EXPECT_EQ(Compiled(absl::StrCat(
                kHead, "message O { string id = 1 [(nexus.schema.v1.subject_key) = \"yes\"]; }")),
            nullptr);
}

TEST(ClassifiedOptions, AreContent) {
  const auto canonical = [](const std::string& name) {
    return *ProtobufValidator().Canonical(absl::StrCat(
        kHead, "message O { string id = 1 [(nexus.schema.v1.class) = \"", name, "\"]; }"));
  };
  EXPECT_EQ(canonical("secret"), canonical("secret"));
  EXPECT_NE(canonical("secret"), canonical("pii"));
}

}  // namespace
}  // namespace nexus::schema

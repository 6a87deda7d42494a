// What docs/evidence/bad-input.md lists for Protobuf and is not in hostile_test.cc.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/protobuf/compile.h"

namespace nexus::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string RefusalOf(const std::string& definition) {
  const auto schema = ProtobufValidator().Compile(definition);
  if (schema.ok()) return "";
  EXPECT_EQ(ReasonOf(schema.status()), ErrorReason::kSchemaInvalid);
  return std::string(schema.status().message());
}

TEST(BadInputProtobuf, ADescriptorWithAMissingImportNamesIt) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("m.proto");
  file.set_syntax("proto3");
  file.add_dependency("a/b.proto");
  auto& field = *file.add_message_type()->add_field();
  file.mutable_message_type(0)->set_name("M");
  field.set_name("b");
  field.set_number(1);
  field.set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
  field.set_type(google::protobuf::FieldDescriptorProto::TYPE_MESSAGE);
  field.set_type_name(".a.B");
  EXPECT_THAT(RefusalOf(absl::Base64Escape(file.SerializeAsString())), HasSubstr("a/b.proto"));
}

TEST(BadInputProtobuf, TenThousandAlternativesAreLookedThrough) {
  std::string text = "syntax = \"proto3\"; message M { oneof o {";
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&text, " bool b", i, " = ", i + 20'000, ";");
  const auto schema = Compiled(text + "} }");
  ASSERT_NE(schema, nullptr);
  EXPECT_THAT(*schema->Validate("\x88\xe2\x09\x01", 10), SizeIs(0));        // field 20,001
  EXPECT_THAT(schema->Inspect("\x08\x01", 10, 10)->undeclared, SizeIs(1));  // field 1
}

// A message that must hold itself has no data that end.
TEST(BadInputProtobuf, AMessageThatRequiresItselfHasNoData) {
  const auto schema = Compiled("syntax = \"proto2\"; message M { required M m = 1; }");
  ASSERT_NE(schema, nullptr);
  EXPECT_FALSE(schema->Validate("", 10)->empty());
  std::string data;
  for (int i = 0; i < 100; ++i) data = absl::StrCat("\x0a", std::string(1, '\0'), data);
  EXPECT_FALSE(schema->Validate(absl::string_view("\x0a\x02\x0a\x00", 4), 10)->empty());
  EXPECT_FALSE(schema->Validate(data, 10)->empty());
}

TEST(BadInputProtobuf, HugeNumbersOfADefinitionAreRefused) {
  EXPECT_THAT(RefusalOf("message M { optional int32 a = 1 [default = 2147483648]; }"),
              HasSubstr("line 1"));
  EXPECT_THAT(RefusalOf("message M { optional int32 a = 99999999999999999999; }"),
              HasSubstr("line 1"));
  EXPECT_THAT(RefusalOf("enum E { A = 2147483648; }"), HasSubstr("line 1"));
}

TEST(BadInputProtobuf, AByteOrderMarkIsRefusedAtItsPlace) {
  EXPECT_THAT(RefusalOf("\xef\xbb\xbfsyntax = \"proto3\"; message M { int32 a = 1; }"),
              HasSubstr("line 1, column 1"));
}

TEST(BadInputProtobuf, HalfASurrogateIsNoText) {
  const auto schema = Compiled("syntax = \"proto3\"; message M { string a = 1; }");
  EXPECT_THAT(*schema->Validate("\x0a\x03\xed\xa0\x80", 10), SizeIs(1));
  EXPECT_THAT(*schema->Validate("\x0a\x03\xef\xbb\xbf", 10), IsEmpty());
}

}  // namespace
}  // namespace nexus::schema

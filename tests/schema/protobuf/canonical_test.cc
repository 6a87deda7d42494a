// One text for definitions that mean the same, and the forms that a schema is handed out in.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/protobuf/compile.h"

namespace nexus::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string CanonicalOf(absl::string_view definition) {
  const auto text = ProtobufValidator().Canonical(definition);
  return text.ok() ? *text : std::string(text.status().message());
}

constexpr char kEverything[] = R"(
syntax = "proto2";
package shop.v1;
import "google/protobuf/timestamp.proto";
import public "google/protobuf/any.proto";
option java_package = "org.example";
option deprecated = true;
message Order {
  option deprecated = true;
  required string id = 1 [json_name = "Id", deprecated = true];
  optional Kind kind = 2 [default = BIG];
  repeated int32 marks = 3 [packed = true];
  map<string, Line> lines = 4;
  oneof payment { string card = 5; Line credit = 6; }
  optional group Body = 7 { optional int32 size = 1; }
  optional google.protobuf.Timestamp at = 8;
  optional string greeting = 9 [default = "a\"b\n"];
  optional bytes raw = 10 [default = "\001\377"];
  optional double ratio = 11 [default = -inf];
  message Line { optional string sku = 1; enum Unit { PIECE = 0; } optional Unit unit = 2; }
  reserved 50, 20 to 30, 1000 to max;
  reserved "gone", "away";
  extensions 100 to 199;
  extend Order { optional int32 inner = 150; }
}
enum Kind { option allow_alias = true; SMALL = 1; BIG = 7; LARGE = 7; MIDDLE = 3; reserved 4 to 6; }
extend Order { optional string outer = 101; }
service Orders { rpc Watch(Order) returns (stream Order) { option deprecated = true; } }
)";

TEST(Canonical, OfEverythingIsWrittenOut) {
  EXPECT_EQ(CanonicalOf(kEverything), R"(syntax = "proto2";
package shop.v1;
import public "google/protobuf/any.proto";
import "google/protobuf/timestamp.proto";
option java_package = "org.example";
option deprecated = true;
message Order {
  option deprecated = true;
  required string id = 1 [json_name = "Id", deprecated = true];
  optional .shop.v1.Kind kind = 2 [default = BIG];
  repeated int32 marks = 3 [packed = true];
  map<string, .shop.v1.Order.Line> lines = 4;
  oneof payment {
    string card = 5;
    .shop.v1.Order.Line credit = 6;
  }
  optional group Body = 7 {
    optional int32 size = 1;
  }
  optional .google.protobuf.Timestamp at = 8;
  optional string greeting = 9 [default = "a\"b\n"];
  optional bytes raw = 10 [default = "\001\377"];
  optional double ratio = 11 [default = -inf];
  extensions 100 to 199;
  reserved 20 to 30;
  reserved 50;
  reserved 1000 to max;
  reserved "away";
  reserved "gone";
  message Line {
    optional string sku = 1;
    optional .shop.v1.Order.Line.Unit unit = 2;
    enum Unit {
      PIECE = 0;
    }
  }
  extend .shop.v1.Order {
    optional int32 inner = 150;
  }
}
enum Kind {
  option allow_alias = true;
  SMALL = 1;
  MIDDLE = 3;
  BIG = 7;
  LARGE = 7;
  reserved 4 to 6;
}
extend .shop.v1.Order {
  optional string outer = 101;
}
service Orders {
  rpc Watch(.shop.v1.Order) returns (stream .shop.v1.Order) {
    option deprecated = true;
  }
}
)");
}

TEST(Canonical, IsTheCanonicalFormOfItself) {
  const std::string canonical = CanonicalOf(kEverything);
  EXPECT_EQ(CanonicalOf(canonical), canonical);
}

TEST(Canonical, IsTheSameForEveryFormOfASchema) {
  const std::string canonical = CanonicalOf(kEverything);
  const auto schema = Compiled(kEverything);
  ASSERT_NE(schema, nullptr);
  EXPECT_EQ(schema->Canonical(), canonical);
  EXPECT_EQ(CanonicalOf(schema->Serialized()), canonical);
  EXPECT_EQ(CanonicalOf(schema->Text()), canonical);
  std::string bytes;
  ASSERT_TRUE(absl::Base64Unescape(schema->Serialized(), &bytes));
  google::protobuf::FileDescriptorSet set;
  set.add_file()->set_name("other.proto");
  ASSERT_TRUE(set.add_file()->ParseFromString(bytes));
  EXPECT_EQ(CanonicalOf(absl::Base64Escape(set.SerializeAsString())), canonical);
}

struct Same {
  const char* name;
  const char* one;
  const char* other;
};
void PrintTo(const Same& same, std::ostream* os) { *os << same.name; }

class SameMeaning : public ::testing::TestWithParam<Same> {};

TEST_P(SameMeaning, HasOneText) {
  EXPECT_THAT(CanonicalOf(GetParam().one), HasSubstr("syntax"));
  EXPECT_EQ(CanonicalOf(GetParam().one), CanonicalOf(GetParam().other));
}

INSTANTIATE_TEST_SUITE_P(
    All, SameMeaning,
    ::testing::Values(
        Same{"Space", "syntax=\"proto3\";message M{int32 a=1;}",
             "syntax = \"proto3\";\n\n  message M {\n int32 a = 0x1; }"},
        Same{"Comments", "syntax=\"proto3\";message M{int32 a=1;}",
             "// license\nsyntax=\"proto3\"; /* b */ message M{int32 a=1; // c\n}"},
        Same{"Syntax", "message M{optional int32 a=1;}",
             "syntax=\"proto2\";message M{optional int32 a=1;}"},
        Same{"Fields", "syntax=\"proto3\";message M{int32 a=1;int32 b=2;}",
             "syntax=\"proto3\";message M{int32 b=2;int32 a=1;}"},
        Same{"Names", "syntax=\"proto3\";package p;message M{M m=1;}",
             "syntax=\"proto3\";package p;message M{.p.M m=1;}"},
        Same{"Oneof", "syntax=\"proto3\";message M{oneof o{int32 a=1;int32 b=2;}int32 c=3;}",
             "syntax=\"proto3\";message M{int32 c=3;oneof o{int32 b=2;int32 a=1;}}"},
        Same{"Optional", "syntax=\"proto3\";message M{optional int32 a=1;oneof o{int32 b=2;}}",
             "syntax=\"proto3\";message M{oneof o{int32 b=2;}optional int32 a=1;}"},
        Same{"JsonName", "syntax=\"proto3\";message M{int32 a_b=1;}",
             "syntax=\"proto3\";message M{int32 a_b=1[json_name=\"aB\"];}"},
        Same{"Reserved", "syntax=\"proto3\";message M{reserved 5;reserved \"b\",\"a\";reserved 2;}",
             "syntax=\"proto3\";message M{reserved 2,5;reserved \"a\",\"b\";}"},
        Same{"EnumValues", "syntax=\"proto3\";message M{}enum E{Z=0;B=2;A=1;}",
             "syntax=\"proto3\";message M{}enum E{Z=0;A=1;B=2;}"},
        Same{"Enums", "syntax=\"proto3\";enum E{Z=0;}message M{}enum D{Y=0;}",
             "syntax=\"proto3\";enum D{Y=0;}enum E{Z=0;}message M{}"},
        Same{
            "Imports",
            "syntax=\"proto3\";import \"google/protobuf/any.proto\";import \"b.proto\";message M{}",
            "syntax=\"proto3\";import \"b.proto\";import \"google/protobuf/any.proto\";message "
            "M{}"}),
    [](const auto& row) { return std::string(row.param.name); });

class OtherMeaning : public ::testing::TestWithParam<Same> {};

TEST_P(OtherMeaning, HasAnotherText) {
  EXPECT_THAT(CanonicalOf(GetParam().one), HasSubstr("syntax"));
  EXPECT_THAT(CanonicalOf(GetParam().other), HasSubstr("syntax"));
  EXPECT_NE(CanonicalOf(GetParam().one), CanonicalOf(GetParam().other));
}

INSTANTIATE_TEST_SUITE_P(
    All, OtherMeaning,
    ::testing::Values(
        Same{"OrderOfMessages", "syntax=\"proto3\";message M{}message N{}",
             "syntax=\"proto3\";message N{}message M{}"},
        Same{"FirstEnumValue", "message M{}enum E{A=1;B=2;}", "message M{}enum E{B=2;A=1;}"},
        Same{"Option", "syntax=\"proto3\";message M{int32 a=1;}",
             "syntax=\"proto3\";message M{int32 a=1[deprecated=true];}"},
        Same{"ImportedOption", "syntax=\"proto3\";import \"a.proto\";message M{int32 a=1;}",
             "syntax=\"proto3\";import \"a.proto\";message M{int32 a=1[(x.y).z=5];}"},
        Same{"ImportedType", "syntax=\"proto3\";import \"a.proto\";message M{a.A a=1;}",
             "syntax=\"proto3\";import \"a.proto\";message M{.a.A a=1;}"},
        Same{"DefaultOfAnImportedEnum",
             "import \"a.proto\";message M{optional a.E e=1[default=A];}",
             "import \"a.proto\";message M{optional a.E e=1[default=B];}"},
        Same{"Presence", "syntax=\"proto3\";message M{int32 a=1;}",
             "syntax=\"proto3\";message M{optional int32 a=1;}"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Canonical, KeepsACustomOptionOfEitherForm) {
  const std::string text = R"(syntax = "proto3";
    import "google/protobuf/descriptor.proto";
    extend google.protobuf.FieldOptions { string note = 50001; }
    message M { int32 a = 1 [(note) = "private"]; })";
  EXPECT_THAT(CanonicalOf(text), HasSubstr("private"));
  EXPECT_EQ(CanonicalOf(Compiled(text)->Serialized()), CanonicalOf(text));
}

TEST(Canonical, OfAnImportedEnumIsTheSameForText) {
  const std::vector<SchemaReference> references = {
      {"a.proto", "syntax = \"proto2\"; package a; enum E { A = 1; B = 2; }"}};
  const std::string text =
      "import \"a.proto\"; message M { optional .a.E e = 1 [default = B]; extensions 5 to 9; "
      "message N { extend M { optional .a.E f = 5 [default = A]; } } }";
  const auto schema = Compiled(SchemaSource(text, references));
  ASSERT_NE(schema, nullptr);
  EXPECT_EQ(CanonicalOf(text), schema->Canonical());
  EXPECT_EQ(CanonicalOf(schema->Serialized()), schema->Canonical());
}

TEST(Canonical, DoesNotLookAtReferences) {
  const std::string text = R"(syntax = "proto3"; import "money.proto";
                              message M { q.Money total = 1; map<string, q.Money> more = 2; })";
  EXPECT_THAT(CanonicalOf(text), HasSubstr("q.Money total = 1;"));
  EXPECT_EQ(ReasonOf(ProtobufValidator().Compile(text).status()), ErrorReason::kSchemaInvalid);
}

TEST(Canonical, OfWhatCannotBeReadIsAnError) {
  EXPECT_EQ(ReasonOf(ProtobufValidator().Canonical("message {").status()),
            ErrorReason::kSchemaInvalid);
  EXPECT_EQ(ReasonOf(ProtobufValidator().Canonical("").status()), ErrorReason::kSchemaInvalid);
}

TEST(Forms, TextIsProtoAgain) {
  const auto schema = Compiled(kEverything);
  EXPECT_THAT(schema->Text(), HasSubstr("message Order {"));
  EXPECT_THAT(schema->Text(), Not(HasSubstr("//")));
  EXPECT_EQ(Compiled(schema->Text())->Canonical(), schema->Canonical());
}

TEST(Forms, SerializedHasTheNameThatItCameWith) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("shop/order.proto");
  file.set_syntax("proto3");
  file.add_message_type()->set_name("M");
  const auto schema = Compiled(absl::Base64Escape(file.SerializeAsString()));
  ASSERT_NE(schema, nullptr);
  std::string bytes;
  ASSERT_TRUE(absl::Base64Unescape(schema->Serialized(), &bytes));
  google::protobuf::FileDescriptorProto again;
  ASSERT_TRUE(again.ParseFromString(bytes));
  EXPECT_EQ(again.SerializeAsString(), file.SerializeAsString());
}

}  // namespace
}  // namespace nexus::schema

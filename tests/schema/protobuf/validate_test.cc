// Data against a compiled schema: what is refused, where it is and why.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
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
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kProto3[] = R"(
syntax = "proto3";
package shop;
message Order {
  string id = 1;
  int64 cents = 2;
  repeated Line lines = 3;
  map<string, Line> by_sku = 4;
  repeated sint32 marks = 5;
  Kind kind = 6;
  bytes raw = 7;
  fixed32 four = 8;
  double eight = 9;
  oneof payment { string card = 10; Line credit = 11; }
  optional bool flag = 12;
  Order parent = 20;
}
message Line { string sku = 1; uint32 count = 2; message Note { string text = 1; } }
enum Kind { NONE = 0; SOME = 1; }
)";

constexpr char kProto2[] = R"(
syntax = "proto2";
message Event {
  required string id = 1;
  optional Part part = 2;
  repeated Part parts = 3;
  optional Color color = 4;
  repeated Color colors = 5;
  optional group Body = 6 { optional int32 size = 1; }
  extensions 100 to 200;
}
message Part { required int32 a = 1; optional int32 b = 2; }
enum Color { RED = 1; BLUE = 5; }
extend Event { optional string remark = 100; }
)";

std::string Bytes(absl::string_view hex) {
  std::string digits;
  for (const char c : hex) {
    if (c != ' ') digits += c;
  }
  return absl::HexStringToBytes(digits);
}

std::string Told(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& violation : violations) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", violation.keyword, " ", violation.pointer);
  }
  return text;
}

struct Case {
  const char* name;
  const char* schema;
  const char* hex;
  const char* told;  // "keyword pointer, ..."; empty: valid
};
void PrintTo(const Case& c, std::ostream* os) { *os << c.name; }

class Data : public ::testing::TestWithParam<Case> {};

TEST_P(Data, IsJudged) {
  const auto schema = Compiled(GetParam().schema);
  ASSERT_NE(schema, nullptr);
  const auto findings = schema->Inspect(Bytes(GetParam().hex), 10, 10);
  ASSERT_TRUE(findings.ok());
  std::vector<Violation> violations = findings->violations;
  EXPECT_EQ(*schema->Validate(Bytes(GetParam().hex), 10), violations);
  violations.insert(violations.end(), findings->undeclared.begin(), findings->undeclared.end());
  EXPECT_EQ(Told(violations), GetParam().told);
  for (const Violation& violation : violations) {
    EXPECT_FALSE(violation.expected.empty());
    EXPECT_FALSE(violation.actual.empty());
    EXPECT_FALSE(violation.message.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Proto3, Data,
    ::testing::Values(
        Case{"Empty", kProto3, "", ""}, Case{"Text", kProto3, "0a 01 61", ""},
        Case{"TextNotUtf8", kProto3, "0a 02 61 ff", "utf8 /id"},
        Case{"BytesNotUtf8", kProto3, "3a 02 61 ff", ""},
        Case{"Negative", kProto3, "10 ff ff ff ff ff ff ff ff ff 01", ""},
        Case{"VarintOf11Bytes", kProto3, "10 ff ff ff ff ff ff ff ff ff ff 01", "wire "},
        Case{"VarintOf65Bits", kProto3, "10 ff ff ff ff ff ff ff ff ff 02", "wire "},
        Case{"VarintCut", kProto3, "10 ff", "wire "}, Case{"TagCut", kProto3, "80", "wire "},
        Case{"NoValue", kProto3, "0a", "wire "}, Case{"TextCut", kProto3, "0a 05 61", "wire "},
        Case{"FieldZero", kProto3, "00 00", "wire "}, Case{"WireType6", kProto3, "0e", "wire "},
        Case{"WireType7", kProto3, "0f", "wire "},
        Case{"TagOfMoreThan32Bits", kProto3, "f8 ff ff ff 7f 00", "wire "},
        Case{"Unknown", kProto3, "f8 01 07 10 05", "undeclared "},
        Case{"UnknownGroup", kProto3, "fb 01 08 01 fc 01", "undeclared "},
        Case{"UnknownGroupOpen", kProto3, "fb 01 08 01", "wire "},
        Case{"EndOfNoGroup", kProto3, "fc 01", "wire "},
        Case{"OtherWireType", kProto3, "08 01", "wireType /id"},
        Case{"InSecondLine", kProto3, "1a 03 0a 01 61 1a 03 0a 01 ff", "utf8 /lines/1/sku"},
        Case{"UnknownInLine", kProto3, "1a 02 18 01", "undeclared /lines/0"},
        Case{"LineCut", kProto3, "1a 02 0a 05", "wire /lines/0"},
        Case{"InMap", kProto3, "22 08 0a 01 61 12 03 0a 01 ff", "utf8 /by_sku/0/value/sku"},
        Case{"Packed", kProto3, "2a 03 01 ff 01", ""},
        Case{"NotPacked", kProto3, "28 01 28 02", ""},
        Case{"PackedCut", kProto3, "2a 02 01 ff", "wire "}, Case{"OpenEnum", kProto3, "30 63", ""},
        Case{"Fixed", kProto3, "45 01 02 03 04", ""},
        Case{"FixedCut", kProto3, "45 01 02 03", "wire "},
        Case{"DoubleCut", kProto3, "49 01 02 03 04 05 06 07", "wire "},
        Case{"BothOfAOneof", kProto3, "52 01 61 5a 00", ""},
        Case{"SeveralFaults", kProto3, "08 01 f8 02 01 0a 01 ff",
             "wireType /id, utf8 /id, undeclared "},
        Case{"InParent", kProto3, "a2 01 06 a2 01 03 0a 01 ff", "utf8 /parent/parent/id"}),
    [](const auto& row) { return std::string(row.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Proto2, Data,
    ::testing::Values(
        Case{"RequiredThere", kProto2, "0a 01 61", ""},
        Case{"RequiredMissing", kProto2, "", "required /id"},
        Case{"RequiredMissingInside", kProto2, "0a 01 61 12 02 10 01", "required /part/a"},
        Case{"RequiredMissingInSecond", kProto2, "0a 01 61 1a 02 08 01 1a 00",
             "required /parts/1/a"},
        Case{"RequiredInAnotherPiece", kProto2, "0a 01 61 12 02 08 01 12 02 10 01", ""},
        Case{"ClosedEnum", kProto2, "0a 01 61 20 05", ""},
        Case{"ClosedEnumOther", kProto2, "0a 01 61 20 02", "enum /color"},
        Case{"ClosedEnumRepeated", kProto2, "0a 01 61 28 05 28 02", "enum /colors/1"},
        Case{"ClosedEnumPacked", kProto2, "0a 01 61 2a 02 05 02", "enum /colors/0"},
        Case{"Group", kProto2, "0a 01 61 33 08 01 34", ""},
        Case{"GroupOpen", kProto2, "0a 01 61 33 08 01", "wire /body"},
        Case{"GroupEndsOther", kProto2, "0a 01 61 33 08 01 3c", "wire /body"},
        Case{"Extension", kProto2, "0a 01 61 a2 06 01 61", ""},
        Case{"ExtensionNotUtf8", kProto2, "0a 01 61 a2 06 01 ff", "utf8 /[remark]"},
        Case{"ExtensionUnknown", kProto2, "0a 01 61 a8 06 01", "undeclared "}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Validation, TellsNoMoreThanItIsAskedFor) {
  const auto schema = Compiled(kProto3);
  const std::string data = Bytes("0a 01 ff 0a 01 ff 0a 01 ff");
  EXPECT_THAT(*schema->Validate(data, 10), SizeIs(3));
  EXPECT_THAT(*schema->Validate(data, 2), SizeIs(2));
  EXPECT_THAT(*schema->Validate(data, 0), SizeIs(1));
}

TEST(Validation, ExplainsAViolation) {
  const auto violations = *Compiled(kProto3)->Validate(Bytes("1a 03 0a 01 ff"), 10);
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_EQ(violations[0].message, "/lines/0/sku is not valid UTF-8 at its byte 0");
  const auto malformed = *Compiled(kProto3)->Validate(Bytes("1a 03 0a 05 61"), 10);
  ASSERT_THAT(malformed, SizeIs(1));
  EXPECT_EQ(malformed[0].actual, "byte 3");
}

TEST(Validation, CountsMoreRequiredFieldsThanAWordHasBits) {
  std::string text = "message M {";
  std::string data;
  for (int i = 1; i <= 100; ++i) {
    absl::StrAppend(&text, "required bool f", i, " = ", i, ";");
    if (i > 15) data += static_cast<char>((i << 3 & 0x7F) | 0x80);
    data += static_cast<char>(i > 15 ? i >> 4 : i << 3);
    data += '\x01';
  }
  const auto schema = Compiled(text + "}");
  ASSERT_NE(schema, nullptr);
  EXPECT_THAT(*schema->Validate(data, 10), IsEmpty());
  EXPECT_EQ(Told(*schema->Validate(data.substr(0, data.size() - 3), 10)), "required /f100");
  EXPECT_EQ(Told(*schema->Validate(data.substr(2), 10)), "required /f1");
}

TEST(Validation, AsksForRequiredFieldsInMapValues) {
  const auto schema =
      Compiled("message M { map<int32, N> ns = 1; } message N { required int32 a = 1; }");
  EXPECT_THAT(*schema->Validate(Bytes("0a 06 08 01 12 02 08 05"), 10), IsEmpty());
  EXPECT_EQ(Told(*schema->Validate(Bytes("0a 04 08 01 12 00"), 10)), "required /ns/0/value/a");
}

TEST(Inspection, TellsOfNoMoreUndeclaredFieldsThanItIsAskedFor) {
  const auto schema = Compiled(kProto3);
  const std::string data = Bytes("f8 01 07 80 02 07 88 02 07");
  EXPECT_THAT(schema->Inspect(data, 10, 10)->undeclared, SizeIs(3));
  EXPECT_THAT(schema->Inspect(data, 10, 2)->undeclared, SizeIs(2));
  EXPECT_THAT(schema->Inspect(data, 10, 0)->undeclared, SizeIs(1));
}

TEST(Inspection, NamesTheNumberAndTheMessageOfAnUndeclaredField) {
  const auto findings = *Compiled(kProto3)->Inspect(Bytes("1a 02 18 01"), 10, 10);
  EXPECT_THAT(findings.violations, IsEmpty());
  ASSERT_THAT(findings.undeclared, SizeIs(1));
  EXPECT_EQ(findings.undeclared[0].message, "field 3 is not declared in shop.Line");
  EXPECT_EQ(findings.undeclared[0].actual, "field 3");
}

TEST(Inspection, AsksForRequiredFieldsBesideUndeclaredOnes) {
  const auto findings = *Compiled(kProto2)->Inspect(Bytes("a8 06 01"), 10, 10);
  EXPECT_EQ(Told(findings.violations), "required /id");
  EXPECT_EQ(Told(findings.undeclared), "undeclared ");
}

TEST(Validation, OfAMessageByItsIndexes) {
  const auto schema = Compiled(kProto3);
  EXPECT_EQ(schema->MessageName({}), "shop.Order");
  EXPECT_EQ(schema->MessageName({0}), "shop.Order");
  EXPECT_EQ(schema->MessageName({1}), "shop.Line");
  EXPECT_EQ(schema->MessageName({1, 0}), "shop.Line.Note");
  EXPECT_EQ(schema->MessageName({0, 0}), "");  // the entry of a map is none
  const std::string line = Bytes("0a 01 61 10 05");
  EXPECT_THAT(schema->ValidateMessage({1}, line, 10), IsEmpty());
  const std::string bad = Bytes("0a 01 ff");
  EXPECT_EQ(Told(schema->ValidateMessage({1}, bad, 10)), "utf8 /sku");
  EXPECT_EQ(Told(schema->ValidateMessage({1, 0}, bad, 10)), "utf8 /text");
  for (const std::vector<int32_t>& indexes :
       std::vector<std::vector<int32_t>>{{2}, {-1}, {1, 1}, {1, 0, 0}, {INT32_MAX}}) {
    EXPECT_EQ(Told(schema->ValidateMessage(indexes, line, 10)), "messageIndexes ");
  }
}

TEST(Validation, OfASchemaWithoutAMessageRefusesAll) {
  const auto schema = Compiled("syntax = \"proto3\"; enum Kind { NONE = 0; }");
  ASSERT_NE(schema, nullptr);
  EXPECT_EQ(Told(*schema->Validate("", 10)), "messageIndexes ");
}

TEST(Json, HasTheFieldsByTheirNames) {
  const auto schema = Compiled(kProto3);
  const std::string data =
      Bytes("0a 01 61 10 05 1a 05 0a 01 62 10 02 22 07 0a 01 6b 12 02 10 03 30 01");
  EXPECT_EQ(*schema->ToJson(data, JsonNames::kLowerCamel),
            R"({"id":"a","cents":"5","lines":[{"sku":"b","count":2}],)"
            R"("bySku":{"k":{"count":3}},"kind":"SOME"})");
  EXPECT_THAT(*schema->ToJson(data, JsonNames::kOriginal), HasSubstr("\"by_sku\""));
  EXPECT_EQ(*schema->ToJson({1}, Bytes("10 02"), JsonNames::kOriginal), R"({"count":2})");
}

TEST(Json, MergesWhatStandsTwice) {
  const auto schema = Compiled(kProto3);
  EXPECT_EQ(*schema->ToJson(Bytes("0a 01 61 0a 01 62"), JsonNames::kOriginal), R"({"id":"b"})");
}

TEST(Json, KnowsTheWellKnownTypes) {
  const auto schema = Compiled(R"(syntax = "proto3";
    import "google/protobuf/timestamp.proto";
    import "google/protobuf/wrappers.proto";
    import "google/protobuf/any.proto";
    message M { google.protobuf.Timestamp at = 1; google.protobuf.Int32Value n = 2;
                google.protobuf.Any any = 3; })");
  ASSERT_NE(schema, nullptr);
  EXPECT_EQ(*schema->ToJson(Bytes("0a 02 08 01 12 02 08 07"), JsonNames::kOriginal),
            R"({"at":"1970-01-01T00:00:01Z","n":7})");
  const auto unknown =
      schema->ToJson(Bytes("1a 0b 0a 05 78 2f 79 2e 7a 12 02 08 01"), JsonNames::kOriginal);
  EXPECT_EQ(ReasonOf(unknown.status()), ErrorReason::kSchemaViolation);
}

TEST(Json, OfDataThatIsNotValidIsRefused) {
  const auto json = Compiled(kProto3)->ToJson(Bytes("0a 01 ff"), JsonNames::kOriginal);
  EXPECT_EQ(ReasonOf(json.status()), ErrorReason::kSchemaViolation);
  EXPECT_THAT(DetailsOf(json.status()).violations, SizeIs(1));
}

}  // namespace
}  // namespace nexus::schema

#include <gtest/gtest.h>

#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/avro/compat/compare.h"
#include "schema/avro/datum_writer.h"

namespace nexus::schema {
namespace {

// "pointer keyword" of the violation, or "valid".
std::string DatumFaultOf(const std::string& definition, const std::string& data) {
  const auto schema = CompiledAvro(definition);
  if (schema == nullptr) return "no schema";
  const auto violations = schema->Validate(data, 10);
  if (!violations.ok()) return std::string(ReasonName(ReasonOf(violations.status())));
  if (violations->empty()) return "valid";
  const Violation& violation = violations->front();
  if (violation.message.empty() || violation.expected.empty() || violation.actual.empty()) {
    return "says too little";
  }
  return absl::StrCat(violation.pointer, " ", violation.keyword);
}

std::string JsonOf(const std::string& definition, const std::string& data) {
  const auto schema = CompiledAvro(definition);
  if (schema == nullptr) return "no schema";
  auto json = schema->ToJson(data);
  return json.ok() ? *std::move(json) : std::string(ReasonName(ReasonOf(json.status())));
}

struct DatumRow {
  std::string definition;
  std::string hex;
  std::string json;   // empty: not valid
  std::string fault;  // empty: valid
};
void PrintTo(const DatumRow& row, std::ostream* os) { *os << row.definition << " " << row.hex; }

class AvroDatum : public ::testing::TestWithParam<DatumRow> {};

TEST_P(AvroDatum, IsValidOrRefusedAtItsFault) {
  const std::string data = absl::HexStringToBytes(GetParam().hex);
  EXPECT_EQ(DatumFaultOf(GetParam().definition, data),
            GetParam().fault.empty() ? "valid" : GetParam().fault);
  EXPECT_EQ(JsonOf(GetParam().definition, data),
            GetParam().fault.empty() ? GetParam().json : "SCHEMA_VIOLATION");
}

constexpr char kRecord[] = R"({"type":"record","name":"R","fields":[{"name":"a","type":"long"},)"
                           R"({"name":"b","type":"string"}]})";
constexpr char kInts[] = R"({"type":"array","items":"int"})";
constexpr char kMap[] = R"({"type":"map","values":"int"})";
constexpr char kEnum[] = R"({"type":"enum","name":"E","symbols":["A","B"]})";
constexpr char kUnion[] = R"(["null","string"])";
constexpr char kNested[] =
    R"({"type":"record","name":"R","fields":[{"name":"l","type":{"type":"array","items":)"
    R"({"type":"map","values":["null","int"]}}}]})";

INSTANTIATE_TEST_SUITE_P(Scalars, AvroDatum,
                         ::testing::ValuesIn(std::vector<DatumRow>{
                             {R"("null")", "", "null", ""},
                             {R"("null")", "00", "", " trailing"},
                             {R"("boolean")", "01", "true", ""},
                             {R"("boolean")", "00", "false", ""},
                             {R"("boolean")", "02", "", " boolean"},
                             {R"("boolean")", "", "", " truncated"},
                             {R"("int")", "00", "0", ""},
                             {R"("int")", "01", "-1", ""},
                             {R"("int")", "7f", "-64", ""},
                             {R"("int")", "8001", "64", ""},
                             {R"("int")", "feffffff0f", "2147483647", ""},
                             {R"("int")", "ffffffff0f", "-2147483648", ""},
                             {R"("int")", "8080808010", "", " range"},
                             {R"("int")", "80", "", " truncated"},
                             {R"("int")", "", "", " truncated"},
                             {R"("int")", "0000", "", " trailing"},
                             {R"("int")", "8000", "0", ""},  // longer than it need be
                             {R"("long")", "feffffffffffffffff01", "9223372036854775807", ""},
                             {R"("long")", "ffffffffffffffffff01", "-9223372036854775808", ""},
                             {R"("long")", "ffffffffffffffffff02", "", " range"},
                             {R"("long")", "ffffffffffffffffffff01", "", " range"},
                             {R"("float")", "0000c03f", "1.5", ""},
                             {R"("float")", "0000c0", "", " truncated"},
                             {R"("float")", "0000c07f", R"("NaN")", ""},
                             {R"("float")", "0000807f", R"("Infinity")", ""},
                             {R"("double")", "000000000000f0ff", R"("-Infinity")", ""},
                             {R"("double")", "000000000000f83f", "1.5", ""},
                             {R"("double")", "9a9999999999b93f", "0.1", ""},
                             {R"("string")", "06666f6f", R"("foo")", ""},
                             {R"("string")", "00", R"("")", ""},
                             {R"("string")", "0422c3", "", " utf8"},
                             {R"("string")", "04c3a4", R"("ä")", ""},
                             {R"("string")", "04220a", R"("\"\u000a")", ""},
                             {R"("string")", "06666f", "", " length"},
                             {R"("string")", "01", "", " length"},
                             {R"("string")", "feffffffffffffffff01", "", " length"},
                             {R"("bytes")", "0600ff10", R"("AP8Q")", ""},
                             {R"("bytes")", "0600ff", "", " length"},
                             {R"({"type":"fixed","name":"F","size":2})", "00ff", R"("AP8=")", ""},
                             {R"({"type":"fixed","name":"F","size":2})", "00", "", " truncated"},
                             {R"({"type":"fixed","name":"F","size":2147483647})", "00", "",
                              " truncated"},
                             {kEnum, "00", R"("A")", ""},
                             {kEnum, "02", R"("B")", ""},
                             {kEnum, "04", "", " enum"},
                             {kEnum, "01", "", " enum"},
                             {kUnion, "00", "null", ""},
                             {kUnion, "020278", R"("x")", ""},
                             {kUnion, "04", "", " union"},
                             {kUnion, "01", "", " union"},
                             {kUnion, "02", "", " truncated"},
                         }));

INSTANTIATE_TEST_SUITE_P(Containers, AvroDatum,
                         ::testing::ValuesIn(std::vector<DatumRow>{
                             {kRecord, "3606666f6f", R"({"a":27,"b":"foo"})", ""},
                             {kRecord, "36", "", "/b truncated"},
                             {kRecord, "3606666f6f00", "", " trailing"},
                             {kInts, "00", "[]", ""},
                             {kInts, "0406360000", "", " trailing"},
                             {kInts, "04063600", "[3,27]", ""},
                             {kInts, "020602360200", "", " truncated"},
                             {kInts, "0206023600", "[3,27]", ""},
                             {kInts, "0304063600", "[3,27]", ""},
                             {kInts, "0302063600", "", " block"},
                             {kInts, "030a063600", "", " length"},
                             {kInts, "0301063600", "", " length"},
                             {kInts, "0406", "", " length"},
                             {kInts, "04068080", "", "/1 truncated"},
                             {kInts, "feffffffffffffffff01", "", " length"},
                             {kInts, "ffffffffffffffffff0100", "", " length"},
                             {kMap, "0202610200", R"({"a":1})", ""},
                             {kMap, "0402610202620400", R"({"a":1,"b":2})", ""},
                             {kMap, "0402610202610400", "", " map"},
                             {kMap, "020261020202610400", "", " map"},  // in another block
                             {kMap, "0202618080", "", "/a truncated"},
                             {kMap, "020461c30000", "", " utf8"},
                             {R"({"type":"array","items":"null"})", "0600", "[null,null,null]", ""},
                             {R"({"type":"array","items":"null"})", "80897a00", "", " length"},
                             {kNested, "0204026100026202020000", R"({"l":[{"a":null,"b":1}]})", ""},
                             {kNested, "0204026100026204020000", "", "/l/0/b union"},
                         }));

TEST(AvroDatumJson, EscapesTheKeysOfMapsInPointers) {
  EXPECT_EQ(DatumFaultOf(kMap, absl::HexStringToBytes("0206612f628080")), "/a~1b truncated");
}

TEST(AvroSingleObject, IsAcceptedWithTheFingerprintOfTheSchema) {
  const auto schema = CompiledAvro(std::string(kRecord));
  std::string header = absl::HexStringToBytes("c301");
  AppendLittleEndian(header, schema->schema().fingerprint, 8);
  const std::string datum = absl::HexStringToBytes("3606666f6f");
  EXPECT_EQ(DatumFaultOf(kRecord, header + datum), "valid");
  EXPECT_EQ(JsonOf(kRecord, header + datum), R"({"a":27,"b":"foo"})");
  EXPECT_EQ(DatumFaultOf(kRecord, header + datum + "x"), " trailing");
  EXPECT_EQ(DatumFaultOf(kRecord, header), "/a truncated");
  header[5] = static_cast<char>(header[5] ^ 1);
  EXPECT_EQ(DatumFaultOf(kRecord, header + datum), " fingerprint");
}

// A number may begin with the same two bytes.
TEST(AvroSingleObject, IsNotMistakenForADatum) {
  std::string datum;
  AppendAvroLong(datum, -98);
  EXPECT_EQ(absl::BytesToHexString(datum), "c301");
  EXPECT_EQ(JsonOf(R"("long")", datum), "-98");
  AppendAvroBytes(datum, "a text of some length");
  EXPECT_EQ(JsonOf(kRecord, datum), R"({"a":-98,"b":"a text of some length"})");
}

TEST(AvroDatumLimits, DepthIsBounded) {
  const std::string list =
      R"({"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]})";
  const auto datum = [](size_t records) { return std::string(records - 1, '\x02') + '\0'; };
  EXPECT_EQ(DatumFaultOf(list, datum(64)), "valid");
  std::string pointer;
  for (int i = 0; i < 64; ++i) absl::StrAppend(&pointer, "/next");
  EXPECT_EQ(DatumFaultOf(list, datum(65)), pointer + " depth");
  EXPECT_EQ(DatumFaultOf(list, datum(1 << 20)), pointer + " depth");
}

TEST(AvroDatumLimits, StepsAreBounded) {
  AvroOptions options;
  options.datum.steps_max = 1000;
  const auto schema = AvroSchemaValidator(options).Compile(std::string(kInts));
  std::string data;
  AppendAvroLong(data, 2000);
  data += std::string(2001, '\0');
  EXPECT_EQ(ReasonOf((*schema)->Validate(data, 1).status()), ErrorReason::kLimitExceeded);
}

TEST(AvroDatumLimits, JsonIsBounded) {
  AvroOptions options;
  options.datum.output_bytes_max = 1000;
  const auto schema = AvroSchemaValidator(options).Compile(
      std::string(R"({"type":"array","items":{"type":"record","name":"a_long_name","fields":[)"
                  R"({"name":"a_field_of_some_length","type":"int"}]}})"));
  std::string data;
  AppendAvroLong(data, 100);
  data += std::string(101, '\0');
  EXPECT_TRUE((*schema)->Validate(data, 1)->empty());
  const auto& avro = dynamic_cast<const CompiledAvroSchema&>(**schema);
  EXPECT_EQ(ReasonOf(avro.ToJson(data).status()), ErrorReason::kLimitExceeded);
}

}  // namespace
}  // namespace nexus::schema

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/avro/datum_resolver.h"
#include "schema/avro/datum_writer.h"
#include "schema/avro/schema_parser.h"

namespace nexus::schema {
namespace {

std::shared_ptr<const AvroSchema> Parsed(const std::string& text) {
  auto schema = ParseAvroSchema(text, {});
  EXPECT_TRUE(schema.ok()) << schema.status();
  return schema.ok() ? *std::move(schema) : nullptr;
}

// The JSON that a reader sees, or "REASON pointer keyword".
std::string Read(const std::string& writer, const std::string& reader, const std::string& hex) {
  const auto resolver = DatumResolver::Make(Parsed(writer), Parsed(reader));
  if (!resolver.ok()) return std::string(resolver.status().message());
  auto json = (*resolver)->ConvertToJson(absl::HexStringToBytes(hex));
  if (json.ok()) return *std::move(json);
  const ErrorDetails details = DetailsOf(json.status());
  if (details.violations.empty()) return std::string(ReasonName(details.reason));
  return absl::StrCat(ReasonName(details.reason), " ", details.violations[0].pointer, " ",
                      details.violations[0].keyword);
}

struct ResolutionRow {
  std::string writer;
  std::string reader;
  std::string hex;
  std::string result;
};
void PrintTo(const ResolutionRow& row, std::ostream* os) {
  *os << row.writer << " as " << row.reader;
}

class AvroResolution : public ::testing::TestWithParam<ResolutionRow> {};

TEST_P(AvroResolution, ReadsAsTheSpecificationSays) {
  EXPECT_EQ(Read(GetParam().writer, GetParam().reader, GetParam().hex), GetParam().result);
}

std::string RecordOf(const std::string& fields, const std::string& rest = "") {
  return absl::StrCat(R"({"type":"record","name":"R","fields":[)", fields, "]", rest, "}");
}
std::string EnumOf(const std::string& symbols) {
  return absl::StrCat(R"({"type":"enum","name":"E","symbols":)", symbols, "}");
}
constexpr char kInt[] = R"("int")";
constexpr char kLong[] = R"("long")";

INSTANTIATE_TEST_SUITE_P(Promotions, AvroResolution,
                         ::testing::ValuesIn(std::vector<ResolutionRow>{
                             {kInt, kLong, "36", "27"},
                             {kInt, R"("float")", "36", "27"},
                             {kInt, R"("double")", "35", "-27"},
                             {kLong, R"("float")", "36", "27"},
                             {kLong, R"("double")", "36", "27"},
                             {R"("double")", R"("double")", "000000000000f83f", "1.5"},
                             {R"("float")", R"("double")", "0000c03f", "1.5"},
                             {R"("string")", R"("bytes")", "06666f6f", R"("Zm9v")"},
                             {R"("bytes")", R"("string")", "06666f6f", R"("foo")"},
                             {R"("bytes")", R"("string")", "02ff", "SCHEMA_VIOLATION  utf8"},
                             {kLong, kInt, "36", "SCHEMA_VIOLATION  resolve"},
                             {kInt, R"("string")", "36", "SCHEMA_VIOLATION  resolve"},
                             {kInt, kLong, "3600", "SCHEMA_VIOLATION  trailing"},
                             {kInt, kLong, "", "SCHEMA_VIOLATION  truncated"},
                         }));

INSTANTIATE_TEST_SUITE_P(
    Records, AvroResolution,
    ::testing::ValuesIn(std::vector<ResolutionRow>{
        {RecordOf(R"({"name":"a","type":"int"},{"name":"b","type":"string"})"),
         RecordOf(R"({"name":"b","type":"string"},{"name":"a","type":"long"})"), "360278",
         R"({"b":"x","a":27})"},
        {RecordOf(R"({"name":"a","type":"string"},{"name":"b","type":"int"})"),
         RecordOf(R"({"name":"b","type":"int"})"), "027836", R"({"b":27})"},
        {RecordOf(R"({"name":"a","type":"int"})"),
         RecordOf(R"({"name":"n","type":["null","int"],"default":null},{"name":"a","type":"int"},)"
                  R"({"name":"s","type":"string","default":"new"})"),
         "36", R"({"n":null,"a":27,"s":"new"})"},
        {RecordOf(R"({"name":"a","type":"int"})"),
         RecordOf(R"({"name":"n","type":["null","int"],"default":5})"), "36", R"({"n":5})"},
        {RecordOf(R"({"name":"a","type":"int"})"),
         RecordOf(R"({"name":"b","type":"int","aliases":["z","a"]})"), "36", R"({"b":27})"},
        {RecordOf(R"({"name":"a","type":"int"})"), RecordOf(R"({"name":"b","type":"int"})"), "36",
         "SCHEMA_VIOLATION /b default"},
        {RecordOf(""),
         RecordOf(R"({"name":"i","type":{"type":"record","name":"I","fields":[)"
                  R"({"name":"x","type":"int"},{"name":"y","type":"int","default":2}]},)"
                  R"("default":{"x":1}})"),
         "", R"({"i":{"x":1,"y":2}})"},
        {RecordOf(R"({"name":"l","type":{"type":"array","items":"int"}})"),
         RecordOf(R"({"name":"l","type":{"type":"array","items":"string"}})"), "023600",
         "SCHEMA_VIOLATION /l/0 resolve"},
        {RecordOf(R"({"name":"l","type":{"type":"array","items":"int"}})"),
         RecordOf(R"({"name":"l","type":{"type":"array","items":"string"}})"), "00", R"({"l":[]})"},
    }));

INSTANTIATE_TEST_SUITE_P(
    UnionsAndEnums, AvroResolution,
    ::testing::ValuesIn(std::vector<ResolutionRow>{
        {EnumOf(R"(["A","B"])"), EnumOf(R"(["B","A"])"), "00", R"("A")"},
        {EnumOf(R"(["A","B"])"), EnumOf(R"(["A"])"), "00", R"("A")"},
        {EnumOf(R"(["A","B"])"), EnumOf(R"(["A"])"), "02", "SCHEMA_VIOLATION  enum"},
        {EnumOf(R"(["A","B"])"), EnumOf(R"(["A"],"default":"A")"), "02", R"("A")"},
        {kInt, R"(["null","int"])", "36", "27"},
        {kInt, R"(["double","long"])", "36", "27"},
        {R"(["null","int"])", kInt, "0236", "27"},
        {R"(["null","int"])", kInt, "00", "SCHEMA_VIOLATION  resolve"},
        {R"(["int","string"])", R"(["string","long"])", "0036", "27"},
        {R"(["int","string"])", R"(["string","long"])", "020278", R"("x")"},
        {R"(["int","string"])", R"(["int"])", "020278", "SCHEMA_VIOLATION  resolve"},
        {R"({"type":"map","values":"int"})", R"({"type":"map","values":["null","double"]})",
         "0202613600", R"({"a":27})"},
        {R"({"type":"map","values":"int"})", R"({"type":"map","values":"long"})",
         "0402613602613600", "SCHEMA_VIOLATION  map"},
    }));

// The default of `a` takes that of `b`, which is written down behind it.
TEST(DatumResolver, TakesDefaultsInsideOfDefaults) {
  const std::string reader = RecordOf(
      R"({"name":"a","type":{"type":"array","items":"R"},"default":[{"a":[]},{"a":[],"b":6}]},)"
      R"({"name":"b","type":"int","default":5})");
  EXPECT_EQ(Read(RecordOf(""), reader, ""), R"({"a":[{"a":[],"b":5},{"a":[],"b":6}],"b":5})");
}

TEST(DatumResolver, ChoosesTheBranchOfTheSameName) {
  const std::string x = R"({"type":"record","name":"p.X","fields":[]})";
  const std::string y = R"({"type":"record","name":"q.X","fields":[]})";
  const auto resolver = DatumResolver::Make(Parsed(y), Parsed(absl::StrCat("[", x, ",", y, "]")));
  EXPECT_EQ(*(*resolver)->Convert(""), std::string("\x02"));
}

TEST(DatumResolver, ChoosesABranchThatReadsEverything) {
  const auto record = [](const std::string& name, const std::string& fields) {
    return absl::StrCat(R"({"type":"record","name":")", name, R"(","fields":[)", fields, "]}");
  };
  const std::string field = R"({"name":"a","type":"int"})";
  const std::string reader = absl::StrCat("[", record("p.X", R"({"name":"b","type":"int"})"), ",",
                                          record("q.X", field), "]");
  EXPECT_EQ(Read(record("r.X", field), reader, "36"), R"({"a":27})");
}

TEST(DatumResolver, FollowsRecursion) {
  const auto list = [](const std::string& type) {
    return absl::StrCat(R"({"type":"record","name":"L","fields":[{"name":"v","type":")", type,
                        R"("},{"name":"n","type":["null","L"]}]})");
  };
  EXPECT_EQ(Read(list("int"), list("double"), "020204020600"),
            R"({"v":1,"n":{"v":2,"n":{"v":3,"n":null}}})");
}

TEST(DatumResolver, TakesSingleObjectEncodingOfTheWriter) {
  std::string data = absl::HexStringToBytes("c301");
  AppendLittleEndian(data, Parsed(kInt)->fingerprint, 8);
  AppendAvroLong(data, 27);
  EXPECT_EQ(Read(kInt, kLong, absl::BytesToHexString(data)), "27");
  EXPECT_EQ(Read(kLong, R"("double")", absl::BytesToHexString(data)),
            "SCHEMA_VIOLATION  fingerprint");
}

TEST(DatumResolver, BoundsWhatDefaultsMakeOfSmallData) {
  const std::string writer = absl::StrCat(R"({"type":"array","items":)",
                                          RecordOf(R"({"name":"a","type":"boolean"})"), "}");
  const std::string reader =
      absl::StrCat(R"({"type":"array","items":)",
                   RecordOf(absl::StrCat(R"({"name":"d","type":"string","default":")",
                                         std::string(100'000, 'x'), R"("})")),
                   "}");
  std::string data;
  AppendAvroLong(data, 100'000);
  data += std::string(100'001, '\0');
  EXPECT_EQ(Read(writer, reader, absl::BytesToHexString(data)), "LIMIT_EXCEEDED");
}

TEST(DatumResolver, RefusesSchemasThatNeedTooLargeAPlan) {
  ResolutionLimits limits;
  limits.pairs_max = 2;
  const auto schema = Parsed(R"({"type":"array","items":["null","int"]})");
  EXPECT_EQ(ReasonOf(DatumResolver::Make(schema, schema, limits).status()),
            ErrorReason::kLimitExceeded);
}

}  // namespace
}  // namespace nexus::schema

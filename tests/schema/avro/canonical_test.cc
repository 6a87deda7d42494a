#include <gtest/gtest.h>

#include <string>

#include "nexus/core/errors.h"
#include "schema/avro/compat/compare.h"
#include "schema/avro/fingerprint.h"

namespace nexus::schema {
namespace {

std::string FormOf(const std::string& definition) {
  const auto schema = CompiledAvro(definition);
  return schema == nullptr ? "no schema" : schema->schema().parsing_canonical_form;
}

std::string CanonicalOf(const std::string& definition) {
  auto text = AvroSchemaValidator().Canonical(definition);
  return text.ok() ? *std::move(text) : std::string(ReasonName(ReasonOf(text.status())));
}

TEST(AvroParsingCanonicalForm, KeepsOnlyWhatReadersNeed) {
  EXPECT_EQ(FormOf(R"( {"type": "int", "logicalType": "date"} )"), R"("int")");
  EXPECT_EQ(FormOf(R"(["null", {"type":"array", "items": {"type":"string"}, "x": 1}])"),
            R"(["null",{"type":"array","items":"string"}])");
  EXPECT_EQ(FormOf(R"({"values":"long","type":"map"})"), R"({"type":"map","values":"long"})");
  EXPECT_EQ(FormOf(R"({"type":"fixed","size":16,"name":"md5","namespace":"a.b","aliases":["c"]})"),
            R"({"name":"a.b.md5","type":"fixed","size":16})");
  EXPECT_EQ(FormOf(R"({"type":"enum","symbols":["A","B"],"default":"A","doc":"d","name":"E"})"),
            R"({"name":"E","type":"enum","symbols":["A","B"]})");
}

TEST(AvroParsingCanonicalForm, NamesATypeTheSecondTime) {
  EXPECT_EQ(
      FormOf(R"({"type":"record","name":"n.List","fields":[
              {"type":["null","List"],"name":"next","default":null},
              {"name":"f","type":{"name":"F","type":"fixed","size":1},"order":"ignore"},
              {"name":"g","type":"n.F"}]})"),
      R"({"name":"n.List","type":"record","fields":[{"name":"next","type":["null","n.List"]},)"
      R"({"name":"f","type":{"name":"n.F","type":"fixed","size":1}},)"
      R"({"name":"g","type":"n.F"}]})");
}

TEST(AvroParsingCanonicalForm, WritesReferencesWhereTheyAreUsed) {
  const std::vector<SchemaReference> references = {
      {"x.Id", R"({"type":"fixed","name":"x.Id","size":4})"}};
  const auto schema = CompiledAvro(SchemaSource(R"(["null","x.Id"])", references));
  ASSERT_NE(schema, nullptr);
  EXPECT_EQ(schema->schema().parsing_canonical_form,
            R"(["null",{"name":"x.Id","type":"fixed","size":4}])");
}

// Fingerprints that Avro's own implementations publish for the primitive types.
TEST(AvroFingerprint, IsTheOneOfOtherImplementations) {
  const auto of = [](const char* text) { return static_cast<int64_t>(Crc64Avro(text)); };
  EXPECT_EQ(of(R"("null")"), 7195948357588979594);
  EXPECT_EQ(of(R"("boolean")"), -6970731678124411036);
  EXPECT_EQ(of(R"("int")"), 8247732601305521295);
  EXPECT_EQ(of(R"("long")"), -3434872931120570953);
  EXPECT_EQ(of(R"("float")"), 5583340709985441680);
  EXPECT_EQ(of(R"("double")"), -8181574048448539266);
  EXPECT_EQ(of(R"("bytes")"), 5746618253357095269);
  EXPECT_EQ(of(R"("string")"), -8142146995180207161);
}

TEST(AvroCanonical, IsTheSameForWhiteSpaceAndOrderOfKeys) {
  const std::string canonical =
      R"({"doc":"d","fields":[{"default":1,"name":"a","type":"int"}],"name":"R","type":"record"})";
  EXPECT_EQ(CanonicalOf(R"( { "type":"record", "name":"R", "doc":"d",
                          "fields":[{"name":"a","type":"int","default":1}]} )"),
            canonical);
  EXPECT_EQ(CanonicalOf(canonical), canonical);
}

TEST(AvroCanonical, KeepsAttributesApart) {
  EXPECT_NE(CanonicalOf(R"({"type":"int","doc":"a"})"), CanonicalOf(R"({"type":"int"})"));
  EXPECT_EQ(CanonicalOf(R"("int")"), R"("int")");
  EXPECT_EQ(CanonicalOf(R"(["null","int"])"), R"(["null","int"])");
}

TEST(AvroCanonical, RefusesWhatIsNoSchemaAtAll) {
  EXPECT_EQ(CanonicalOf("17"), "SCHEMA_INVALID");
  EXPECT_EQ(CanonicalOf("{"), "MALFORMED_JSON");
  EXPECT_EQ(CanonicalOf(""), "MALFORMED_JSON");
}

}  // namespace
}  // namespace nexus::schema

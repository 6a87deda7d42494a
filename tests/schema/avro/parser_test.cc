#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/avro/compat/compare.h"

namespace nexus::schema {
namespace {

// "pointer keyword" of the violation, or "accepted".
std::string DefinitionFaultOf(const SchemaSource& source) {
  const auto schema = AvroSchemaValidator().Compile(source);
  if (schema.ok()) return "accepted";
  const ErrorDetails details = DetailsOf(schema.status());
  if (details.reason != ErrorReason::kSchemaInvalid) return std::string(ReasonName(details.reason));
  if (details.violations.size() != 1) return "no single violation";
  const Violation& violation = details.violations[0];
  if (violation.message.empty() || violation.actual.empty()) return "says nothing";
  return absl::StrCat(violation.pointer, " ", violation.keyword);
}

struct DefinitionRow {
  std::string definition;
  std::string fault;
};
void PrintTo(const DefinitionRow& row, std::ostream* os) { *os << row.definition; }

class AvroDefinition : public ::testing::TestWithParam<DefinitionRow> {};

TEST_P(AvroDefinition, IsAcceptedOrRefusedAtItsFault) {
  EXPECT_EQ(DefinitionFaultOf(GetParam().definition), GetParam().fault);
}

std::string WithField(const std::string& field) {
  return absl::StrCat(R"({"type":"record","name":"R","fields":[)", field, "]}");
}
std::string WithDefault(const std::string& type, const std::string& value) {
  return WithField(absl::StrCat(R"({"name":"f","type":)", type, R"(,"default":)", value, "}"));
}

INSTANTIATE_TEST_SUITE_P(
    Forms, AvroDefinition,
    ::testing::ValuesIn(std::vector<DefinitionRow>{
        {R"("int")", "accepted"},
        {R"({"type":"int"})", "accepted"},
        {R"(["null","int"])", "accepted"},
        {R"({"type":"array","items":"int"})", "accepted"},
        {R"({"type":"map","values":["null","int"]})", "accepted"},
        {R"({"type":"record","name":"R","fields":[]})", "accepted"},
        {R"({"type":"enum","name":"E","symbols":["A","_b9"],"default":"A"})", "accepted"},
        {R"({"type":"fixed","name":"F","size":0})", "accepted"},
        {R"({"type":"int","anything":{"else":1}})", "accepted"},
        {"17", " type"},
        {"null", " type"},
        {R"("integer")", " type"},
        {R"("record")", " type"},
        {"{}", " type"},
        {R"({"type":12})", "/type type"},
        {R"({"type":{"type":"int"}})", "/type type"},
        {R"({"type":"nothing"})", "/type type"},
        {R"({"type":"array"})", " items"},
        {R"({"type":"array","items":"nothing"})", "/items type"},
        {R"({"type":"map"})", " values"},
        {R"({"type":"map","values":{"type":"array"}})", "/values items"},
        {R"({"type":"record","name":"R"})", " fields"},
        {R"({"type":"record","name":"R","fields":{}})", "/fields fields"},
        {R"({"type":"record","fields":[]})", " name"},
        {R"({"type":"record","name":"","fields":[]})", "/name name"},
        {R"({"type":"record","name":"9","fields":[]})", "/name name"},
        {R"({"type":"record","name":"a..b","fields":[]})", "/name name"},
        {R"({"type":"record","name":"a-b","fields":[]})", "/name name"},
        {R"({"type":"record","name":"ä","fields":[]})", "/name name"},
        {R"({"type":"record","name":"int","fields":[]})", "/name name"},
        {R"({"type":"record","name":"x.string","fields":[]})", "/name name"},
        {R"({"type":"record","name":"R","namespace":"a b","fields":[]})", "/namespace namespace"},
        {R"({"type":"record","name":"R","namespace":3,"fields":[]})", "/namespace namespace"},
        {R"({"type":"record","name":"R","aliases":"S","fields":[]})", "/aliases aliases"},
        {R"({"type":"record","name":"R","aliases":["S","-"],"fields":[]})", "/aliases/1 aliases"},
        {R"({"type":"record","name":"R","doc":1,"fields":[]})", "/doc doc"},
        {R"({"type":"error","name":"R","fields":[]})", "/type type"},
        {R"({"type":"enum","name":"E"})", " symbols"},
        {R"({"type":"enum","name":"E","symbols":[]})", "/symbols symbols"},
        {R"({"type":"enum","name":"E","symbols":["A","A"]})", "/symbols/1 symbols"},
        {R"({"type":"enum","name":"E","symbols":["A","b c"]})", "/symbols/1 symbols"},
        {R"({"type":"enum","name":"E","symbols":["A"],"default":"B"})", "/default default"},
        {R"({"type":"fixed","name":"F"})", " size"},
        {R"({"type":"fixed","name":"F","size":-1})", "/size size"},
        {R"({"type":"fixed","name":"F","size":1.5})", "/size size"},
        {R"({"type":"fixed","name":"F","size":2147483648})", "/size size"},
        {R"({"type":"fixed","name":"F","size":"4"})", "/size size"},
    }));

INSTANTIATE_TEST_SUITE_P(
    Fields, AvroDefinition,
    ::testing::ValuesIn(std::vector<DefinitionRow>{
        {WithField(R"({"name":"f","type":"int","order":"ignore","aliases":["g"]})"), "accepted"},
        {WithField("3"), "/fields/0 fields"},
        {WithField(R"({"type":"int"})"), "/fields/0 name"},
        {WithField(R"({"name":"f"})"), "/fields/0 type"},
        {WithField(R"({"name":"a.b","type":"int"})"), "/fields/0/name name"},
        {WithField(R"({"name":"f","type":"S"})"), "/fields/0/type type"},
        {WithField(R"({"name":"f","type":"int","order":"up"})"), "/fields/0/order order"},
        {WithField(R"({"name":"f","type":"int","aliases":["a.b"]})"),
         "/fields/0/aliases/0 aliases"},
        {WithField(R"({"name":"f","type":"int"},{"name":"f","type":"int"})"), "/fields/1 name"},
        {WithField(R"({"name":"f","type":"int"},{"name":"g","type":"int","aliases":["f"]})"),
         "/fields/1 name"},
    }));

INSTANTIATE_TEST_SUITE_P(
    Unions, AvroDefinition,
    ::testing::ValuesIn(std::vector<DefinitionRow>{
        {"[]", " type"},
        {R"(["int"])", "accepted"},
        {R"(["int","int"])", "/1 union"},
        {R"(["null",["int"]])", "/1 union"},
        {R"([{"type":"array","items":"int"},{"type":"array","items":"long"}])", "/1 union"},
        {R"([{"type":"map","values":"int"},{"type":"array","items":"long"}])", "accepted"},
        {R"(["int",{"type":"int","logicalType":"date"}])", "/1 union"},
        {R"([{"type":"fixed","name":"F","size":1},{"type":"fixed","name":"G","size":1}])",
         "accepted"},
        {R"([{"type":"fixed","name":"F","size":1},"F"])", "/1 union"},
    }));

INSTANTIATE_TEST_SUITE_P(
    Defaults, AvroDefinition,
    ::testing::ValuesIn(std::vector<DefinitionRow>{
        {WithDefault(R"("null")", "null"), "accepted"},
        {WithDefault(R"("null")", "0"), "/fields/0/default default"},
        {WithDefault(R"("boolean")", "true"), "accepted"},
        {WithDefault(R"("boolean")", "1"), "/fields/0/default default"},
        {WithDefault(R"("int")", "2147483647"), "accepted"},
        {WithDefault(R"("int")", "2147483648"), "/fields/0/default default"},
        {WithDefault(R"("int")", "1.0"), "/fields/0/default default"},
        {WithDefault(R"("long")", "-9223372036854775808"), "accepted"},
        {WithDefault(R"("long")", "9223372036854775808"), "/fields/0/default default"},
        {WithDefault(R"("float")", "1"), "accepted"},
        {WithDefault(R"("float")", "1e300"), "/fields/0/default default"},
        {WithDefault(R"("double")", "1e300"), "accepted"},
        {WithDefault(R"("double")", R"("1")"), "/fields/0/default default"},
        {WithDefault(R"("string")", R"("x")"), "accepted"},
        {WithDefault(R"("string")", "null"), "/fields/0/default default"},
        {WithDefault(R"("bytes")", R"("\u00ff\u0000")"), "accepted"},
        {WithDefault(R"("bytes")", R"("\u0100")"), "/fields/0/default default"},
        {WithDefault(R"({"type":"fixed","name":"F","size":2})", R"("\u00ff\u0000")"), "accepted"},
        {WithDefault(R"({"type":"fixed","name":"F","size":2})", R"("a")"),
         "/fields/0/default default"},
        {WithDefault(R"({"type":"enum","name":"E","symbols":["A"]})", R"("A")"), "accepted"},
        {WithDefault(R"({"type":"enum","name":"E","symbols":["A"]})", R"("B")"),
         "/fields/0/default default"},
        {WithDefault(R"({"type":"array","items":"int"})", "[1,2]"), "accepted"},
        {WithDefault(R"({"type":"array","items":"int"})", R"([1,"2"])"),
         "/fields/0/default/1 default"},
        {WithDefault(R"({"type":"array","items":"int"})", "{}"), "/fields/0/default default"},
        {WithDefault(R"({"type":"map","values":"int"})", R"({"a":1})"), "accepted"},
        {WithDefault(R"({"type":"map","values":"int"})", R"({"a/b":null})"),
         "/fields/0/default/a~1b default"},
        {WithDefault(R"(["null","int"])", "null"), "accepted"},
        {WithDefault(R"(["null","int"])", "1"), "accepted"},
        {WithDefault(R"(["null","int"])", R"("x")"), "/fields/0/default default"},
        {WithDefault(R"({"type":"record","name":"I","fields":[{"name":"a","type":"int"}]})",
                     R"({"a":1})"),
         "accepted"},
        {WithDefault(R"({"type":"record","name":"I","fields":[{"name":"a","type":"int"}]})", "{}"),
         "/fields/0/default default"},
        {WithDefault(
             R"({"type":"record","name":"I","fields":[{"name":"a","type":"int","default":1}]})",
             "{}"),
         "accepted"},
        {WithDefault(R"({"type":"record","name":"I","fields":[]})", R"({"b":1})"),
         "/fields/0/default default"},
        {WithDefault(R"(["R","null"])", "{}"), "/fields/0/default default"},
        {WithDefault(R"(["null","R"])", "null"), "accepted"},
    }));

INSTANTIATE_TEST_SUITE_P(
    Recursion, AvroDefinition,
    ::testing::ValuesIn(std::vector<DefinitionRow>{
        {WithField(R"({"name":"f","type":"R"})"), " fields"},
        {WithField(R"({"name":"f","type":["R"]})"), " fields"},
        {WithField(R"({"name":"f","type":["null","R"]})"), "accepted"},
        {WithField(R"({"name":"f","type":{"type":"array","items":"R"}})"), "accepted"},
        {WithField(R"({"name":"f","type":{"type":"map","values":"R"}})"), "accepted"},
        {WithField(R"({"name":"f","type":{"type":"record","name":"S","fields":[)"
                   R"({"name":"g","type":"R"}]}})"),
         " fields"},
    }));

TEST(AvroNames, AreFoundInTheEnclosingNamespace) {
  EXPECT_EQ(DefinitionFaultOf(R"({"type":"record","name":"a.R","fields":[
              {"name":"f","type":{"type":"fixed","name":"F","size":1}},
              {"name":"g","type":"F"},{"name":"h","type":"a.F"}]})"),
            "accepted");
  EXPECT_EQ(DefinitionFaultOf(R"({"type":"record","name":"R","namespace":"a","fields":[
              {"name":"f","type":{"type":"fixed","name":"F","namespace":"b","size":1}},
              {"name":"g","type":"F"}]})"),
            "/fields/1/type type");
  EXPECT_EQ(DefinitionFaultOf(R"({"type":"record","name":"x.R","namespace":"a","fields":[
              {"name":"f","type":["null","x.R"]},{"name":"g","type":["null","a.R"]}]})"),
            "/fields/1/type/1 type");
  EXPECT_EQ(DefinitionFaultOf(R"({"type":"record","name":"a.R","fields":[
              {"name":"f","type":{"type":"fixed","name":"F","namespace":"","size":1}},
              {"name":"g","type":"F"}]})"),
            "accepted");
}

TEST(AvroNames, OfAliasesAreBoundedWithTheirNamespaces) {
  EXPECT_EQ(DefinitionFaultOf(absl::StrCat(R"({"type":"fixed","name":"F","size":1,"aliases":[")",
                                           std::string(300, 'a'), "\"]}")),
            "/aliases aliases");
}

TEST(AvroNames, AreDefinedOnce) {
  EXPECT_EQ(DefinitionFaultOf(R"({"type":"record","name":"R","fields":[
              {"name":"f","type":{"type":"fixed","name":"F","size":1}},
              {"name":"g","type":{"type":"fixed","name":"F","size":1}}]})"),
            "/fields/1/type/name name");
}

TEST(AvroNames, AreDefinedBeforeTheyAreUsed) {
  EXPECT_EQ(DefinitionFaultOf(R"({"type":"record","name":"R","fields":[
              {"name":"f","type":"F"},
              {"name":"g","type":{"type":"fixed","name":"F","size":1}}]})"),
            "/fields/0/type type");
}

TEST(AvroReferences, GiveTheirTypes) {
  const std::vector<SchemaReference> references = {
      {"x.Id", R"({"type":"fixed","name":"x.Id","size":4})"},
      {"x.Line", R"({"type":"record","name":"x.Line","fields":[{"name":"id","type":"Id"}]})"}};
  EXPECT_EQ(DefinitionFaultOf(SchemaSource(R"({"type":"array","items":"x.Line"})", references)),
            "accepted");
  EXPECT_EQ(DefinitionFaultOf(SchemaSource(R"("x.Line")", references)), "accepted");
  EXPECT_EQ(DefinitionFaultOf(SchemaSource(R"("x.Other")", references)), " type");
}

TEST(AvroReferences, AreRefusedAtTheirOwnFaults) {
  const std::vector<SchemaReference> wrong = {{"x.Id", R"({"type":"fixed","name":"x.Id"})"}};
  EXPECT_EQ(DefinitionFaultOf(SchemaSource(R"("int")", wrong)), "x.Id# size");
  const std::vector<SchemaReference> other = {{"x.Id", R"({"type":"fixed","name":"F","size":1})"}};
  EXPECT_EQ(DefinitionFaultOf(SchemaSource(R"("int")", other)), "x.Id# name");
  const std::vector<SchemaReference> twice = {
      {"F", R"({"type":"fixed","name":"F","size":1})"},
      {"G", R"([{"type":"fixed","name":"G","size":1},{"type":"fixed","name":"F","size":1}])"}};
  EXPECT_EQ(DefinitionFaultOf(SchemaSource(R"("int")", twice)), "G#/1/name name");
}

TEST(AvroLogicalTypes, AreAnnotationsThatFitOrAreIgnored) {
  const auto logical = [](const std::string& definition) {
    const auto schema = CompiledAvro(definition);
    return schema == nullptr ? "no schema" : schema->schema().root->logical.name;
  };
  EXPECT_EQ(logical(R"({"type":"long","logicalType":"timestamp-millis"})"), "timestamp-millis");
  EXPECT_EQ(logical(R"({"type":"int","logicalType":"timestamp-millis"})"), "");
  EXPECT_EQ(logical(R"({"type":"int","logicalType":7})"), "");
  EXPECT_EQ(logical(R"({"type":"bytes","logicalType":"decimal","precision":4,"scale":2})"),
            "decimal");
  EXPECT_EQ(logical(R"({"type":"bytes","logicalType":"decimal","precision":2,"scale":4})"), "");
  EXPECT_EQ(logical(R"({"type":"bytes","logicalType":"decimal"})"), "");
  EXPECT_EQ(
      logical(R"({"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":4})"),
      "decimal");
  EXPECT_EQ(
      logical(R"({"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":5})"), "");
  EXPECT_EQ(logical(R"({"type":"fixed","name":"F","size":12,"logicalType":"duration"})"),
            "duration");
}

}  // namespace
}  // namespace nexus::schema

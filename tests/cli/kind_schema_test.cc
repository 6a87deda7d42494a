// The JSON Schemas of declarations accept what the parsers read, and refuse what they refuse.

#include "cli/kind_schema.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/cli_fixture.h"
#include "cli/script_case.h"
#include "domain/aggregate_declaration.h"
#include "domain/policy_declaration.h"
#include "domain/role_declaration.h"
#include "domain/schema_declaration.h"
#include "domain/upcaster_declaration.h"
#include "gmock/gmock.h"
#include "route/declaration/route_declaration.h"
#include "schema/json/json_schema_validator.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::cli {
namespace {

absl::Status ParserSays(const std::string& kind, const std::string& text) {
  schema::SimdJsonReader json;
  if (kind == "Cases") {
    YamlDocument document;
    document.json = text;
    return ReadCases(document, json).status();
  }
  const auto header = domain::ParseHeader(text, json);
  if (!header.ok()) return header.status();
  if (kind != domain::KindName(header->kind)) return absl::InvalidArgumentError("another kind");
  switch (header->kind) {
    case domain::Kind::kSchema:
      return domain::ParseSchema(*header, json).status();
    case domain::Kind::kAggregate:
      return domain::ParseAggregate(*header, json).status();
    case domain::Kind::kUpcaster:
      return domain::ParseUpcaster(*header, json).status();
    case domain::Kind::kPolicy:
      return domain::ParsePolicy(*header, json).status();
    case domain::Kind::kRole:
      return domain::ParseRole(*header, json).status();
    case domain::Kind::kRoute:
      return route::ParseRoute(
                 absl::StrCat("{\"name\":\"", header->name, "\"", header->spec == "{}" ? "}" : ",",
                              header->spec == "{}" ? "" : header->spec.substr(1)),
                 json)
          .status();
  }
  return absl::UnimplementedError("no such kind");
}

// `spec` is a whole document where it begins with a kind of its own.
std::string Document(const std::string& kind, const std::string& spec) {
  if (kind == "Cases") return spec;
  if (spec.find("apiVersion") != std::string::npos) return spec;
  return absl::StrCat(R"({"apiVersion":"nexus/v1","kind":")", kind,
                      R"(","metadata":{"name":"thing","comment":"why"},"spec":)", spec, "}");
}

void ExpectAgreement(const std::string& kind, const std::vector<std::string>& accepted,
                     const std::vector<std::string>& refused) {
  schema::JsonSchemaValidator validator;
  const auto schema = validator.Compile(KindSchema(kind));
  ASSERT_TRUE(schema.ok()) << kind << schema.status();
  const auto fits = [&](const std::string& text) {
    const auto violations = (*schema)->Validate(text, 1);
    return violations.ok() && violations->empty();
  };
  for (const std::string& spec : accepted) {
    const std::string text = Document(kind, spec);
    const absl::Status parsed = ParserSays(kind, text);
    EXPECT_TRUE(parsed.ok()) << text << parsed;
    EXPECT_TRUE(fits(text)) << text;
  }
  for (const std::string& spec : refused) {
    const std::string text = Document(kind, spec);
    EXPECT_FALSE(ParserSays(kind, text).ok()) << text;
    EXPECT_FALSE(fits(text)) << text;
  }
}

const char* const kWrongHeads[] = {
    R"({"apiVersion":"nexus/v2","kind":"KIND","metadata":{"name":"thing"},"spec":SPEC})",
    R"({"apiVersion":"nexus/v1","kind":"Other","metadata":{"name":"thing"},"spec":SPEC})",
    R"({"apiVersion":"nexus/v1","kind":"KIND","metadata":{"name":""},"spec":SPEC})",
    R"({"apiVersion":"nexus/v1","kind":"KIND","metadata":{},"spec":SPEC})",
    R"({"apiVersion":"nexus/v1","kind":"KIND","metadata":{"name":"thing","x":1},"spec":SPEC})",
    R"({"apiVersion":"nexus/v1","kind":"KIND","metadata":{"name":"thing"},"spec":SPEC,"x":1})",
    R"({"apiVersion":"nexus/v1","kind":"KIND","metadata":{"name":"thing"},"spec":[]})",
    R"({"apiVersion":"nexus/v1","kind":"KIND","metadata":{"name":"thing"}})"};

std::vector<std::string> WithHeads(const std::string& kind, const std::string& good,
                                   std::vector<std::string> refused) {
  for (const char* head : kWrongHeads) {
    refused.push_back(absl::StrReplaceAll(head, {{"KIND", kind}, {"SPEC", good}}));
  }
  return refused;
}

TEST(KindSchemaTest, OfSchemas) {
  const std::string good = R"({"file":"a.json"})";
  ExpectAgreement(
      "Schema",
      {good, R"({"definition":{"type":"object"}})",
       R"({"format":"avro","definition":{"type":"string"}})",
       R"({"format":"protobuf","file":"a.proto"})",
       R"({"file":"a.json","earlier":["a.1.json","a.2.json"]})"},
      WithHeads(
          "Schema", good,
          {"{}", R"({"format":"avro","definition":"string"})", R"({"file":"a","definition":{}})",
           R"({"file":1})", R"({"format":"xml","file":"a"})",
           R"({"format":"protobuf","definition":{}})", R"({"file":"a","earlier":"b"})",
           R"({"file":"a","earlier":[1]})", R"({"file":"a","version":2})"}));
}

TEST(KindSchemaTest, OfAggregates) {
  const std::string good =
      R"({"script":"a.js","id":"/id","commands":["Do"],"events":["Done","Over"]})";
  const auto with = [&](const std::string& more) { return good.substr(0, good.size() - 1) + more; };
  ExpectAgreement(
      "Aggregate",
      {good, R"({"id":"/a/b","commands":["Do"],"events":["Done"]})", with(R"(,"category":"c"})"),
       with(R"(,"snapshots":{}})"), with(R"(,"snapshots":{"mode":"none","keep":100}})"),
       with(R"(,"snapshots":{"mode":"adaptive","events":1,"state_bytes":1000}})"),
       R"({"apiVersion":"nexus/v1","kind":"Aggregate","metadata":{"name":"a-b"},"spec":
           {"category":"ab","id":"/id","commands":["Do"],"events":["Done"]}})"},
      WithHeads("Aggregate", good,
                {R"({"commands":["Do"],"events":["Done"]})",
                 R"({"id":"/id","events":["Done"]})",
                 R"({"id":"/id","commands":["Do"]})",
                 R"({"id":"id","commands":["Do"],"events":["D"]})",
                 R"({"id":"/id","commands":[],"events":["D"]})",
                 R"({"id":"/id","commands":["Do","Do"],"events":["D"]})",
                 R"({"id":"/id","commands":["$do"],"events":["D"]})",
                 R"({"id":"/id","commands":[""],"events":["D"]})",
                 R"({"id":"/id","commands":[7],"events":["D"]})",
                 with(R"(,"category":"a-b"})"),
                 with(R"(,"category":"$a"})"),
                 with(R"(,"category":""})"),
                 with(R"(,"idd":"/id"})"),
                 with(R"(,"snapshots":{"mode":"often"}})"),
                 with(R"(,"snapshots":{"keep":0}})"),
                 with(R"(,"snapshots":{"events":1.5}})"),
                 with(R"(,"snapshots":{"state_bytes":999}})"),
                 with(R"(,"snapshots":{"every":1}})"),
                 with(R"(,"snapshots":7})"),
                 R"({"apiVersion":"nexus/v1","kind":"Aggregate","metadata":{"name":"A"},"spec":
               {"id":"/id","commands":["Do"],"events":["Done"]}})",
                 R"({"apiVersion":"nexus/v1","kind":"Aggregate","metadata":{"name":"a-b"},"spec":
               {"id":"/id","commands":["Do"],"events":["Done"]}})"}));
}

TEST(KindSchemaTest, OfUpcasters) {
  const std::string good = R"({"script":"a.js","type":"Done","from":1})";
  const auto with = [&](const std::string& more) { return good.substr(0, good.size() - 1) + more; };
  ExpectAgreement("Upcaster",
                  {good, with(R"(,"to":2})"), with(R"(,"to_type":"Over"})"),
                   with(R"(,"to_type":"Over","to":3})")},
                  WithHeads("Upcaster", good,
                            {R"({"type":"Done","from":1})", R"({"script":"a.js","from":1})",
                             R"({"script":"a.js","type":"Done"})",
                             R"({"script":"a.js","type":"Done","from":0})",
                             R"({"script":"a.js","type":"Done","from":"1"})",
                             R"({"script":"a.js","type":"$done","from":1})",
                             R"({"script":"a.js","type":"","from":1})", with(R"(,"to_type":""})"),
                             with(R"(,"to":0})"), with(R"(,"too":2})")}));
}

TEST(KindSchemaTest, OfRoutes) {
  const std::string good = R"({"sink":{"kind":"jsonl"}})";
  const auto with = [&](const std::string& more) { return good.substr(0, good.size() - 1) + more; };
  ExpectAgreement(
      "Route",
      {good, R"({"sink":{"kind":"kafka","settings":{"topic":"a"}}})",
       with(R"(,"match":{"categories":["a","b*"],"types":["A*"],"tags":["t"],)"
            R"("metadata":{"k":"v"},"criticality":"critical"}})"),
       with(R"(,"format":"raw","key":"metadata:k","start":"now","paused":true})"),
       with(R"(,"start":{"position":7}})"), with(R"(,"start":{"time":"2026-01-31T12:00:00Z"}})"),
       with(R"(,"dead_letters":"skip-ahead","on_error":{"too-large":"skip","other":"retry"}})"),
       with(R"(,"retry":{"attempts":1,"base_ms":5,"max_ms":10},"bounds":{"pending_events":1}})")},
      WithHeads("Route", good,
                {"{}",
                 R"({"sink":{}})",
                 R"({"sink":{"kind":"jsonl","settings":[]}})",
                 R"({"sink":{"kind":"jsonl","x":1}})",
                 with(R"(,"match":{"categories":["a*b"]}})"),
                 with(R"(,"match":{"category":["a"]}})"),
                 with(R"(,"match":{"criticality":"high"}})"),
                 with(R"(,"format":"xml"})"),
                 with(R"(,"key":"metadata:"})"),
                 with(R"(,"key":"type"})"),
                 with(R"(,"start":"then"})"),
                 with(R"(,"start":{}})"),
                 with(R"(,"start":{"position":0}})"),
                 with(R"(,"dead_letters":"drop"})"),
                 with(R"(,"on_error":{"transform":"retry"}})"),
                 with(R"(,"on_error":{"large":"skip"}})"),
                 with(R"(,"retry":{"attempts":0}})"),
                 with(R"(,"bounds":{"pending_events":0}})"),
                 with(R"(,"paused":"yes"})"),
                 with(R"(,"name":"x"})")}));
}

TEST(KindSchemaTest, OfPolicies) {
  const std::string good = R"({"folder":"policies"})";
  const auto folder = [](const std::string& path) { return R"({"folder":")" + path + "\"}"; };
  ExpectAgreement(
      "Policy",
      {good, "{}", folder("a/b-1/c_d.e"), R"({"categories":["order","a b"]})",
       R"({"folder":"rules","categories":["order"]})"},
      WithHeads(
          "Policy", good,
          {folder(""), folder("../a"), folder("/a"), folder("a/"), folder("a//b"), folder(".a"),
           folder("a/.b"), folder("a b"), folder(std::string(256, 'a')), R"({"folder":1})",
           R"({"categories":[]})", R"({"categories":"a"})", R"({"categories":["a","a"]})",
           R"({"categories":["$a"]})", R"({"categories":["a-b"]})", R"({"categories":[""]})",
           R"({"file":"a"})",
           R"({"apiVersion":"nexus/v1","kind":"Policy","metadata":{"name":"A b"},"spec":{}})"}));
}

TEST(KindSchemaTest, OfRoles) {
  const std::string good = R"({"operations":["read","execute"]})";
  std::string all;
  for (size_t i = 0; i < identity::kOperations; ++i) {
    absl::StrAppend(&all, i > 0 ? "," : "", "\"",
                    identity::OperationName(static_cast<identity::Operation>(i)), "\"");
  }
  ExpectAgreement("Role",
                  {good, R"({"operations":["append"],"system_streams":true})",
                   absl::StrCat(R"({"operations":[)", all, "]}")},
                  WithHeads("Role", good,
                            {"{}", R"({"operations":[]})", R"({"operations":["reed"]})",
                             R"({"operations":["read","read"]})", R"({"operations":"read"})",
                             R"({"operations":["read"],"system_streams":1})",
                             R"({"operations":["read"],"members":["ann"]})"}));
}

TEST(KindSchemaTest, OfCases) {
  const auto one = [](const std::string& what) {
    return absl::StrCat(R"({"aggregate":"a","cases":[{"name":"n",)", what, "}]}");
  };
  const auto upcast = [](const std::string& what) {
    return absl::StrCat(R"({"upcaster":"u","cases":[{"name":"n",)", what, "}]}");
  };
  const std::string when = R"("when":{"type":"Do","data":{}},)";
  ExpectAgreement(
      "Cases",
      {one(R"("then":{"state":1})"), one(when + R"("then":{"events":[]})"),
       one(when + R"("then":{"rejected":"no","state":2})"),
       one(when + R"("then":{"rejected":{"reason":"no","details":[1]}})"),
       one(when + R"("then":{"error":"x"})"),
       one(R"("given":[{"type":"D","data":1,"version":2,"metadata":{"a":"b"},)"
           R"("recorded":"2026-01-31T12:00:00Z"}],)" +
           when + R"("then":{"events":[{"type":"D","data":{}}]})"),
       one(R"("when":{"type":"Do","data":1,"id":"018f0000-0000-7000-8000-000000000001",)"
           R"("now":"2026-01-31T12:00:00Z","metadata":{},"principal":"ann","roles":["r"],)"
           R"("correlation_id":"c","causation_id":"d"},"then":{"events":[]})"),
       upcast(R"("given":{"data":1},"then":{"event":{"data":2}})"),
       upcast(R"("given":{"type":"D","version":1,"data":1},"then":{"error":"x"})")},
      {"{}", R"({"aggregate":"a","cases":[]})", R"({"aggregate":"a","upcaster":"b","cases":[]})",
       R"({"cases":[{"name":"n","then":{"state":1}}]})", one(R"("x":1,"then":{"state":1})"),
       one(R"("given":[])"), one(R"("then":{})"), one(R"("then":{"events":[]})"),
       one(when + R"("then":{"events":[],"error":"x"})"), one(when + R"("then":{"rejected":7})"),
       one(R"("given":[{"data":1}],"then":{"state":1})"),
       one(R"("given":[{"type":"D"}],"then":{"state":1})"),
       one(R"("when":{"type":"Do"},"then":{"events":[]})"),
       one(R"("when":{"type":"Do","data":1,"id":"x"},"then":{"events":[]})"),
       upcast(R"("then":{"error":"x"})"), upcast(R"("given":[{"data":1}],"then":{"error":"x"})"),
       upcast(R"("given":{"data":1},"then":{"event":{"data":2},"error":"x"})"),
       upcast(R"("given":{"data":1},"then":{"state":1})"),
       upcast(R"("given":{"data":1},"when":{},"then":{"error":"x"})")});
}

using KindSchemaCommandTest = CliFixture;

TEST_F(KindSchemaCommandTest, PrintsEachKind) {
  for (const std::string& kind : KindsWithSchema()) {
    const Outcome outcome = Run({"domain", "schema", kind});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, KindSchema(kind));
  }
  const Outcome wrong = Run({"domain", "schema", "Thing"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, ::testing::HasSubstr("KIND is one of Domain, Schema"));
}

}  // namespace
}  // namespace nexus::cli

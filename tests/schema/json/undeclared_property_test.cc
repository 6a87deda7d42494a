// "Undeclared" has one meaning: the fast evaluation and the exhaustive one find the same members,
// and of the outermost object those that `unevaluatedProperties: false` would refuse there.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "schema/json/compiled_json_schema.h"
#include "schema/json/json_document.h"
#include "schema/json/json_schema_validator.h"

namespace nexus::schema {
namespace {

class Maker {
 public:
  explicit Maker(uint32_t seed) : random_(seed) {}

  std::string Schema() {
    const std::string root = Rules(2);
    const std::string other = Rules(3);
    refers_ = false;  // what is referred to must end
    return absl::StrCat(R"({"properties":{"a":)", root, R"(},"allOf":[)", other,
                        R"(],"$defs":{"d":)", Rules(1), "}}");
  }
  std::string Document(int depth = 3) {
    if (depth == 0 || Up(4) == 0) return std::string(Up(2) == 0 ? "1" : "\"x\"");
    if (Up(4) == 0) {
      return absl::StrCat("[", Document(depth - 1), ",", Document(depth - 1), "]");
    }
    return Object(depth);
  }
  std::string Object(int depth) {
    std::vector<std::string> members;
    for (const char* name : {"a", "b", "c", "x1", "e"}) {
      if (Up(5) < 2) continue;
      members.push_back(absl::StrCat("\"", name, "\":", Document(depth - 1)));
    }
    return absl::StrCat("{", absl::StrJoin(members, ","), "}");
  }

 private:
  uint32_t Up(uint32_t below) {
    return std::uniform_int_distribution<uint32_t>(0, below - 1)(random_);
  }
  bool Seldom() { return Up(6) == 0; }

  // One or more schemas for the same value.
  std::string Rules(int depth) {
    if (depth == 0) {
      constexpr const char* kLeaves[] = {"true", "{}", R"({"type":["integer","string"]})",
                                         R"({"type":["object","string"]})", R"({"maximum":0})"};
      return kLeaves[Up(5)];
    }
    if (refers_ && Up(8) == 0) return R"({"$ref":"#/$defs/d"})";
    std::vector<std::string> rules;
    const auto add = [&](const char* keyword, const std::string& value) {
      rules.push_back(absl::StrCat("\"", keyword, "\":", value));
    };
    std::vector<std::string> properties;
    for (const char* name : {"a", "b", "c"}) {
      if (Up(2) == 0) properties.push_back(absl::StrCat("\"", name, "\":", Rules(depth - 1)));
    }
    if (Up(4) != 0) add("properties", absl::StrCat("{", absl::StrJoin(properties, ","), "}"));
    if (Seldom()) add("patternProperties", absl::StrCat("{\"^x\":", Rules(depth - 1), "}"));
    if (Up(12) == 0) add("additionalProperties", Rules(depth - 1));
    if (Up(12) == 0) add("unevaluatedProperties", Rules(depth - 1));
    if (Seldom()) add("required", R"(["b"])");
    if (Seldom()) add("items", Rules(depth - 1));
    if (Seldom()) add("contains", Rules(depth - 1));
    if (Seldom()) add("allOf", List(depth));
    if (Seldom()) add("anyOf", List(depth));
    if (Seldom()) add("oneOf", List(depth));
    if (Up(10) == 0)
      add("not", absl::StrCat(R"({"required":["c"],"properties":{"a":)", Rules(1), "}}"));
    if (Seldom()) {
      add("if", Rules(depth - 1));
      add("then", Rules(depth - 1));
      add("else", Rules(depth - 1));
    }
    if (Seldom()) add("dependentSchemas", absl::StrCat("{\"b\":", Rules(depth - 1), "}"));
    return absl::StrCat("{", absl::StrJoin(rules, ","), "}");
  }
  std::string List(int depth) {
    return absl::StrCat("[", Rules(depth - 1), ",", Rules(depth - 1), "]");
  }

  std::mt19937 random_;
  bool refers_ = true;
};

std::shared_ptr<const CompiledJsonSchema> Compiled(const std::string& schema) {
  auto compiled = JsonSchemaValidator().Compile(schema);
  if (!compiled.ok()) RC_FAIL(absl::StrCat(compiled.status().ToString(), "\n", schema));
  return std::dynamic_pointer_cast<const CompiledJsonSchema>(*compiled);
}

struct Counts {
  int valid = 0;
  int undeclared = 0;
  int nested = 0;
};

void Compare(const std::string& schema, const std::string& data, Counts& counts) {
  const auto open = Compiled(schema);
  const auto json = *JsonDocument::Parse(data, 64);
  const std::string texts = absl::StrCat(schema, "\n", data);
  const auto slow = open->InspectExhaustively(json->root(), 100, 1'000);
  RC_ASSERT(slow.ok());
  if (!slow->violations.empty()) return;
  ++counts.valid;
  if (open->has_fast()) {
    const auto fast = open->UndeclaredFast(json->root(), 1'000);
    if (!fast.ok() || *fast != slow->undeclared) RC_FAIL(texts);
  }
  const auto closed =
      Compiled(absl::StrCat(R"({"$ref":"#/$defs/s","unevaluatedProperties":false,"$defs":{"s":)",
                            schema, R"(,"d":)", schema.substr(schema.rfind(R"("d":)") + 4)));
  const auto refused = closed->Judge(json->root(), 1'000);
  RC_ASSERT(refused.ok());
  std::set<std::string> by_keyword;
  for (const Violation& violation : *refused) by_keyword.insert(violation.pointer);
  std::set<std::string> outermost;
  for (const Violation& violation : slow->undeclared) {
    const bool nested = absl::StrContains(violation.pointer.substr(1), "/");
    counts.nested += nested ? 1 : 0;
    if (!nested) outermost.insert(violation.pointer);
  }
  counts.undeclared += static_cast<int>(slow->undeclared.size());
  if (by_keyword != outermost) {
    RC_FAIL(absl::StrCat(texts, "\n", absl::StrJoin(by_keyword, " "), " / ",
                         absl::StrJoin(outermost, " ")));
  }
}

TEST(UndeclaredProperty, IsFoundByBothEvaluationsAndRefusedByUnevaluatedProperties) {
  Counts counts;
  const bool holds = rc::check("one meaning of undeclared", [&counts] {
    Maker maker(*rc::gen::arbitrary<uint32_t>());
    const std::string schema = maker.Schema();
    for (int i = 0; i < 20; ++i) Compare(schema, maker.Object(3), counts);
  });
  EXPECT_TRUE(holds);
  EXPECT_GT(counts.valid, 150);
  EXPECT_GT(counts.undeclared, 150);
  EXPECT_GT(counts.nested, 20);
}

}  // namespace
}  // namespace nexus::schema

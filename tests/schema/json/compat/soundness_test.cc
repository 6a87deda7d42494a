// "Compatible" is a promise about documents: here it is held against made-up schemas, edits and
// documents, by the evaluator and by a second reading of what "undeclared" means.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "schema/json/compat/compare.h"
#include "schema/json/json_document.h"

namespace nexus::schema {
namespace {

using Pair = std::pair<std::string, std::string>;  // a schema before and after an edit

class PairMaker {
 public:
  explicit PairMaker(uint32_t seed) : random_(seed) {}

  Pair Make() {
    const Pair d0 = Schema(1);
    const Pair root = Schema(3);
    const auto whole = [](const std::string& d, const std::string& r) {
      return absl::StrCat(R"({"$defs":{"d":)", d, R"(},"allOf":[)", r, "]}");
    };
    return {whole(d0.first, root.first), whole(d0.second, root.second)};
  }
  std::string Document(int depth = 3) {
    switch (Up(depth > 0 ? 9 : 6)) {
      case 0:
        return "null";
      case 1:
        return Up(2) == 0 ? "true" : "false";
      case 2:
        return absl::StrCat(static_cast<int>(Up(7)) - 1);
      case 3:
        return absl::StrCat(Up(3), ".5");
      case 4:
      case 5:
        return absl::StrCat("\"", std::string(Up(4), 'x'), "\"");
      case 6:
        return absl::StrCat("[", absl::StrJoin(Several(depth), ","), "]");
      default: {
        std::vector<std::string> members;
        for (const char* name : {"a", "b", "c", "d"}) {
          if (Up(2) == 0) continue;
          members.push_back(absl::StrCat("\"", name, "\":", Document(depth - 1)));
        }
        return absl::StrCat("{", absl::StrJoin(members, ","), "}");
      }
    }
  }

 private:
  uint32_t Up(uint32_t below) {
    return std::uniform_int_distribution<uint32_t>(0, below - 1)(random_);
  }
  bool Often() { return Up(8) != 0; }
  std::vector<std::string> Several(int depth) {
    std::vector<std::string> items;
    for (uint32_t n = Up(4); n > 0; --n) items.push_back(Document(depth - 1));
    return items;
  }

  // `text` on both sides, or on one, or changed.
  void Add(std::vector<std::string> rules[2], const std::string& keyword, uint32_t value) {
    const uint32_t other = Often() ? value : Up(5);
    if (Up(12) != 0) rules[0].push_back(absl::StrCat("\"", keyword, "\":", value));
    if (Up(12) != 0) rules[1].push_back(absl::StrCat("\"", keyword, "\":", other));
  }
  void Add(std::vector<std::string> rules[2], const std::string& keyword, const Pair& value) {
    if (Up(16) != 0) rules[0].push_back(absl::StrCat("\"", keyword, "\":", value.first));
    if (Up(16) != 0) rules[1].push_back(absl::StrCat("\"", keyword, "\":", value.second));
  }
  Pair Same(std::string text) { return {text, text}; }

  Pair Schema(int depth) {
    if (!Often()) {
      const Pair one = Fresh(depth);
      const Pair two = Fresh(depth);
      return {one.first, two.second};
    }
    return Fresh(depth);
  }

  Pair Fresh(int depth) {
    std::vector<std::string> rules[2];
    switch (Up(depth > 0 ? 13 : 6)) {
      case 0:
        return Up(3) == 0 ? Same("true") : Pair{"{}", "{}"};
      case 1:
        Add(rules, "type", Same(Up(2) == 0 ? "\"integer\"" : "\"number\""));
        Add(rules, Up(2) == 0 ? "minimum" : "exclusiveMinimum", Up(3));
        Add(rules, Up(2) == 0 ? "maximum" : "exclusiveMaximum", 2 + Up(3));
        if (Up(3) == 0) Add(rules, "multipleOf", Same(Up(2) == 0 ? "1" : "2"));
        break;
      case 2:
        if (Up(2) == 0) Add(rules, "type", Same("\"string\""));
        Add(rules, "minLength", Up(3));
        Add(rules, "maxLength", 1 + Up(3));
        break;
      case 3:
        Add(rules, "enum",
            Pair{R"([0,"x",null,{"a":1}])",
                 Up(2) == 0 ? R"([0,"x",null,{"a":1},2])" : R"([0,"x"])"});
        break;
      case 4:
        Add(rules, "type", Same(Up(2) == 0 ? R"(["string","null"])" : R"(["integer","object"])"));
        break;
      case 5:
        Add(rules, "$ref", Same("\"#/$defs/d\""));
        break;
      case 6:
        Add(rules, "type", Same("\"array\""));
        Add(rules, "items", Schema(depth - 1));
        if (Up(3) == 0) {
          const Pair first = Schema(depth - 1);
          Add(rules, "prefixItems", Pair{"[" + first.first + "]", "[" + first.second + "]"});
        }
        if (Up(2) == 0) Add(rules, Up(2) == 0 ? "minItems" : "maxItems", 1 + Up(2));
        if (Up(4) == 0) Add(rules, "uniqueItems", Same("true"));
        if (Up(4) == 0) Add(rules, "contains", Schema(depth - 1));
        break;
      case 7:
        AddList(rules, "anyOf", depth);
        break;
      case 8:
        AddList(rules, Up(2) == 0 ? "oneOf" : "allOf", depth);
        break;
      case 9:
        Add(rules, "not", Schema(depth - 1));
        if (Up(2) == 0) Add(rules, "if", Schema(0));
        if (Up(2) == 0) Add(rules, "then", Schema(depth - 1));
        if (Up(2) == 0) Add(rules, "else", Schema(depth - 1));
        break;
      default:
        AddObject(rules, depth);
    }
    return {absl::StrCat("{", absl::StrJoin(rules[0], ","), "}"),
            absl::StrCat("{", absl::StrJoin(rules[1], ","), "}")};
  }

  void AddList(std::vector<std::string> rules[2], const std::string& keyword, int depth) {
    std::vector<std::string> list[2];
    for (uint32_t n = 1 + Up(3); n > 0; --n) {
      const Pair branch = Schema(depth - 1);
      if (Up(12) != 0) list[0].push_back(branch.first);
      if (Up(12) != 0) list[1].push_back(branch.second);
    }
    for (int side : {0, 1}) {
      if (list[side].empty()) continue;
      rules[side].push_back(
          absl::StrCat("\"", keyword, "\":[", absl::StrJoin(list[side], ","), "]"));
    }
  }

  void AddObject(std::vector<std::string> rules[2], int depth) {
    std::vector<std::string> properties[2];
    std::vector<std::string> required[2];
    for (const char* name : {"a", "b", "c"}) {
      const Pair property = Schema(depth - 1);
      const bool wanted = Up(3) == 0;
      const bool used = Up(4) != 0;
      for (int side : {0, 1}) {
        const std::string& text = side == 0 ? property.first : property.second;
        if (used == (Up(10) != 0)) {
          properties[side].push_back(absl::StrCat("\"", name, "\":", text));
        }
        if (wanted && Often()) required[side].push_back(absl::StrCat("\"", name, "\""));
      }
    }
    for (int side : {0, 1}) {
      if (Up(4) != 0) rules[side].push_back("\"type\":\"object\"");
      rules[side].push_back(
          absl::StrCat("\"properties\":{", absl::StrJoin(properties[side], ","), "}"));
      if (!required[side].empty()) {
        rules[side].push_back(
            absl::StrCat("\"required\":[", absl::StrJoin(required[side], ","), "]"));
      }
    }
    const uint32_t model = Up(6);
    if (model < 2) Add(rules, "additionalProperties", Same("false"));
    if (model == 2) Add(rules, "additionalProperties", Schema(depth - 1));
    if (model == 3) Add(rules, "unevaluatedProperties", Same("false"));
    if (Up(3) == 0) {
      const Pair value = Schema(depth - 1);
      const uint32_t sides = Up(6);  // on one side only, now and then
      const auto add = [&](int side, const std::string& text) {
        rules[side].push_back(R"("patternProperties":{"^[ad]$":)" + text + "}");
      };
      if (sides != 0) add(0, value.first);
      if (sides != 1) add(1, value.second);
    }
    if (Up(5) == 0) Add(rules, "dependentRequired", Pair{R"({"a":["b","c"]})", R"({"a":["b"]})"});
    if (Up(5) == 0) Add(rules, Up(2) == 0 ? "minProperties" : "maxProperties", 1 + Up(3));
  }

  std::mt19937 random_;
};

// What may be said about one value: the schemas of all branches, read from the text.
using Schemas = std::vector<JsonElement>;

bool HasMember(JsonElement object, std::string_view name, JsonElement* value) {
  return object.is_object() && !object.at_key(name).get(*value);
}

void AddClosure(JsonElement root, JsonElement schema, Schemas& all, int depth = 0) {
  if (!schema.is_object() || depth > 20) return;
  all.push_back(schema);
  JsonElement condition;
  // Without one, "then" and "else" say nothing.
  const bool conditional = HasMember(schema, "if", &condition);
  for (const auto field : MembersOf(schema)) {
    const std::string_view key = field.key;
    if (key == "allOf" || key == "anyOf" || key == "oneOf") {
      for (const JsonElement part : ItemsOf(field.value)) AddClosure(root, part, all, depth + 1);
    } else if (key == "not" || key == "if" || (conditional && (key == "then" || key == "else"))) {
      AddClosure(root, field.value, all, depth + 1);
    } else if (key == "$ref") {
      JsonElement target;
      if (!root.at_pointer("/$defs/d").get(target)) AddClosure(root, target, all, depth + 1);
    }
  }
}

bool IsListed(JsonElement names, std::string_view name) {
  for (const JsonElement one : ItemsOf(names)) {
    if (one.get_string().value_unsafe() == name) return true;
  }
  return false;
}

// A dependency names the field it looks at and those it asks for, and no others.
bool IsInDependency(JsonElement dependencies, std::string_view name) {
  for (const auto one : MembersOf(dependencies)) {
    if (one.key == name || IsListed(one.value, name)) return true;
  }
  return false;
}

bool IsDeclared(const Schemas& all, std::string_view name) {
  for (const JsonElement schema : all) {
    JsonElement found;
    JsonElement inner;
    if (HasMember(schema, "properties", &found) && HasMember(found, name, &inner)) return true;
    if (HasMember(schema, "patternProperties", &found) && (name == "a" || name == "d")) return true;
    if (HasMember(schema, "dependentRequired", &found) && IsInDependency(found, name)) return true;
    if (HasMember(schema, "additionalProperties", &found) && found.is_object() &&
        MembersOf(found).size() > 0) {
      return true;
    }
    if (HasMember(schema, "required", &found) && IsListed(found, name)) return true;
  }
  return false;
}

// Whether a document has a field that no branch of the schema speaks about.
bool HasUndeclared(JsonElement root, const Schemas& schemas, JsonElement value) {
  Schemas all;
  for (const JsonElement schema : schemas) AddClosure(root, schema, all);
  const auto inner = [&](std::string_view keyword, std::string_view name, Schemas& next) {
    for (const JsonElement schema : all) {
      JsonElement found;
      if (!HasMember(schema, keyword, &found)) continue;
      if (name.empty()) {
        next.push_back(found);
      } else if (JsonElement one; HasMember(found, name, &one)) {
        next.push_back(one);
      }
    }
  };
  if (value.is_array()) {
    Schemas next;
    inner("items", "", next);
    inner("contains", "", next);
    for (const JsonElement schema : all) {
      JsonElement found;
      if (!HasMember(schema, "prefixItems", &found)) continue;
      for (const JsonElement one : ItemsOf(found)) next.push_back(one);
    }
    for (const JsonElement item : ItemsOf(value)) {
      if (HasUndeclared(root, next, item)) return true;
    }
  }
  if (!value.is_object()) return false;
  for (const auto field : MembersOf(value)) {
    if (!IsDeclared(all, field.key)) return true;
    Schemas next;
    inner("properties", field.key, next);
    inner("patternProperties", "^[ad]$", next);
    inner("additionalProperties", "", next);
    if (HasUndeclared(root, next, field.value)) return true;
  }
  return false;
}

bool Accepts(const CompiledSchema& schema, const std::string& document) {
  const auto violations = schema.Validate(document, 1);
  return violations.ok() && violations->empty();
}

struct Tally {
  int compatible = 0;
  int documents = 0;
};

void Hold(uint32_t seed, CompatibilityPolicy policy, Tally& tally) {
  PairMaker maker(seed);
  const auto [before, after] = maker.Make();
  const auto old_schema = Compiled(before);
  const auto new_schema = Compiled(after);
  if (old_schema == nullptr || new_schema == nullptr) return;  // a reference back to itself
  CompatibilityRules rules{CompatibilityMode::kBackward, policy, {true, false, true, true}};
  const CompatibilityVerdict verdict = Judge({before, after}, rules);
  for (const CompatibilityFinding& finding : verdict.findings) {
    if (finding.witness.empty()) continue;
    RC_ASSERT(Accepts(*old_schema, finding.witness));
    RC_ASSERT(!Accepts(*new_schema, finding.witness));
  }
  if (!verdict.compatible()) return;
  ++tally.compatible;
  const auto old_text = *JsonDocument::Parse(before, 128);
  const auto new_text = *JsonDocument::Parse(after, 128);
  for (int i = 0; i < 60; ++i) {
    const std::string text = maker.Document();
    if (!Accepts(*old_schema, text)) continue;
    const auto document = *JsonDocument::Parse(text, 128);
    if (policy != CompatibilityPolicy::kStrict &&
        HasUndeclared(old_text->root(), {old_text->root()}, document->root())) {
      continue;
    }
    if (policy == CompatibilityPolicy::kLenient &&
        HasUndeclared(new_text->root(), {new_text->root()}, document->root())) {
      continue;
    }
    ++tally.documents;
    if (Accepts(*new_schema, text)) continue;
    RC_FAIL(absl::StrCat("before ", before, "\nafter ", after, "\ndocument ", text));
  }
}

class Soundness : public ::testing::TestWithParam<CompatibilityPolicy> {};

TEST_P(Soundness, WhatIsCompatibleRefusesNoDocumentThatWasAccepted) {
  Tally tally;
  const bool held = rc::check([&] {
    for (int i = 0; i < 20; ++i) Hold(*rc::gen::arbitrary<uint32_t>(), GetParam(), tally);
  });
  EXPECT_TRUE(held);
  // The promise must have been tried, not only given.
  EXPECT_GT(tally.compatible, 100);
  EXPECT_GT(tally.documents, 1'000);
}

INSTANTIATE_TEST_SUITE_P(All, Soundness,
                         ::testing::Values(CompatibilityPolicy::kNexus,
                                           CompatibilityPolicy::kStrict,
                                           CompatibilityPolicy::kLenient));

}  // namespace
}  // namespace nexus::schema

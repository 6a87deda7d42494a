// Random schemas and documents of a small world, where things meet often: both evaluations and
// valijson have to give one verdict.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/schema/corpus.h"
#include "bench/schema/valijson_oracle.h"
#include "schema/json/compiled_json_schema.h"
#include "schema/json/json_schema_validator.h"

namespace nexus::schema {
namespace {

// Whole numbers stand without a point, strings are ASCII, there is no multipleOf: what valijson
// sees otherwise is left out.
class World {
 public:
  World(uint64_t seed, int draft) : random_(seed), draft_(draft), draft4_(draft == 4) {}

  std::string Document(int depth) {
    switch (Below(depth > 0 ? 8 : 5)) {
      case 0:
        return Chance(50) ? "true" : "false";
      case 1:
        return "null";
      case 2:
        return Number();
      case 3:
      case 4:
        return Quoted(Text());
      case 5:
        return absl::StrCat("[", Some(4, [&] { return Document(depth - 1); }), "]");
      default:
        return Object([&] { return Document(depth - 1); });
    }
  }

  std::string Schema(int depth) {
    if (!draft4_ && Chance(4)) return Chance(70) ? "true" : "false";
    if (depth > 0 && Chance(8)) return R"({"$ref":"#/definitions/d"})";
    std::vector<std::string> parts;
    if (Chance(40)) parts.push_back(absl::StrCat(R"("type":)", Types()));
    if (Chance(12)) parts.push_back(absl::StrCat(R"("enum":[)", Values(), "]"));
    if (!draft4_ && Chance(6)) parts.push_back(absl::StrCat(R"("const":)", Document(1)));
    for (int i = Below(3); i > 0; --i) parts.push_back(Rule(depth));
    // No keyword twice.
    std::vector<std::string> distinct;
    for (const std::string& part : parts) {
      const auto same = [&](const std::string& other) {
        return other.substr(0, other.find(':')) == part.substr(0, part.find(':'));
      };
      if (std::none_of(distinct.begin(), distinct.end(), same)) distinct.push_back(part);
    }
    return absl::StrCat("{", absl::StrJoin(distinct, ","), "}");
  }

  std::string Root() {
    std::string schema = Schema(3);
    const std::string definitions = absl::StrCat(R"("definitions":{"d":)", Schema(0), "}}");
    if (schema.size() < 3) return absl::StrCat("{", definitions);
    if (schema[0] != '{' || schema.find("\"$ref\"") == 1) {
      return absl::StrCat(R"({"allOf":[)", draft4_ || schema[0] == '{' ? schema : "{}", "],",
                          definitions);
    }
    schema.back() = ',';
    return schema + definitions;
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  bool Chance(int percent) { return Below(100) < percent; }
  template <typename T, size_t n>
  std::string OneOf(const T (&list)[n]) {
    return list[Below(static_cast<int>(n))];
  }
  template <typename Make>
  std::string Some(int max, Make make) {
    std::vector<std::string> items;
    for (int i = Below(max + 1); i > 0; --i) items.push_back(make());
    return absl::StrJoin(items, ",");
  }
  std::string Quoted(const std::string& text) { return absl::StrCat("\"", text, "\""); }
  std::string Text() {
    static const char* const kTexts[] = {"", "a", "b", "ab", "a1", "abc", "1", "kind", "zz-9"};
    return OneOf(kTexts);
  }
  std::string Name() {
    static const char* const kNames[] = {"a", "b", "c", "kind", "ab"};
    return OneOf(kNames);
  }
  std::string Number() {
    return Chance(70) ? absl::StrCat(Below(10) - 3) : absl::StrCat(Below(10) - 3, ".5");
  }
  template <typename Make>
  std::string Object(Make make) {
    std::vector<std::string> members;
    for (const char* name : {"a", "b", "c", "kind", "ab"}) {
      if (Chance(40)) members.push_back(absl::StrCat("\"", name, "\":", make()));
    }
    std::shuffle(members.begin(), members.end(), random_);
    return absl::StrCat("{", absl::StrJoin(members, ","), "}");
  }
  std::string Types() {
    static const char* const kTypes[] = {"\"object\"",
                                         "\"object\"",
                                         "\"array\"",
                                         "\"string\"",
                                         "\"integer\"",
                                         "\"number\"",
                                         "\"null\"",
                                         "\"boolean\"",
                                         "[\"string\",\"null\"]",
                                         "[\"object\",\"array\"]"};
    return OneOf(kTypes);
  }
  std::string Values() {
    std::vector<std::string> values;
    for (int i = 1 + Below(4); i > 0; --i) {
      std::string value = Document(1);
      if (std::find(values.begin(), values.end(), value) == values.end()) {
        values.push_back(std::move(value));
      }
    }
    return absl::StrJoin(values, ",");
  }
  std::string Names() {
    std::string first = Name();
    std::string second = Name();
    if (first == second || Chance(50)) return Quoted(first);
    return absl::StrCat(Quoted(first), ",", Quoted(second));
  }
  std::string List(int depth) {
    std::vector<std::string> schemas;
    for (int i = 1 + Below(3); i > 0; --i) schemas.push_back(Schema(depth - 1));
    return absl::StrJoin(schemas, ",");
  }
  std::string Pattern() {
    static const char* const kPatterns[] = {"^a", "^[a-z]+$", "b", "^[a-z]*[0-9]$", "^.{2}$", "1$"};
    return OneOf(kPatterns);
  }

  std::string Rule(int depth) {
    static const char* const kCounts[] = {"minLength", "maxLength",     "minItems",
                                          "maxItems",  "minProperties", "maxProperties"};
    switch (Below(depth > 0 ? 24 : 7)) {
      case 0:
        return absl::StrCat("\"", OneOf(kCounts), "\":", Below(4));
      case 1:
        return absl::StrCat(Chance(50) ? R"("minimum":)" : R"("maximum":)", Number());
      case 2:
        if (draft4_) return R"("minimum":1,"exclusiveMinimum":true)";
        return absl::StrCat(Chance(50) ? R"("exclusiveMinimum":)" : R"("exclusiveMaximum":)",
                            Number());
      case 3:
        return absl::StrCat("\"", OneOf(kCounts), "\":", 1 + Below(2));
      case 4:
        return absl::StrCat(R"("pattern":")", Pattern(), "\"");
      case 5:
        return R"("uniqueItems":true)";
      case 6:
        return absl::StrCat(R"("required":[)", Names(), "]");
      default:
        return Chance(50) ? OfMembers(depth) : OfBranches(depth);
    }
  }

  std::string OfMembers(int depth) {
    const auto schema = [&] { return Schema(depth - 1); };
    switch (Below(draft4_ ? 6 : 8)) {
      case 0:
      case 1:
        return absl::StrCat(R"("properties":)", Object(schema));
      case 2:
        return absl::StrCat(R"("patternProperties":{")", Pattern(), "\":", schema(), "}");
      case 3:
        return absl::StrCat(R"("additionalProperties":)", Chance(40) ? "false" : schema());
      case 4:
        return absl::StrCat(R"("items":)", Chance(60) ? schema() : "[" + List(depth) + "]");
      case 5:
        return absl::StrCat(R"("dependencies":{")", Name(),
                            "\":", Chance(50) ? "[" + Names() + "]" : schema(), "}");
      case 6:
        return absl::StrCat(R"("contains":)", schema());
      default:
        return absl::StrCat(R"("propertyNames":)", schema());
    }
  }

  std::string OfBranches(int depth) {
    switch (Below(draft_ < 7 ? 5 : 6)) {
      case 0:
        return absl::StrCat(R"("allOf":[)", List(depth), "]");
      case 1:
        return absl::StrCat(R"("anyOf":[)", List(depth), "]");
      case 2:
        return absl::StrCat(R"("oneOf":[)", List(depth), "]");
      case 3:
        return absl::StrCat(R"("not":)", Schema(depth - 1));
      case 4:
        return Switch(depth);
      default:
        return absl::StrCat(R"("if":)", Schema(depth - 1), R"(,"then":)", Schema(depth - 1),
                            R"(,"else":)", Schema(depth - 1));
    }
  }

  // Alternatives that "kind" tells apart.
  std::string Switch(int depth) {
    const auto branch = [&](const char* kinds) {
      return absl::StrCat(R"({"properties":{"kind":{"enum":[)", kinds, R"(]},"a":)",
                          Schema(depth - 1), "}}");
    };
    return absl::StrCat(Chance(50) ? R"("oneOf":[)" : R"("anyOf":[)", branch(R"("a")"), ",",
                        branch(R"("b","ab")"), ",", branch(R"("kind")"), "]");
  }

  std::mt19937_64 random_;
  const int draft_;
  const bool draft4_;
};

struct Run {
  const char* name;
  Draft draft;
  int number;
};
void PrintTo(const Run& run, std::ostream* os) { *os << run.name; }

class Oracle : public ::testing::TestWithParam<Run> {};

TEST_P(Oracle, GivesTheSameVerdictOnRandomSchemas) {
  JsonSchemaOptions options;
  options.default_draft = GetParam().draft;
  JsonSchemaValidator validator(options);
  int valid = 0;
  int judged = 0;
  for (uint64_t seed = 0; seed < 2'500; ++seed) {
    World world(seed, GetParam().number);
    const std::string schema = world.Root();
    const auto compiled = validator.Compile(schema);
    ASSERT_TRUE(compiled.ok()) << schema << "\n" << compiled.status();
    const auto& ours = dynamic_cast<const CompiledJsonSchema&>(**compiled);
    const ValijsonOracle oracle(schema, GetParam().number);
    for (int i = 0; i < 12; ++i) {
      const std::string data = world.Document(3);
      const auto document = JsonDocument::Parse(data, 64);
      ASSERT_TRUE(document.ok()) << data;
      const bool fast = ours.AcceptsFast((*document)->root());
      const bool exhaustive = ours.Judge((*document)->root(), 1)->empty();
      ASSERT_EQ(fast, exhaustive) << schema << "\n" << data;
      ASSERT_EQ(fast, oracle.Accepts(data)) << "seed " << seed << "\n" << schema << "\n" << data;
      valid += fast ? 1 : 0;
      ++judged;
    }
  }
  // Else the world is no test.
  EXPECT_GT(valid, judged / 5);
  EXPECT_LT(valid, judged * 4 / 5);
}

INSTANTIATE_TEST_SUITE_P(Drafts, Oracle,
                         ::testing::Values(Run{"draft4", Draft::k4, 4}, Run{"draft6", Draft::k6, 6},
                                           Run{"draft7", Draft::k7, 7}),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace nexus::schema

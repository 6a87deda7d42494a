// JSON into the engine and out of it.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "script/script_fixture.h"

namespace nexus::script {
namespace {

using testing::HasSubstr;

class ScriptJsonTest : public ScriptFixture {
 protected:
  std::string Same(absl::string_view json) {
    if (module_ == nullptr) {
      EXPECT_TRUE(Load("export const f = (x) => x;").ok());
    }
    const absl::StatusOr<std::string> result = Call("f", {json});
    return result.ok() ? *result : std::string(result.status().message());
  }

  std::string Refusal(absl::string_view expression) {
    const absl::Status status = Evaluate(expression).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << expression << ": " << status;
    return std::string(status.message());
  }
};

TEST_F(ScriptJsonTest, GivesBackWhatItWasGiven) {
  for (const absl::string_view json :
       {"null", "true", "false", "0", "-1", "1.5", "1e+21", "1e-7", "5e-324",
        "1.7976931348623157e+308", "9007199254740993", "\"\"",
        "\"a\\\"\\\\\\n\\r\\t\\b\\f\\u0000\"", "\"\xc3\xa4 \xe4\xb8\xad \xf0\x9f\x98\x80\"", "[]",
        "{}", "[[],{},[null]]", "{\"b\":1,\"a\":{\"c\":[1,2,3]}}", "\"\\ud800\""}) {
    EXPECT_EQ(Same(json), json == "9007199254740993" ? "9007199254740992" : json);
  }
  EXPECT_EQ(Same(" [ 1 , 1.0, 1e0, -0, \"\\u0041\\/\" ] "), "[1,1,1,0,\"A/\"]");
  EXPECT_EQ(Same("{\"b\":1,\"2\":2,\"a\":3,\"1\":4}"), "{\"1\":4,\"2\":2,\"b\":1,\"a\":3}");
  EXPECT_EQ(Same("{\"a\":1,\"b\":2,\"a\":3}"), "{\"a\":3,\"b\":2}");
  EXPECT_EQ(Same("\"\\u2028\x7f\""), "\"\xe2\x80\xa8\x7f\"");
}

TEST_F(ScriptJsonTest, TakesNamesOfPrototypesForData) {
  EXPECT_EQ(Same(R"({"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}}})"),
            R"({"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}}})");
  ASSERT_TRUE(
      Load("export const f = (x) => [x.admin, Object.getPrototypeOf(x) === Object.prototype,"
           "({}).admin, {...x}.admin, Object.assign({}, x).admin].map((y) => `${y}`);")
          .ok());
  EXPECT_EQ(Call("f", {R"({"__proto__":{"admin":true}})"}).value(),
            R"(["undefined","true","undefined","undefined","undefined"])");
}

TEST_F(ScriptJsonTest, NestsDeepAndRefusesDeeper) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(Same(nested(900)), nested(900));
  EXPECT_THAT(Same(nested(200'000)), HasSubstr("nested too deep"));
}

TEST_F(ScriptJsonTest, RefusesWhatIsNoJson) {
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"undefined", "the result is undefined"},
      {"() => 1", "the result is a function"},
      {"class {}", "the result is a function"},
      {"Symbol('x')", "the result is a symbol"},
      {"5n", "the result is a BigInt"},
      {"NaN", "the result is a number that is not finite"},
      {"-1 / 0", "the result is a number that is not finite"},
      {"[1, , 2]", "the result at /1 is undefined"},
      {"Array(5)", "the result at /0 is undefined"},
      {"[undefined]", "the result at /0 is undefined"},
      {"{a: {'b/~': [0, {c: NaN}]}}", "the result at /a/b~1~0/1/c is a number that is not finite"},
      {"{a: () => 1}", "the result at /a is a function"},
      {"{get a() { throw new Error('ran'); }}", "the result at /a is a getter or setter"},
      {"{set a(x) {}}", "the result at /a is a getter or setter"},
      {"Object.defineProperty([1], '0', {get() { return 1; }})",
       "the result at /0 is a getter or setter"},
      {"new Proxy({}, {get() { throw new Error('ran'); }})", "the result is a Proxy"},
      {"new Proxy([], {})", "the result is a Proxy"},
      {"new Proxy(() => 1, {})", "the result is a function"},
      {"(() => { const {proxy, revoke} = Proxy.revocable({}, {}); revoke(); return proxy; })()",
       "the result is a Proxy"},
      {"new Date(0)", "the result is an object of the class Date"},
      {"new Map()", "the result is an object of the class Map"},
      {"[new Set()]", "the result at /0 is an object of the class Set"},
      {"/x/", "the result is an object of the class RegExp"},
      {"new Error('x')", "the result is an object of the class Error"},
      {"new String('x')", "the result is an object of the class String"},
      {"new Number(1)", "the result is an object of the class Number"},
      {"Promise.resolve(1)", "the result is an object of the class Promise"},
      {"(function() { return arguments; })(1)", "the result is an object of the class Arguments"},
      {"globalThis", "the result is an object of the class global"},
      {"Math", "the result is an object of the class Math"},
      {"(() => { const o = {}; o.a = {o}; return o; })()", "the result at /a/o is part of itself"},
      {"(() => { const a = []; a.push([a]); return a; })()",
       "the result at /0/0 is part of itself"},
  };
  for (const auto& [expression, refusal] : expected) {
    EXPECT_EQ(Refusal(expression), refusal) << expression;
  }
}

TEST_F(ScriptJsonTest, RunsNoCodeOfTheModule) {
  EXPECT_EQ(Evaluate("{a: 1, toJSON: undefined}").value(), R"({"a":1})");
  EXPECT_THAT(Refusal("{a: 1, toJSON() { return 2; }}"), HasSubstr("/toJSON is a function"));
  EXPECT_EQ(Evaluate("new (class { x = 1; toJSON() { throw new Error('ran'); }"
                     "get y() { throw new Error('ran'); } })()")
                .value(),
            R"({"x":1})");
}

TEST_F(ScriptJsonTest, WritesWhatIsThereForAll) {
  EXPECT_EQ(Evaluate("{a: undefined, b: 1, c: undefined}").value(), R"({"b":1})");
  EXPECT_EQ(
      Evaluate("Object.create(null, {a: {value: 1, enumerable: true}, b: {value: 2}})").value(),
      R"({"a":1})");
  EXPECT_EQ(Evaluate("{[Symbol('s')]: 1, a: 2}").value(), R"({"a":2})");
  EXPECT_EQ(Evaluate("Object.freeze([Object.freeze({a: 1})])").value(), R"([{"a":1}])");
  EXPECT_EQ(Evaluate("(() => { const x = {}; return [x, x, {x}]; })()").value(),
            R"([{},{},{"x":{}}])");
  EXPECT_EQ(Evaluate("new (class extends Array {})(1, 2)").value(), "[1,2]");
  EXPECT_EQ(Evaluate("['a', 'b'].concat('\\u{1F600}'.split(''))").value(),
            R"(["a","b","\ud83d","\ude00"])");
  EXPECT_EQ(Evaluate("'\\ude00\\ud83d'").value(), R"("\ude00\ud83d")");
  EXPECT_EQ(Evaluate("{4294967295: 1, 2147483648: 2, 0: 3}").value(),
            R"({"0":3,"2147483648":2,"4294967295":1})");
}

TEST_F(ScriptJsonTest, WritesLongTextsAndManyKeys) {
  const std::string text = "\"" + std::string(1'000'000, 'x') + "\"";
  EXPECT_EQ(Same(text), text);
  std::string object = "{";
  for (int i = 0; i < 5'000; ++i) absl::StrAppend(&object, i == 0 ? "" : ",", "\"k", i, "\":", i);
  object += "}";
  EXPECT_EQ(Same(object), object);
}

// A JSON value, and a text of it that is not the shortest.
struct Json {
  enum class Kind { kNull, kBool, kNumber, kText, kArray, kObject };
  Kind kind = Kind::kNull;
  bool flag = false;
  double number = 0;
  std::string text;  // UTF-8
  std::vector<Json> items;
  std::vector<std::string> names;  // of items, of an object; distinct
};

rc::Gen<std::string> Texts() {
  return rc::gen::map(
      rc::gen::container<std::vector<uint32_t>>(rc::gen::oneOf(
          rc::gen::inRange<uint32_t>(0x20, 0x7f), rc::gen::inRange<uint32_t>(0, 0x20),
          rc::gen::inRange<uint32_t>(0x80, 0xd800), rc::gen::inRange<uint32_t>(0xe000, 0x10000),
          rc::gen::inRange<uint32_t>(0x10000, 0x110000))),
      [](const std::vector<uint32_t>& points) {
        std::string text;
        for (const uint32_t c : points) {
          if (c < 0x80) {
            text += static_cast<char>(c);
          } else if (c < 0x800) {
            text += {static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 0x3f))};
          } else if (c < 0x10000) {
            text += {static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3f)),
                     static_cast<char>(0x80 | (c & 0x3f))};
          } else {
            text +=
                {static_cast<char>(0xf0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3f)),
                 static_cast<char>(0x80 | (c >> 6 & 0x3f)), static_cast<char>(0x80 | (c & 0x3f))};
          }
        }
        return text;
      });
}

// Any bits that are a finite number, and numbers as people write them.
double AnyNumber() {
  if (*rc::gen::arbitrary<bool>()) return *rc::gen::inRange(-1000, 1000) / 4.0;
  const auto bits = *rc::gen::arbitrary<uint64_t>();
  double number = 0;
  std::memcpy(&number, &bits, sizeof(number));
  return std::isfinite(number) ? number : 0.1;
}

Json AnyJson(int depth) {
  Json json;
  json.kind = static_cast<Json::Kind>(*rc::gen::inRange(0, depth > 0 ? 6 : 4));
  json.flag = *rc::gen::arbitrary<bool>();
  if (json.kind == Json::Kind::kNumber) json.number = AnyNumber();
  if (json.kind == Json::Kind::kText) json.text = *Texts();
  if (json.kind != Json::Kind::kArray && json.kind != Json::Kind::kObject) return json;
  const int count = *rc::gen::inRange(0, 5);
  for (int i = 0; i < count; ++i) {
    json.items.push_back(AnyJson(depth - 1));
    std::string name = *rc::gen::oneOf(
        Texts(),
        rc::gen::element<std::string>("__proto__", "constructor", "toJSON", "length", "7"));
    while (std::find(json.names.begin(), json.names.end(), name) != json.names.end()) name += "'";
    json.names.push_back(std::move(name));
  }
  return json;
}

std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 'u') {
      absl::StrAppendFormat(&quoted, "\\u%04X", static_cast<unsigned char>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string TextOf(const Json& json) {
  switch (json.kind) {
    case Json::Kind::kNull:
      return " null";
    case Json::Kind::kBool:
      return json.flag ? "true\n" : "false";
    case Json::Kind::kNumber:
      return absl::StrFormat("%.17g", json.number);
    case Json::Kind::kText:
      return Quoted(json.text);
    case Json::Kind::kArray:
    case Json::Kind::kObject:
      break;
  }
  const bool array = json.kind == Json::Kind::kArray;
  std::string text = array ? "[" : "{\t";
  for (size_t i = 0; i < json.items.size(); ++i) {
    if (i > 0) text += " ,";
    if (!array) absl::StrAppend(&text, Quoted(json.names[i]), ": ");
    text += TextOf(json.items[i]);
  }
  return text + (array ? " ]" : "}");
}

void ExpectIs(const simdjson::dom::element& element, const Json& json) {
  switch (json.kind) {
    case Json::Kind::kNull:
      RC_ASSERT(element.is_null());
      return;
    case Json::Kind::kBool:
      RC_ASSERT(element.get_bool().value() == json.flag);
      return;
    case Json::Kind::kNumber:
      RC_ASSERT(element.get_double().value() == json.number);
      return;
    case Json::Kind::kText:
      RC_ASSERT(element.get_string().value() == json.text);
      return;
    case Json::Kind::kArray: {
      const simdjson::dom::array array = element.get_array().value();
      RC_ASSERT(array.size() == json.items.size());
      for (size_t i = 0; i < json.items.size(); ++i) ExpectIs(array.at(i).value(), json.items[i]);
      return;
    }
    case Json::Kind::kObject: {
      const simdjson::dom::object object = element.get_object().value();
      RC_ASSERT(object.size() == json.items.size());
      for (size_t i = 0; i < json.items.size(); ++i) {
        ExpectIs(object.at_key(json.names[i]).value(), json.items[i]);
      }
      return;
    }
  }
}

TEST_F(ScriptJsonTest, PassesAnyValueUnchanged) {
  EXPECT_TRUE(rc::check([this] {
    const Json json = AnyJson(4);
    const std::string once = Same(TextOf(json));
    simdjson::dom::parser parser;
    simdjson::dom::element element;
    RC_ASSERT(parser.parse(once).get(element) == simdjson::SUCCESS);
    ExpectIs(element, json);
    RC_ASSERT(Same(once) == once);
  }));
}

}  // namespace
}  // namespace nexus::script

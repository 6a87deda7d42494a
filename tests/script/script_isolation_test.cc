// What one module can do to another, to itself, and to what JavaScript brings.

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "script/script_fixture.h"

namespace nexus::script {
namespace {

class ScriptIsolationTest : public ScriptFixture {};

TEST_F(ScriptIsolationTest, FreezesEverythingThatJavaScriptBrings) {
  ASSERT_TRUE(Load(R"js(
export const f = () => {
  const open = [];
  const seen = new Set();
  const visit = (object, path) => {
    if ((typeof object !== 'object' && typeof object !== 'function') || object === null) return;
    if (seen.has(object)) return;
    seen.add(object);
    if (!Object.isFrozen(object)) open.push(path);
    visit(Object.getPrototypeOf(object), `${path}[proto]`);
    for (const key of Reflect.ownKeys(object)) {
      const property = Object.getOwnPropertyDescriptor(object, key);
      for (const part of ['value', 'get', 'set']) visit(property[part], `${path}.${String(key)}`);
    }
  };
  visit(globalThis, 'globalThis');
  const prototypes = {
    generator: Object.getPrototypeOf(function*() {}),
    asyncFunction: Object.getPrototypeOf(async function() {}),
    asyncGenerator: Object.getPrototypeOf(async function*() {}),
    arrayIterator: Object.getPrototypeOf([][Symbol.iterator]()),
    mapIterator: Object.getPrototypeOf(new Map().entries()),
    setIterator: Object.getPrototypeOf(new Set().values()),
    textIterator: Object.getPrototypeOf(''[Symbol.iterator]()),
    matchIterator: Object.getPrototypeOf(''.matchAll(/x/g)),
    generated: Object.getPrototypeOf(Object.getPrototypeOf((function*() {})())),
  };
  for (const name of Object.keys(prototypes)) visit(prototypes[name], name);
  return {open, many: seen.size > 400};
};
)js")
                  .ok());
  EXPECT_EQ(Call("f").value(), R"({"open":[],"many":true})");
}

TEST_F(ScriptIsolationTest, RefusesToChangeWhatIsShared) {
  for (const absl::string_view change :
       {"Object.prototype.x = 1", "Array.prototype.push = 1", "globalThis.x = 1", "Object = 1",
        "undefinedName = 1", "Math.PI = 3", "JSON.parse = 1", "delete Array.prototype.map",
        "Object.setPrototypeOf(Object.prototype, {})", "Object.setPrototypeOf(Array.prototype, {})",
        "Object.defineProperty(globalThis, 'x', {value: 1})", "Reflect.ownKeys.x = 1",
        "Object.prototype.toString = 1", "Error.prototype.name = 'x'", "RegExp.prototype.exec = 1",
        "Object.getPrototypeOf(function*() {}).prototype.next = 1", "Date.now = 1",
        "Symbol.prototype.x = 1", "Function.prototype.call = 1"}) {
    const absl::Status status = Evaluate(change).status();
    EXPECT_FALSE(status.ok()) << change;
    EXPECT_THAT(std::string(status.message()), testing::ContainsRegex("(Type|Reference)Error"))
        << change;
  }
}

TEST_F(ScriptIsolationTest, LetsDataHaveTheNamesOfFrozenProperties) {
  EXPECT_EQ(Evaluate("(() => { const o = {}; for (const k of ['constructor', 'toString', 'valueOf',"
                     "'hasOwnProperty', '__proto__', '__defineGetter__', 'isPrototypeOf'])"
                     "o[k] = k.length; return o; })()")
                .value(),
            R"({"constructor":11,"toString":8,"valueOf":7,"hasOwnProperty":14,"__proto__":9,)"
            R"("__defineGetter__":16,"isPrototypeOf":13})");
  EXPECT_EQ(Evaluate("(() => { const e = new TypeError('a'); e.name = 'Mine'; e.message = 'b';"
                     "return `${e}`; })()")
                .value(),
            "\"Mine: b\"");
}

TEST_F(ScriptIsolationTest, GivesEachModuleItsOwnWorld) {
  const char kText[] =
      "let count = 0; export const f = (other) => { if (other) return other instanceof Object;"
      "return ++count; }; export const o = {};";
  ASSERT_TRUE(Load(kText).ok());
  const std::unique_ptr<ScriptModule> first = std::move(module_);
  ASSERT_TRUE(Load(kText).ok());
  EXPECT_EQ(Call("f").value(), "1");
  EXPECT_EQ(Call("f").value(), "2");
  EXPECT_EQ(first->CallForJson(*first->Find("f"), {}, Plenty()).value(), "1");
}

TEST_F(ScriptIsolationTest, ServesManyModulesInTurn) {
  std::vector<std::unique_ptr<ScriptModule>> modules;
  std::vector<std::unique_ptr<ScriptValue>> states;
  for (int m = 0; m < 20; ++m) {
    ASSERT_TRUE(Load("export const initial = {n: " + std::to_string(m) +
                     "}; export const add = (s, x) => ({n: s.n + x});")
                    .ok());
    states.push_back(*module_->Get("initial"));
    modules.push_back(std::move(module_));
  }
  for (int round = 0; round < 50; ++round) {
    for (size_t m = 0; m < modules.size(); ++m) {
      const ScriptFunction add = *modules[m]->Find("add");
      states[m] = *modules[m]->Call(add, {states[m].get(), "2"}, Plenty());
      if (m % 7 == 3 && round == 25) {  // some go in between
        states[m].reset();
        modules[m].reset();
        ASSERT_TRUE(Load("export const initial = {n: -50}; export const add = (s, x) => s;").ok());
        states[m] = *module_->Get("initial");
        modules[m] = std::move(module_);
      }
    }
  }
  for (size_t m = 0; m < modules.size(); ++m) {
    const std::string n = m % 7 == 3 ? "-50" : std::to_string(m + 100);
    EXPECT_EQ(modules[m]->ToJson(*states[m], Plenty()).value(), "{\"n\":" + n + "}");
  }
  states.clear();
}

TEST_F(ScriptIsolationTest, RunsContextsOnManyThreads) {
  std::vector<std::thread> threads;
  std::vector<std::string> results(4);
  for (size_t t = 0; t < results.size(); ++t) {
    threads.emplace_back([this, t, &result = results[t]] {
      const std::unique_ptr<ScriptContext> context = NewContext();
      const std::unique_ptr<ScriptModule> module =
          *context->Load({{"sum.js",
                           "export const initial = {n: 0, s: ''}; export const add = (state, x) =>"
                           "({n: state.n + x, s: `${x}`.repeat(20)});"}},
                         "sum.js", Plenty());
      const ScriptFunction add = *module->Find("add");
      std::unique_ptr<ScriptValue> state = *module->Get("initial");
      const std::string x = std::to_string(t);
      for (int i = 0; i < 500; ++i) state = *module->Call(add, {state.get(), x}, Plenty());
      result = *module->ToJson(*state, Plenty());
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t t = 0; t < results.size(); ++t) {
    EXPECT_THAT(results[t], testing::StartsWith("{\"n\":" + std::to_string(t * 500)));
  }
}

}  // namespace
}  // namespace nexus::script

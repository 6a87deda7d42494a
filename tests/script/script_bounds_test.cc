// What code may take, and what its context does afterwards.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "script/script_fixture.h"
#include "script/spidermonkey/held_memory.h"

namespace nexus::script {
namespace {

using testing::HasSubstr;

class ScriptBoundsTest : public ScriptFixture {
 protected:
  static CallLimits Short() {
    CallLimits limits = Plenty();
    limits.time_max = absl::Milliseconds(20);
    return limits;
  }
  static CallLimits Small() {
    CallLimits limits = Plenty();
    limits.bytes_max = 16 << 20;
    return limits;
  }

  absl::Status Run(absl::string_view body, const CallLimits& limits) {
    const absl::Status loaded = Load("export const f = () => {" + std::string(body) + "};");
    return loaded.ok() ? Call("f", {}, limits).status() : loaded;
  }

  // Each throws its module away, as its caller would.
  void ExpectServes() {
    module_.reset();
    EXPECT_EQ(Evaluate("[1, 2].map((x) => x + 1)").value(), "[2,3]");
  }
};

TEST_F(ScriptBoundsTest, InterruptsWhateverLoops) {
  for (const absl::string_view body :
       {"for (;;) {}", "for (;;) { try { for (;;) {} } catch { } finally { } }",
        "const f = () => { try { f(); } catch { f(); } }; f();",
        "return {...new Proxy({}, {ownKeys() { for (;;) {} }})};",
        "return [1, 2].sort(() => { for (;;) {} });",
        "return Array.prototype.lastIndexOf.call({length: 2 ** 53 - 1}, 1);",
        "return `${{toString() { for (;;) {} }}}`;",
        "return JSON.stringify({toJSON() { for (;;) {} }});",
        "function* g() { for (;;) yield 1; } for (const x of g()) {}",
        "throw {get message() { for (;;) {} }, toString() { for (;;) {} }};"}) {
    const absl::Status status = Run(body, Short());
    if (!absl::StartsWith(body, "throw")) {
      EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << body << ": " << status;
    } else {  // is not asked what it says
      EXPECT_TRUE(absl::IsAborted(status)) << body << ": " << status;
    }
    ExpectServes();
  }
}

TEST_F(ScriptBoundsTest, InterruptsAMatchThatBacktracksForEver) {
  const absl::Status status = Run("return /(x+x+)+y/.test('x'.repeat(50));", Short());
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  ExpectServes();
}

TEST_F(ScriptBoundsTest, InterruptsTheLoadingOfAModule) {
  const absl::Status status =
      context_->Load({{"order.js", "for (;;) {}"}}, "order.js", Short()).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  ExpectServes();
}

TEST_F(ScriptBoundsTest, TellsThatOneLongStepTookTooLong) {
  CallLimits limits = Plenty();
  limits.time_max = absl::Nanoseconds(1);
  EXPECT_TRUE(absl::IsDeadlineExceeded(Run("return 1;", limits)));
}

TEST_F(ScriptBoundsTest, BoundsWhatItHolds) {
  for (const absl::string_view body :
       {"const a = []; for (;;) a.push({x: 1});", "const a = []; for (;;) a.push(1.5);",
        "const a = []; for (let i = 0;; ++i) a.push('x'.repeat(1 << 16) + i);",
        "const m = new Map(); for (let i = 0;; ++i) m.set(i, i);",
        "const o = {}; for (let i = 0;; ++i) o['k' + i] = i;",
        "return Array(1 << 27).fill(0).length;", "return [...'ab'.repeat(1 << 22)].length;",
        "let a = [1, 2]; for (;;) a = a.concat(a);",
        "for (;;) { try { const a = []; for (;;) a.push({}); } catch { } }"}) {
    const absl::Status status = Run(body, Small());
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << body << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("16777216 bytes"));
    ExpectServes();
  }
}

TEST_F(ScriptBoundsTest, CountsWhatEndedBeforeAnyoneLooked) {
  ASSERT_TRUE(Load("export const f = () => Array(1 << 20).fill(1.5);").ok());
  CallLimits limits = Plenty();
  limits.bytes_max = 1 << 20;
  const ScriptFunction f = *module_->Find("f");
  absl::Status status;
  // A result may be young, and is counted once it is not.
  std::vector<std::unique_ptr<ScriptValue>> kept;
  for (int i = 0; i < 20 && status.ok(); ++i) {
    auto value = module_->Call(f, {}, limits);
    status = value.status();
    if (value.ok()) kept.push_back(*std::move(value));
  }
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
}

TEST_F(ScriptBoundsTest, DoesNotCountGarbage) {
  EXPECT_TRUE(Run("let n = 0; for (let i = 0; i < 2000; ++i) {"
                  "  n += Array(1 << 12).fill(i).length + 'x'.repeat(1 << 12).length; }"
                  "return n;",
                  Small())
                  .ok());
}

TEST_F(ScriptBoundsTest, HoldsTheHeapOfAContextWhateverACallMay) {
  module_.reset();
  context_.reset();
  ContextLimits limits;
  limits.heap_bytes_max = 16 << 20;
  context_ = *engine_->NewContext(limits);
  const absl::Status status = Run("const a = []; for (;;) a.push({x: 1});", Plenty());
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  ExpectServes();
}

TEST_F(ScriptBoundsTest, BoundsTheStack) {
  for (const absl::string_view body :
       {"const f = (n) => 1 + f(n + 1); return f(0);",
        "let a = {}; for (let i = 0; i < 1e6; ++i) a = {a}; return JSON.stringify(a);",
        "const o = {get x() { return this.x; }}; return o.x;",
        "class A { constructor() { new A(); } } new A();",
        "let p = {}; for (let i = 0; i < 1e5; ++i) p = new Proxy(p, {}); return p.x;"}) {
    const absl::Status status = Run(body, Plenty());
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << body << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("too much recursion")) << body;
    ExpectServes();
  }
}

TEST_F(ScriptBoundsTest, BoundsTextsThatOneOperationMakes) {
  for (const absl::string_view expression :
       {"'x'.repeat(2 ** 28)", "'x'.padStart(2 ** 28)", "'x'.padEnd(2 ** 28, 'yz')",
        "JSON.parse(`[${'{},'.repeat(2 ** 21)}0]`)"}) {
    const absl::Status status = Evaluate(expression).status();
    EXPECT_TRUE(absl::IsAborted(status)) << expression << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("RangeError")) << expression;
  }
  EXPECT_EQ(Evaluate("['ab'.repeat(2), 'a'.padStart(3), 'a'.padEnd(3, 'bc'),"
                     "JSON.parse('[1]', (k, v) => v)]")
                .value(),
            R"(["abab","  a","abc",[1]])");
}

TEST_F(ScriptBoundsTest, BoundsTheText) {
  const absl::Status exploding = Run(
      "let a = ['x'.repeat(1000)]; for (let i = 0; i < 60; ++i) a = [a, a]; return a;", Small());
  EXPECT_TRUE(absl::IsResourceExhausted(exploding)) << exploding;
  const absl::Status doubled =
      Run("let s = 'ab'; for (let i = 0; i < 28; ++i) s += s; return {s};", Small());
  EXPECT_TRUE(absl::IsResourceExhausted(doubled)) << doubled;
  const absl::Status deep =
      Run("let a = []; for (let i = 0; i < 1e5; ++i) a = [a]; return a;", Plenty());
  EXPECT_TRUE(absl::IsFailedPrecondition(deep)) << deep;
  EXPECT_LE(deep.message().size(), 500u);
  ExpectServes();
}

TEST_F(ScriptBoundsTest, GoesOnInTheMiddleOfOthers) {
  ASSERT_TRUE(
      Load("export const initial = {n: 1}; export const add = (s) => ({n: s.n + 1});").ok());
  const std::unique_ptr<ScriptModule> sound = std::move(module_);
  const ScriptFunction add = *sound->Find("add");
  auto state = *sound->Get("initial");
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(absl::IsDeadlineExceeded(Run("for (;;) {}", Short())));
    module_.reset();
    state = *sound->Call(add, {state.get()}, Plenty());
    EXPECT_TRUE(absl::IsResourceExhausted(Run("const a = []; for (;;) a.push({});", Small())));
    state = *sound->Call(add, {state.get()}, Plenty());
  }
  EXPECT_EQ(sound->ToJson(*state, Plenty()).value(), "{\"n\":11}");
}

TEST_F(ScriptBoundsTest, LeaksNothingInTenThousandCalls) {
  ASSERT_TRUE(Load("export const initial = {list: []};"
                   "export const f = (state, x) => {"
                   "  if (x.bad) throw new Error(`bad ${x.i}`);"
                   "  return {list: [...state.list, {x, text: `text ${x.i}`}].slice(-20)}; };")
                  .ok());
  const ScriptFunction f = *module_->Find("f");
  auto state = *module_->Get("initial");
  size_t after_warming = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string good = "{\"i\":" + std::to_string(i) + ",\"bad\":false}";
    state = *module_->Call(f, {state.get(), good}, Plenty());
    if (i % 10 == 0) {
      EXPECT_FALSE(module_->Call(f, {state.get(), "{\"bad\":true}"}, Plenty()).ok());
      EXPECT_FALSE(module_->Call(f, {state.get(), "no json"}, Plenty()).ok());
      EXPECT_TRUE(module_->ToJson(*state, Plenty()).ok());
    }
    if (i == 4'000) after_warming = HeldAfterCollection(*context_);
  }
  EXPECT_LT(HeldAfterCollection(*context_), after_warming + (200 << 10));
}

TEST_F(ScriptBoundsTest, ReturnsTheMemoryOfModules) {
  size_t after_warming = 0;
  for (int i = 0; i < 60; ++i) {
    ASSERT_EQ(Evaluate("'x'.repeat(1000).length").value(), "1000");
    if (i == 20) after_warming = HeldAfterCollection(*context_);
  }
  EXPECT_LT(HeldAfterCollection(*context_), after_warming + (200 << 10));
}

}  // namespace
}  // namespace nexus::script

#include "script/script_module.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "script/script_fixture.h"

namespace nexus::script {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

class ScriptModuleTest : public ScriptFixture {};

constexpr char kOrder[] = R"js(
export const initial = {status: 'none', items: []};
export function evolve(state, event) {
  switch (event.type) {
    case 'OrderPlaced': return {...state, status: 'placed', items: event.data.items};
    case 'OrderShipped': return {...state, status: 'shipped'};
    default: return state;
  }
}
export const decide = (state, command, ctx) => {
  if (state.status !== 'placed') return {reject: {reason: 'NotPlaced', at: ctx.now}};
  return [{type: 'OrderShipped', data: {carrier: command.carrier}}];
};
)js";

TEST_F(ScriptModuleTest, CallsAFunctionWithJson) {
  ASSERT_TRUE(Load(kOrder).ok());
  EXPECT_EQ(Call("evolve", {R"({"status":"none"})", R"({"type":"OrderShipped"})"}).value(),
            R"({"status":"shipped"})");
}

TEST_F(ScriptModuleTest, KeepsValuesBetweenCalls) {
  ASSERT_TRUE(Load(kOrder).ok());
  const ScriptFunction evolve = *module_->Find("evolve");
  const ScriptFunction decide = *module_->Find("decide");
  auto state = *module_->Get("initial");
  for (const absl::string_view event :
       {R"({"type":"OrderPlaced","data":{"items":[{"sku":"a","count":2}]}})",
        R"({"type":"Unknown"})"}) {
    state = *module_->Call(evolve, {state.get(), event}, Plenty());
  }
  EXPECT_EQ(module_->ToJson(*state, Plenty()).value(),
            R"({"status":"placed","items":[{"sku":"a","count":2}]})");
  EXPECT_EQ(
      module_
          ->CallForJson(decide, {state.get(), R"({"carrier":"post"})", R"({"now":"n"})"}, Plenty())
          .value(),
      R"([{"type":"OrderShipped","data":{"carrier":"post"}}])");
}

TEST_F(ScriptModuleTest, KnowsWhatIsExported) {
  ASSERT_TRUE(Load("export const number = 7; export const f = () => 1; const hidden = 2;").ok());
  EXPECT_EQ(module_->ToJson(**module_->Get("number"), Plenty()).value(), "7");
  EXPECT_TRUE(absl::IsNotFound(module_->Find("number").status()));
  EXPECT_TRUE(absl::IsNotFound(module_->Find("hidden").status()));
  EXPECT_TRUE(absl::IsNotFound(module_->Get("hidden").status()));
  EXPECT_TRUE(absl::IsNotFound(module_->Get("toString").status()));
}

TEST_F(ScriptModuleTest, LinksItsFiles) {
  auto module = LoadFiles({
      {"entry.js", "import {twice} from './lib/twice.js'; export const f = (x) => twice(x) + 1;"},
      {"lib/twice.js",
       "import * as entry from './entry.js';"
       "export const twice = (x) => typeof entry.f === 'function' ? x * 2 : 0;"},
  });
  ASSERT_TRUE(module.ok()) << module.status();
  module_ = *std::move(module);
  EXPECT_EQ(Call("f", {"20"}).value(), "41");
}

TEST_F(ScriptModuleTest, RefusesImportsOfWhatIsNotThere) {
  for (const absl::string_view from : {"./nothing.js", "order.js", "/order.js", "../order.js",
                                       "https://example.com/x.js", "fs", "", "./order.js\\0"}) {
    const absl::Status status = Load("\n  import x from '" + std::string(from) + "';");
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), StartsWith("order.js:2:"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("there is no such file"));
  }
  const absl::Status status =
      LoadFiles({{"a.js", "import {x} from './b.js';"}, {"b.js", "export const y = 1;"}}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), StartsWith("a.js:1:"));
}

TEST_F(ScriptModuleTest, RefusesWhatDoesNotCompile) {
  const absl::Status status = Load("export const a = 1;\nexport const b = ;\n");
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), StartsWith("order.js:2:18: SyntaxError: "));
  EXPECT_THAT(std::string(status.message()), testing::Not(HasSubstr("const")));
  EXPECT_TRUE(absl::IsInvalidArgument(Load("export const a = \"\xff\";")));
  EXPECT_TRUE(absl::IsInvalidArgument(Load("const x = await 1;")));
  EXPECT_TRUE(absl::IsInvalidArgument(context_->Load({}, "order.js", Plenty()).status()));
}

TEST_F(ScriptModuleTest, TellsWhereItThrew) {
  ASSERT_TRUE(Load("export const f = (x) => {\n"
                   "  if (x === 1) throw new RangeError('too few');\n"
                   "  if (x === 2) return x.a.b;\n"
                   "  if (x === 3) throw 'a text';\n"
                   "  if (x === 4) throw {code: 5};\n"
                   "  if (x === 5) throw undefined;\n"
                   "  if (x === 6) throw new Error('long '.repeat(1000));\n"
                   "  class Own extends Error { constructor(m) { super(m); this.name = 'Own'; } }\n"
                   "  if (x === 7) throw new Own('mine');\n"
                   "  return new Date();\n"
                   "}")
                  .ok());
  const auto thrown = [&](absl::string_view x) {
    const absl::Status status = Call("f", {x}).status();
    EXPECT_TRUE(absl::IsAborted(status)) << status;
    return std::string(status.message());
  };
  EXPECT_EQ(thrown("1"), "order.js:2:22: RangeError: too few");
  EXPECT_THAT(thrown("2"), MatchesRegex("order.js:3:[0-9]+: TypeError: x.a is undefined"));
  EXPECT_THAT(thrown("3"), MatchesRegex("order.js:4:[0-9]+: threw \"a text\""));
  EXPECT_THAT(thrown("4"), MatchesRegex("order.js:5:[0-9]+: threw .\"code\":5."));
  EXPECT_THAT(thrown("5"), MatchesRegex("order.js:6:[0-9]+: threw undefined"));
  EXPECT_LE(thrown("6").size(), 500u);
  EXPECT_THAT(thrown("7"), MatchesRegex("order.js:8:[0-9]+: Own: mine"));
  EXPECT_THAT(thrown("8"),
              MatchesRegex("order.js:10:[0-9]+: TypeError: Date: there is no clock here.*"));
  const absl::Status status = Load("\nthrow new Error('at the top');");
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_THAT(std::string(status.message()), MatchesRegex("order.js:2:[0-9]+: Error: at the top"));
}

TEST_F(ScriptModuleTest, RefusesArgumentsThatAreNoJson) {
  ASSERT_TRUE(Load("export const f = (a, b) => [a, b];").ok());
  for (const absl::string_view text : {"", "{", "nul", "01", "'a'", "{\"a\":1,}", "\"\xff\"",
                                       "\"a\nb\"", "1 2", "NaN", "// 1\n2"}) {
    const absl::Status status = Call("f", {"1", text}).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << text << ": " << status;
    EXPECT_THAT(std::string(status.message()), StartsWith("argument 2 is no JSON: "));
  }
}

TEST_F(ScriptModuleTest, RefusesValuesOfOtherModules) {
  ASSERT_TRUE(Load("export const v = {}; export const f = (a) => a;").ok());
  const std::unique_ptr<ScriptModule> other = std::move(module_);
  ASSERT_TRUE(Load("export const f = (a) => a;").ok());
  const auto value = *other->Get("v");
  const ScriptFunction f = *module_->Find("f");
  EXPECT_TRUE(absl::IsInvalidArgument(module_->Call(f, {value.get()}, Plenty()).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(module_->ToJson(*value, Plenty()).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(module_->Call(f + 1, {}, Plenty()).status()));
}

TEST_F(ScriptModuleTest, InterruptsWhatRunsForTooLong) {
  ASSERT_TRUE(Load("export const f = (x) => { while (x) {} return 1; }").ok());
  CallLimits limits = Plenty();
  limits.time_max = absl::Milliseconds(20);
  EXPECT_TRUE(absl::IsDeadlineExceeded(Call("f", {"true"}, limits).status()));
  EXPECT_EQ(Call("f", {"false"}).value(), "1");
}

TEST_F(ScriptModuleTest, EndsWhatTakesTooMuchMemory) {
  ASSERT_TRUE(Load("export const f = () => { const a = []; for (;;) a.push({}); }").ok());
  CallLimits limits = Plenty();
  limits.bytes_max = 16 << 20;
  EXPECT_TRUE(absl::IsResourceExhausted(Call("f", {}, limits).status()));
}

}  // namespace
}  // namespace nexus::script

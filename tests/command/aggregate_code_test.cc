#include "command/aggregate_code.h"

#include "absl/strings/match.h"
#include "command/command_fixture.h"
#include "command/command_view.h"
#include "command/decision.h"
#include "nexus/core/errors.h"

namespace nexus::command {
namespace {

class AggregateCodeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    scripts_ = *script::SpiderMonkeyEngine::Create(clock_);
    context_ = *scripts_->NewContext({});
  }

  absl::StatusOr<std::unique_ptr<AggregateCode>> Load(const std::string& script) {
    return AggregateCode::Load(*context_, AccountDomain(json_, script)->aggregates().front(), {});
  }
  static std::string Context(const CommitId& id) {
    return ContextView({.now = Timestamp{0}, .aggregate_id = "7"}, id);
  }

  SystemClock clock_;
  schema::SimdJsonReader json_;
  std::unique_ptr<script::SpiderMonkeyEngine> scripts_;
  std::unique_ptr<script::ScriptContext> context_;
  const CommitId id_ = *CommitId::Parse("018f0000-0000-7000-8000-0000000000aa");
  const CommitId other_id_ = *CommitId::Parse("018f0000-0000-7000-8000-0000000000ab");
};

constexpr char kMaker[] = R"js(
export const evolve = (state) => state;
export const decide = (state, command, ctx) =>
  ({ type: "Deposited", data: [ctx.newId(), ctx.newId(), ctx.now, ctx.aggregateId] });
)js";

TEST_F(AggregateCodeTest, GivesTheSameForTheSameCommand) {
  auto code = *Load(kMaker);
  const StateValue state = *code->Begin();
  const auto first = code->Decide(*state, "{}", Context(id_));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(*first, *code->Decide(*state, "{}", Context(id_)));
  EXPECT_NE(*first, *code->Decide(*state, "{}", Context(other_id_)));
  auto again = *Load(kMaker);
  EXPECT_EQ(*first, *again->Decide(**again->Begin(), "{}", Context(id_)));
  const auto decision = ReadDecision(*first, again->record().declaration, json_);
  ASSERT_TRUE(decision.ok()) << decision.status();
  const auto ids = json_.ReadArray(decision->events[0].data);
  EXPECT_TRUE(ParseUuid((*ids)[0].text).ok()) << (*ids)[0].text;
  EXPECT_NE((*ids)[0].text, (*ids)[1].text);
  EXPECT_EQ((*ids)[2].text, "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ((*ids)[3].text, "7");
}

// A state that is changed in place would be another one for whoever keeps it.
TEST_F(AggregateCodeTest, HandsOutStatesThatCannotBeChanged) {
  auto code = *Load(R"js(
export const initial = { list: [], seen: {} };
export const evolve = (state, event) => {
  if (event.data === "deep") state.seen.at = 1;
  if (event.data === "list") state.list.push(1);
  return { ...state, made: { here: [] } };
};
export const decide = (state) => { state.made.here.push(2); };
)js");
  const StateValue first = *code->Begin();
  for (const char* events : {R"([{"data":"deep"}])", R"([{"data":"list"}])"}) {
    const auto folded = code->Fold(*first, events, 1);
    EXPECT_EQ(ReasonOf(folded.status()), ErrorReason::kDomainCodeFailed) << events;
    EXPECT_TRUE(absl::StrContains(folded.status().message(), "TypeError")) << folded.status();
  }
  const auto folded = code->Fold(*first, R"([{"data":0}])", 1);
  ASSERT_TRUE(folded.ok()) << folded.status();
  EXPECT_FALSE(code->Decide(**folded, "{}", Context(id_)).ok());
  EXPECT_EQ(*code->StateJson(**folded), R"({"list":[],"seen":{},"made":{"here":[]}})");
}

TEST_F(AggregateCodeTest, RestoresAStateFromItsJson) {
  auto code = *Load(kAccountScript);
  const StateValue first = *code->Begin();
  const auto state = code->Fold(*first, R"([{"type":"Deposited","data":{"amount":3}}])", 1);
  ASSERT_TRUE(state.ok()) << state.status();
  const auto json = code->StateJson(**state);
  EXPECT_EQ(*json, R"({"balance":3,"events":1})");
  const auto restored = code->Restore(*json);
  ASSERT_TRUE(restored.ok()) << restored.status();
  const auto on = code->Fold(**restored, R"([{"type":"Withdrawn","data":{"amount":1}}])", 1);
  EXPECT_EQ(*code->StateJson(**on), R"({"balance":2,"events":2})");
}

TEST_F(AggregateCodeTest, WantsItsFunctions) {
  for (const char* script :
       {"export const evolve = (s) => s;", "export const decide = () => [];",
        "export const evolve = 1; export const decide = () => [];", "syntax error",
        "import { x } from './missing.js'; export const evolve = x; export const decide = x;"}) {
    EXPECT_EQ(ReasonOf(Load(script).status()), ErrorReason::kDomainCodeFailed) << script;
  }
}

TEST_F(AggregateCodeTest, RefusesDecisionsOfNoForm) {
  for (const char* answer :
       {"1", "'text'", "[1]", "{ data: 1 }", "{ type: 5 }", "{ type: 'Deposited', other: 1 }",
        "[ctx.reject('no')]", "Promise.resolve([])", "{ type: 'Deposited', data: () => 1 }",
        "{ type: 'Deposited', data: NaN }", "ctx.reject()", "ctx.reject(5)"}) {
    auto code = Load(absl::StrCat(
        "export const evolve = (s) => s; export const decide = (s, c, ctx) => (", answer, ");"));
    ASSERT_TRUE(code.ok()) << code.status();
    const StateValue state = *(*code)->Begin();
    const auto text = (*code)->Decide(*state, "{}", Context(id_));
    EXPECT_EQ(ReasonOf(text.status()), ErrorReason::kDomainCodeFailed) << answer;
  }
}

TEST_F(AggregateCodeTest, WantsAStateOfEachEvent) {
  auto code = *Load("export const evolve = () => {}; export const decide = () => [];");
  const StateValue state = *code->Begin();
  const auto folded = code->Fold(*state, R"([{"type":"Deposited","data":1}])", 1);
  EXPECT_TRUE(absl::StrContains(folded.status().message(), "evolve returns nothing for Deposited"))
      << folded.status();
}

}  // namespace
}  // namespace nexus::command

// What is found out about policies, compiled by the real `opa`.

#include "policy/opa/plan_reads.h"

#include <string>

#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "policy/compiled_policies.h"
#include "policy/real_opa.h"

namespace nexus::policy {
namespace {

class PlanReadsTest : public testing::Test {
 protected:
  void SetUp() override { RequireOpa(); }

  // Of a policy that denies where `body` holds; what is declared besides comes in `rules`.
  static InputReads Reads(const std::string& body, const std::string& rules = "") {
    Sources sources = DenyIf(body);
    sources["append.rego"] += rules;
    const auto bundle = Compile(sources);
    EXPECT_TRUE(bundle.ok()) << bundle.status();
    const auto found = bundle->reads.find("append");
    return found == bundle->reads.end() ? InputReads{{{"everything"}}, {}} : found->second;
  }
  static InputPaths All(const std::string& body, const std::string& rules = "") {
    return Reads(body, rules).all;
  }
};

TEST_F(PlanReadsTest, NameTheMembersOfEachElement) {
  EXPECT_EQ(All("some event in input.events\nevent.schema.required"),
            (InputPaths{{"events", "*", "schema", "required"}}));
  EXPECT_EQ(All("input.events[_].type == \"a\""), (InputPaths{{"events", "*", "type"}}));
  EXPECT_EQ(All("some key, value in input.metadata\nkey == value"),
            (InputPaths{{"metadata", "*"}}));
}

TEST_F(PlanReadsTest, FollowAValueThroughFunctions) {
  EXPECT_EQ(All("f(input.a)", "f(x) if x.b == 1\nf(x) if g(x.c)\ng(y) if y.d"),
            (InputPaths{{"a", "b"}, {"a", "c", "d"}}));
  EXPECT_EQ(All("f(input.a).b == 1", "f(x) := x.c"), (InputPaths{{"a", "c"}}));
}

TEST_F(PlanReadsTest, AreWholeWhereAValueGoesAnywhere) {
  EXPECT_EQ(All("\"x\" in input.tags"), (InputPaths{{"tags"}}));
  EXPECT_EQ(All("input.a == input.b.c"), (InputPaths{{"a"}, {"b", "c"}}));
  EXPECT_EQ(All("x := [input.a]\nx[0].b == 1"), (InputPaths{{"a"}}));
  EXPECT_EQ(All("walk(input.a, [[\"b\"], 1])"), (InputPaths{{"a"}}));
}

TEST_F(PlanReadsTest, TakeAComputedNameForAnyMember) {
  EXPECT_EQ(All("input.a[input.key].b == 1"), (InputPaths{{"a", "*", "b"}, {"key"}}));
  EXPECT_EQ(All("some i\ninput.a[i].b == input.c[i]"), (InputPaths{{"a", "*", "b"}, {"c", "*"}}));
}

TEST_F(PlanReadsTest, TellTheShapeFromTheContent) {
  EXPECT_EQ(All("count(input.events) > 3"), (InputPaths{{"events", "#"}}));
  EXPECT_EQ(All("not \"data\" in object.keys(input.event)"), (InputPaths{{"event", "#"}}));
  EXPECT_EQ(All("object.get(input.a, \"b\", \"\") == \"\""), (InputPaths{{"a", "b"}}));
  EXPECT_EQ(All("object.get(input.a, [\"b\", \"c\"], \"\") == \"\""), (InputPaths{{"a"}}));
  EXPECT_EQ(All("object.get(input.a, input.b, \"\") == \"\""), (InputPaths{{"a"}, {"b"}}));
}

TEST_F(PlanReadsTest, LeaveOutWhatOnlyMessagesName) {
  const InputReads reads = Reads("input.a\nm := sprintf(\"%s %d\", [input.b.c, input.d])");
  EXPECT_EQ(reads.all, (InputPaths{{"a"}, {"b", "c"}, {"d"}}));
  EXPECT_EQ(reads.unformatted, (InputPaths{{"a"}, {"b", "c", "?"}, {"d", "?"}}));
}

TEST_F(PlanReadsTest, KeepWhatMessagesNameAndRulesCompare) {
  EXPECT_EQ(Reads("input.a == 1\nm := sprintf(\"%s\", [input.a])").unformatted,
            (InputPaths{{"a"}}));
  EXPECT_EQ(Reads("x := input.a\nm := sprintf(\"%s\", [x])\nx == 1").unformatted,
            (InputPaths{{"a"}}));
  EXPECT_EQ(Reads("x := [input.a]\nm := sprintf(\"%s\", x)\n\"v\" in x").unformatted,
            (InputPaths{{"a"}}));
  EXPECT_EQ(Reads("concat(\"\", [input.a]) == \"x\"").unformatted, (InputPaths{{"a"}}));
  EXPECT_EQ(Reads("sprintf(input.format, [1]) == \"1\"").unformatted, (InputPaths{{"format"}}));
}

TEST_F(PlanReadsTest, TakeNamesThatMeanSomethingForTheWhole) {
  EXPECT_EQ(All("input.a[\"*\"].b == 1"), (InputPaths{{"a"}}));
  EXPECT_EQ(All("input.a[\"?\"]"), (InputPaths{{"a"}}));
}

TEST_F(PlanReadsTest, AreWholeWhereAPathIsDeep) {
  EXPECT_EQ(All("input.a.b.c.d.e.f.g.h.i.j == 1"),
            (InputPaths{{"a", "b", "c", "d", "e", "f", "g", "h"}}));
}

TEST_F(PlanReadsTest, AreUnknownWhereTheInputIsReplaced) {
  const InputPaths everything{{"everything"}};
  EXPECT_EQ(All("inner with input as {\"b\": input.a}", "inner if input.b == 1"), everything);
  EXPECT_EQ(All("inner with data.x as input.a", "inner if data.x == 1"), everything);
  EXPECT_EQ(All("json.marshal(input) == \"\""), everything);
}

TEST_F(PlanReadsTest, OfADecisionThatUsesNoWithAreKnownBesideOneThatDoes) {
  const auto bundle = Compile({{"a.rego", R"(package nexus.append
decision := {"allow": input.a, "deny": []})"},
                               {"b.rego", R"(package nexus.register_schema
decision := decided if decided := data.nexus.append.decision with input as {"a": input.b})"}});
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->reads.count("append"), 1);
  EXPECT_EQ(bundle->reads.count("register_schema"), 0);
}

TEST(PlanReads, WantAPlan) {
  for (const char* text : {"", "{", "[]", "{}", R"({"plans":{"plans":1}})"}) {
    EXPECT_EQ(ReasonOf(ReadsOfPlan(text).status()), ErrorReason::kConfigurationInvalid) << text;
  }
}

TEST(PlanReads, AreUnknownWhereAStatementIs) {
  const auto reads = [](const std::string& statement) {
    return ReadsOfPlan(R"({"plans":{"plans":[{"name":"p","blocks":[{"stmts":[)" + statement +
                       "]}]}]}}")
        .value();
  };
  EXPECT_EQ(reads(R"({"type":"NopStmt","stmt":{}})").count("p"), 1);
  EXPECT_EQ(reads(R"({"type":"NewStmt","stmt":{}})").count("p"), 0);
  EXPECT_EQ(reads(R"({"type":"NotStmt","stmt":{"block":{"stmts":[{"type":"NewStmt","stmt":{}}]}}})")
                .count("p"),
            0);
  EXPECT_EQ(reads(R"({})").count("p"), 0);
}

}  // namespace
}  // namespace nexus::policy

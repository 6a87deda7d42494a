#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "schema/json/compat/compare.h"

namespace nexus::schema {
namespace {

const CompatibilityRules kStrict = {CompatibilityMode::kBackward, CompatibilityPolicy::kStrict, {}};

std::string Branches(const char* keyword, int count, int shift) {
  std::string text = absl::StrCat("{\"", keyword, "\":[");
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ",", "{\"minimum\":", i + shift, ",\"multipleOf\":", i + 2,
                    "}");
  }
  return text + "]}";
}

// Schemas that lead on to the next one, `count` times.
std::string Chain(int count, const char* last) {
  std::string text = "{\"$ref\":\"#/$defs/n0\",\"$defs\":{";
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&text, "\"n", i, "\":{\"properties\":{\"x\":{\"$ref\":\"#/$defs/n", i + 1,
                    "\"}}},");
  }
  return absl::StrCat(text, "\"n", count, "\":", last, "}}");
}

TEST(HostileSchemas, ManyAlternativesEndInTime) {
  for (const char* keyword : {"anyOf", "oneOf"}) {
    const CompatibilityVerdict verdict =
        Judge({Branches(keyword, 10'000, 0), Branches(keyword, 10'000, 1)}, kStrict);
    ASSERT_FALSE(verdict.compatible());
    EXPECT_EQ(verdict.findings.back().rule, "UNDECIDED");
  }
}

TEST(HostileSchemas, TheSameAlternativesNeedNoSearch) {
  EXPECT_EQ(RulesOf(Judge({Branches("anyOf", 10'000, 0), Branches("anyOf", 10'000, 0)}, kStrict)),
            "");
}

TEST(HostileSchemas, ALongChainIsUndecidedAndNoStackOverflows) {
  const CompatibilityVerdict verdict = Judge(
      {Chain(8'000, "{\"type\":\"number\"}"), Chain(8'000, "{\"type\":\"integer\"}")}, kStrict);
  ASSERT_FALSE(verdict.compatible());
  EXPECT_EQ(verdict.findings.back().rule, "UNDECIDED");
}

TEST(HostileSchemas, AFewStepsAreTheLimitThatIsSet) {
  SubsetLimits limits;
  limits.steps_max = 3;
  const std::string before = R"({"properties":{"a":{"minimum":1},"b":{"minimum":1}}})";
  const std::string after = R"({"properties":{"a":{"minimum":0},"b":{"minimum":0}}})";
  EXPECT_EQ(RulesOf(Judge({before, after}, kStrict)), "");
  EXPECT_EQ(RulesOf(Judge({before, after}, kStrict, limits)), "UNDECIDED ");
}

TEST(HostileSchemas, RecursionOnBothSidesComesToAnEnd) {
  const std::string list =
      R"({"$defs":{"n":{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/$defs/n"},)"
      R"({"type":"null"}]},"v":{"type":"integer","maximum":9}}}},"$ref":"#/$defs/n"})";
  const std::string wider =
      R"({"$defs":{"n":{"type":"object","properties":{"next":{"anyOf":[{"type":"null"},)"
      R"({"$ref":"#/$defs/n"}]},"v":{"type":"integer"}}}},"$ref":"#/$defs/n"})";
  EXPECT_EQ(RulesOf(Judge({list, wider}, kStrict)), "");
  EXPECT_FALSE(Judge({wider, list}, kStrict).compatible());
}

// "n fits" holds only as long as "m fits" is assumed; once m has failed, it must not be believed.
TEST(HostileSchemas, WhatHeldUnderAnAssumptionIsAskedAgainWithoutIt) {
  const auto with = [](const char* w, const char* a, const char* b) {
    return absl::StrCat(
        R"({"$defs":{"m":{"type":"object","properties":{"n":{"$ref":"#/$defs/n"},"w":{"type":")", w,
        R"("}}},"n":{"type":"object","properties":{"m":{"$ref":"#/$defs/m"}}}},)",
        R"("properties":{"a":)", a, R"(,"b":)", b, "}}");
  };
  const char* m = R"({"$ref":"#/$defs/m"})";
  const std::string before =
      with("number", R"({"$ref":"#/$defs/n"})",
           R"({"allOf":[{"$ref":"#/$defs/m"},{"properties":{"w":{"type":"integer"}}}]})");
  const std::string after =
      with("integer", R"({"anyOf":[{"$ref":"#/$defs/n"},{"type":"object"}]})", m);
  const std::string document = R"({"b":{"w":1,"n":{"m":{"w":0.5}}}})";
  ASSERT_TRUE(Compiled(before)->Validate(document, 1)->empty());
  ASSERT_FALSE(Compiled(after)->Validate(document, 1)->empty());
  EXPECT_EQ(RulesOf(Judge({before, after}, kStrict)), "TYPE_NARROWED /$defs/m/properties/w/type");
}

TEST(HostileSchemas, ADynamicReferenceWithoutEndIsNotTakenForAProof) {
  const std::string loop =
      R"({"anyOf":[{"$ref":"#/$defs/n"}],"$defs":{"n":{"$dynamicAnchor":"n","$dynamicRef":"#n"}}})";
  EXPECT_FALSE(Judge({R"({"type":"integer"})", loop}, kStrict).compatible());
}

// The policy NEXUS over the whole history of a subject.

std::string WithField(const char* schema) {
  return absl::StrCat(R"({"type":"object","properties":{"a":{"type":"string"})",
                      *schema == '\0' ? "" : ",\"b\":", schema, "}}");
}

TEST(NexusRules, AFieldLeavesInTwoSteps) {
  CompatibilityRules rules;
  rules.flags.allow_field_removal = true;
  const std::string required = R"({"type":"object","required":["b"],)"
                               R"("properties":{"a":{"type":"string"},"b":{"type":"integer"}}})";
  EXPECT_EQ(RulesOf(Judge({required, WithField("")}, rules)),
            "REQUIRED_FIELD_REMOVED /properties/b");
  EXPECT_EQ(RulesOf(Judge({required, WithField(R"({"type":"integer"})")}, rules)), "");
  EXPECT_EQ(RulesOf(Judge({required, WithField(R"({"type":"integer"})"), WithField("")}, rules)),
            "");
}

TEST(NexusRules, ANameNeverComesBackWithAnotherType) {
  CompatibilityRules rules;
  rules.flags.allow_field_removal = true;
  rules.flags.allow_type_changes = true;
  const CompatibilityVerdict verdict =
      Judge({WithField(R"({"type":"integer"})"), WithField(""), WithField(""),
             WithField(R"({"type":"string","default":""})")},
            rules);
  EXPECT_EQ(RulesOf(verdict), "FIELD_RETURNED_WITH_OTHER_TYPE /properties/b");
  EXPECT_EQ(verdict.findings[0].version, 1u);
  EXPECT_EQ(RulesOf(Judge({WithField(R"({"type":"integer"})"), WithField(""),
                           WithField(R"({"type":"integer","default":1})")},
                          rules)),
            "");
}

TEST(NexusRules, EachFlagOpensItsRule) {
  const std::string plain = WithField("");
  const std::string with_new = WithField(R"({"type":"integer"})");
  CompatibilityRules rules;
  EXPECT_EQ(RulesOf(Judge({plain, with_new}, rules)), "NEW_FIELD_WITHOUT_DEFAULT /properties/b");
  rules.flags.require_defaults = false;
  EXPECT_EQ(RulesOf(Judge({plain, with_new}, rules)), "");
  rules.flags.allow_new_fields = false;
  EXPECT_EQ(RulesOf(Judge({plain, with_new}, rules)), "NEW_FIELD_NOT_ALLOWED /properties/b");
  EXPECT_EQ(RulesOf(Judge({with_new, plain}, rules)), "FIELD_REMOVED /properties/b");
  rules.flags.allow_field_removal = true;
  EXPECT_EQ(RulesOf(Judge({with_new, plain}, rules)), "");
  const std::string wider = WithField(R"({"type":"number"})");
  EXPECT_EQ(RulesOf(Judge({with_new, wider}, rules)),
            "TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE /properties/b");
  rules.flags.allow_type_changes = true;
  EXPECT_EQ(RulesOf(Judge({with_new, wider}, rules)), "");
}

TEST(Modes, TransitiveLooksAtEveryVersion) {
  const std::vector<std::string> versions = {R"({"maximum":9})", R"({"maximum":5})",
                                             R"({"maximum":7})"};
  CompatibilityRules rules = kStrict;
  EXPECT_EQ(RulesOf(Judge(versions, rules)), "");
  rules.mode = CompatibilityMode::kBackwardTransitive;
  const CompatibilityVerdict verdict = Judge(versions, rules);
  EXPECT_EQ(RulesOf(verdict), "MAXIMUM_DECREASED /maximum");
  EXPECT_EQ(verdict.findings[0].version, 1u);
}

TEST(Modes, FullAsksBothWays) {
  const std::string narrow = R"({"maximum":5})";
  const std::string wide = R"({"maximum":9})";
  const auto judged = [&](CompatibilityMode mode, const std::string& a, const std::string& b) {
    return Judge({a, b}, {mode, CompatibilityPolicy::kStrict, {}}).compatible();
  };
  EXPECT_TRUE(judged(CompatibilityMode::kBackward, narrow, wide));
  EXPECT_FALSE(judged(CompatibilityMode::kForward, narrow, wide));
  EXPECT_FALSE(judged(CompatibilityMode::kFull, narrow, wide));
  EXPECT_TRUE(judged(CompatibilityMode::kForward, wide, narrow));
  EXPECT_FALSE(judged(CompatibilityMode::kFull, wide, narrow));
  EXPECT_TRUE(judged(CompatibilityMode::kFullTransitive, wide, wide));
  EXPECT_TRUE(judged(CompatibilityMode::kNone, "true", "false"));
}

}  // namespace
}  // namespace nexus::schema

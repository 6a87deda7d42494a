// What modes, flags and earlier versions make of a change.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/protobuf/compat/compare.h"

namespace nexus::schema {
namespace {

using Mode = CompatibilityMode;
using Policy = CompatibilityPolicy;

CompatibilityRules Nexus(Mode mode = Mode::kBackward) { return {mode, Policy::kNexus, {}}; }
CompatibilityRules NexusThatLetsGo() {
  CompatibilityRules rules = Nexus();
  rules.flags.allow_field_removal = true;
  return rules;
}

TEST(Flags, NewFieldsCanBeForbidden) {
  CompatibilityRules rules = Nexus();
  rules.flags.allow_new_fields = false;
  EXPECT_EQ(RulesOf(Judge({"3 message M { int32 a = 1; }", "3 message M { int32 a = 1; M m = 2; }"},
                          rules)),
            "NEW_FIELD_NOT_ALLOWED /M/#2");
}

TEST(Flags, ANewRequiredFieldIsRefusedWithoutTheFlagToo) {
  CompatibilityRules rules = Nexus();
  rules.flags.require_defaults = false;
  const std::vector<std::string> versions = {"2 message M { optional int32 a = 1; }",
                                             "2 message M { required int32 b = 2; optional int32 a "
                                             "= 1; }"};
  EXPECT_EQ(RulesOf(Judge(versions, rules)), "REQUIRED_FIELD_ADDED /M/#2");
  EXPECT_EQ(RulesOf(Judge(versions, Nexus(Mode::kForward))), "NEW_FIELD_WITHOUT_DEFAULT /M/#2");
}

TEST(Flags, AFieldThatMayGoMustBeReserved) {
  const std::string before = "3 message M { int32 a = 1; string b = 2; }";
  const auto judged = [&](const std::string& after) {
    return RulesOf(Judge({before, after}, NexusThatLetsGo()));
  };
  EXPECT_EQ(judged("3 message M { int32 a = 1; }"),
            "FIELD_NUMBER_NOT_RESERVED /M/#2, FIELD_NAME_NOT_RESERVED /M/#2");
  EXPECT_EQ(judged("3 message M { int32 a = 1; reserved 2; }"), "FIELD_NAME_NOT_RESERVED /M/#2");
  EXPECT_EQ(judged("3 message M { int32 a = 1; reserved \"b\"; }"),
            "FIELD_NUMBER_NOT_RESERVED /M/#2");
  EXPECT_EQ(judged("3 message M { int32 a = 1; reserved 2 to max; reserved \"b\"; }"), "");
}

TEST(Flags, ARequiredFieldGoesInTwoSteps) {
  const std::string required = "2 message M { required int32 a = 1; }";
  const std::string optional = "2 message M { optional int32 a = 1; }";
  const std::string gone = "2 message M { reserved 1; reserved \"a\"; }";
  EXPECT_EQ(RulesOf(Judge({required, gone}, NexusThatLetsGo())), "REQUIRED_FIELD_REMOVED /M/#1");
  EXPECT_EQ(RulesOf(Judge({required, optional}, NexusThatLetsGo())), "");
  EXPECT_EQ(RulesOf(Judge({required, optional, gone}, NexusThatLetsGo())), "");
}

TEST(Flags, ATypeMayChangeWithinItsGroup) {
  CompatibilityRules rules = Nexus();
  rules.flags.allow_type_changes = true;
  EXPECT_EQ(RulesOf(Judge({"3 message M { int32 a = 1; }", "3 message M { int64 a = 1; }"}, rules)),
            "");
  EXPECT_EQ(
      RulesOf(Judge({"3 message M { int32 a = 1; }", "3 message M { string a = 1; }"}, rules)),
      "FIELD_SCALAR_KIND_CHANGED /M/#1");
}

TEST(EarlierVersions, HoldWhatTheyHad) {
  const std::string first = "3 message M { int32 a = 1; string b = 2; }";
  const std::string second = "3 message M { int32 a = 1; reserved 2; reserved \"b\"; }";
  const auto judged = [&](const std::string& third) {
    return RulesOf(Judge({first, second, third}, NexusThatLetsGo()));
  };
  EXPECT_EQ(judged("3 message M { int32 a = 1; string b = 2; }"), "");
  EXPECT_EQ(judged("3 message M { int32 a = 1; bytes b = 2; }"),
            "FIELD_RETURNED_WITH_OTHER_TYPE /M/#2");
  EXPECT_EQ(judged("3 message M { int32 a = 1; string c = 2; }"),
            "FIELD_RETURNED_WITH_OTHER_NAME /M/#2");
  EXPECT_EQ(judged("3 message M { int32 a = 1; string b = 3; reserved 2; }"),
            "FIELD_RETURNED_WITH_OTHER_NUMBER /M/#3");
  EXPECT_EQ(judged("3 message M { int32 a = 1; int32 b = 3; reserved 2; }"),
            "FIELD_RETURNED_WITH_OTHER_TYPE /M/#3");
  EXPECT_EQ(Judge({first, second, "3 message M { int32 a = 1; bytes b = 2; }"}, NexusThatLetsGo())
                .findings[0]
                .version,
            1u);
}

TEST(EarlierVersions, HoldTheirEnumValues) {
  EXPECT_EQ(RulesOf(Judge({"3 message M { } enum E { Z = 0; A = 1; }",
                           "3 message M { } enum E { Z = 0; reserved 1; reserved \"A\"; }",
                           "3 message M { } enum E { Z = 0; B = 1; reserved \"A\"; }"},
                          Nexus())),
            "ENUM_VALUE_RETURNED_WITH_OTHER_NAME /E/#1");
}

TEST(Modes, TransitiveOnesAskEveryVersion) {
  const std::vector<std::string> versions = {"3 message M { string a = 1; }", "3 message M { }",
                                             "3 message M { int32 a = 1; }"};
  EXPECT_EQ(RulesOf(Judge(versions, {Mode::kBackward, Policy::kStrict, {}})), "");
  const CompatibilityVerdict verdict =
      Judge(versions, {Mode::kBackwardTransitive, Policy::kStrict, {}});
  EXPECT_EQ(RulesOf(verdict), "FIELD_SCALAR_KIND_CHANGED /M/#1");
  EXPECT_EQ(verdict.findings[0].version, 1u);
}

TEST(Modes, NoneAsksNothing) {
  EXPECT_EQ(RulesOf(Judge({"3 message M { string a = 1; }", "3 message M { int32 a = 1; }"},
                          {Mode::kNone, Policy::kNexus, {}})),
            "");
}

TEST(Modes, ForwardRefusesANewMessageAsConfluentDoesButNotUnderNexus) {
  const std::vector<std::string> versions = {"3 message M { }",
                                             "3 message M { N n = 1; } message N { }"};
  EXPECT_EQ(RulesOf(Judge(versions, {Mode::kForward, Policy::kStrict, {}})), "MESSAGE_REMOVED /N");
  EXPECT_EQ(RulesOf(Judge(versions, Nexus(Mode::kFull))), "");
}

TEST(Modes, ForwardAsksWhoeverReadsWithTheEarlierVersion) {
  const std::vector<std::string> versions = {"3 message M { string a = 1; }",
                                             "3 message M { bytes a = 1; }"};
  EXPECT_EQ(RulesOf(Judge(versions, {Mode::kBackward, Policy::kStrict, {}})), "");
  const CompatibilityVerdict verdict = Judge(versions, {Mode::kForward, Policy::kStrict, {}});
  ASSERT_EQ(RulesOf(verdict), "FIELD_SCALAR_KIND_CHANGED /M/#1");
  EXPECT_EQ(verdict.findings[0].old_value, "string");
  EXPECT_EQ(verdict.findings[0].new_value, "bytes");
  EXPECT_TRUE(verdict.findings[0].forward);
}

TEST(Modes, ForwardLetsOnlyAnOpenEnumGrow) {
  const std::vector<std::string> closed = {"2 message M { } enum E { A = 1; }",
                                           "2 message M { } enum E { A = 1; B = 2; }"};
  const std::vector<std::string> open = {"3 message M { } enum E { Z = 0; }",
                                         "3 message M { } enum E { Z = 0; B = 2; }"};
  EXPECT_EQ(RulesOf(Judge(closed, Nexus())), "");
  EXPECT_EQ(RulesOf(Judge(closed, Nexus(Mode::kForward))), "ENUM_VALUE_ADDED /E/#2");
  EXPECT_EQ(RulesOf(Judge(open, Nexus(Mode::kFull))), "");
}

TEST(Paths, NameNestedAndImportedTypes) {
  EXPECT_EQ(RulesOf(Judge({"3 message M { message N { int32 a = 4; } }",
                           "3 message M { message N { bool a = 4; } }"},
                          Nexus())),
            "TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE /M.N/#4");
  EXPECT_EQ(RulesOf(Judge({"3 message M { int32 a = 1; int32 b = 2; }",
                           "3 message M { oneof pay { int32 a = 1; int32 b = 2; } }"},
                          {Mode::kBackward, Policy::kStrict, {}})),
            "MULTIPLE_FIELDS_MOVED_TO_ONEOF /M/pay");
}

TEST(Imports, AreFollowed) {
  const std::vector<SchemaReference> before = {
      {"money.proto", "syntax = \"proto3\"; package q; message Money { int64 cents = 1; }"}};
  const std::vector<SchemaReference> after = {
      {"money.proto", "syntax = \"proto3\"; package q; message Money { string cents = 1; }"}};
  const std::string text =
      "syntax = \"proto3\"; package p; import \"money.proto\"; message M { q.Money total = 1; }";
  const auto old_schema = Compiled(SchemaSource(text, before));
  const auto new_schema = Compiled(SchemaSource(text, after));
  ASSERT_NE(old_schema, nullptr);
  const std::vector<EarlierSchema> earlier = {{1, old_schema.get()}};
  EXPECT_EQ(RulesOf(*ProtobufComparer().Compare(earlier, *new_schema, Nexus())),
            "TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE /.q.Money/#1");
  EXPECT_EQ(RulesOf(*ProtobufComparer().Compare(earlier, *old_schema, Nexus())), "");
}

TEST(Bounds, FindingsAreCountedOut) {
  std::string before = "3 message M {";
  std::string after = before;
  for (int i = 1; i <= 5'000; ++i) {
    absl::StrAppend(&before, "int32 f", i, "=", i, ";");
    absl::StrAppend(&after, "string f", i, "=", i, ";");
  }
  EXPECT_EQ(Judge({before + "}", after + "}"}, Nexus()).findings.size(), 200u);
}

TEST(Bounds, ARingOfMessagesIsWalkedOnce) {
  std::string text = "3 ";
  for (int i = 0; i < 5'000; ++i) {
    absl::StrAppend(&text, "message M", i, "{M", (i + 1) % 5'000, " a=1;}");
  }
  EXPECT_EQ(RulesOf(Judge({text, text}, Nexus(Mode::kFullTransitive))), "");
}

TEST(Comparing, SchemasOfAnotherFormatIsAnInternalError) {
  class OtherSchema : public CompiledSchema {
    absl::StatusOr<std::vector<Violation>> Validate(absl::string_view, size_t) const override {
      return std::vector<Violation>();
    }
  };
  const OtherSchema other;
  const std::vector<EarlierSchema> earlier = {{1, &other}};
  const auto schema = Compiled("syntax = \"proto3\"; message M { }");
  EXPECT_EQ(ReasonOf(ProtobufComparer().Compare(earlier, *schema, Nexus()).status()),
            ErrorReason::kInternal);
}

}  // namespace
}  // namespace nexus::schema

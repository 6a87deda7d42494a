// Modes, flags, places and bounds: what one pair of schemas in changes.txt cannot show.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/avro/compat/compare.h"
#include "schema/changes.h"
#include "schema/json/json_schema_validator.h"

namespace nexus::schema {
namespace {

using Mode = CompatibilityMode;
using Policy = CompatibilityPolicy;

std::string Record(const std::string& fields, const std::string& name = "R") {
  return absl::StrCat(R"({"type":"record","name":")", name, R"(","fields":[)", fields, "]}");
}
const char kA[] = R"({"name":"a","type":"int"})";
const char kB[] = R"({"name":"b","type":"int","default":0})";
const char kBText[] = R"({"name":"b","type":"string","default":""})";

std::string Judged(const std::vector<std::string>& versions, Mode mode, Policy policy,
                   const CompatibilityFlags& flags = {}) {
  return RulesAndPathsOf(JudgeAvro(versions, {mode, policy, flags}));
}

TEST(AvroComparer, PointsToTheFieldInTheNewSchema) {
  EXPECT_EQ(Judged({Record(kA), Record(absl::StrCat(kA, R"(,{"name":"b","type":"int"})"))},
                   Mode::kBackward, Policy::kStrict),
            "READER_FIELD_MISSING_DEFAULT_VALUE /fields/1");
}

TEST(AvroComparer, PointsToTheUseOfATypeThatIsDefinedElsewhere) {
  const std::string fixed = R"({"type":"fixed","name":"F","size":2})";
  const std::string before =
      Record(absl::StrCat(R"({"name":"a","type":)", fixed, R"(},{"name":"b","type":"int"})"));
  const std::string after =
      Record(absl::StrCat(R"({"name":"a","type":)", fixed, R"(},{"name":"b","type":"F"})"));
  EXPECT_EQ(Judged({before, after}, Mode::kBackward, Policy::kStrict),
            "TYPE_MISMATCH /fields/1/type");
}

TEST(AvroComparer, PointsIntoTheEarlierSchemaForWhatWasRemoved) {
  const std::string before = Record(absl::StrCat(R"({"name":"z","type":"int"},)", kA));
  EXPECT_EQ(Judged({before, Record(kA)}, Mode::kBackward, Policy::kNexus),
            "FIELD_REMOVED /fields/0");
  EXPECT_EQ(Judged({before, Record(kA)}, Mode::kForward, Policy::kStrict),
            "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0");
}

TEST(AvroComparer, PointsBehindTheNameOfAReference) {
  const std::vector<SchemaReference> before = {
      {"x.M", R"({"type":"record","name":"x.M","fields":[]})"}};
  const std::vector<SchemaReference> after = {
      {"x.M", R"({"type":"record","name":"x.M","fields":[{"name":"n","type":"int"}]})"}};
  const std::string text = Record(R"({"name":"m","type":"x.M"})");
  const auto earlier = CompiledAvro(SchemaSource(text, before));
  const auto candidate = CompiledAvro(SchemaSource(text, after));
  ASSERT_NE(earlier, nullptr);
  ASSERT_NE(candidate, nullptr);
  const auto verdict = AvroComparer().Compare({{1, earlier.get()}}, *candidate,
                                              {Mode::kBackward, Policy::kStrict, {}});
  ASSERT_TRUE(verdict.ok());
  EXPECT_EQ(RulesAndPathsOf(*verdict), "READER_FIELD_MISSING_DEFAULT_VALUE x.M#/fields/0");
}

TEST(AvroComparer, SaysTheOldAndTheNewAlsoForward) {
  const auto verdict = JudgeAvro({R"("int")", R"("long")"}, {Mode::kForward, Policy::kStrict, {}});
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_EQ(verdict.findings[0].old_value, "int");
  EXPECT_EQ(verdict.findings[0].new_value, "long");
  EXPECT_TRUE(verdict.findings[0].forward);
}

TEST(AvroComparer, AsksBothWaysForFull) {
  EXPECT_EQ(Judged({R"("int")", R"("long")"}, Mode::kFull, Policy::kStrict), "TYPE_MISMATCH ");
  EXPECT_EQ(Judged({R"("long")", R"("int")"}, Mode::kFull, Policy::kStrict), "TYPE_MISMATCH ");
  EXPECT_EQ(Judged({R"("long")", R"("long")"}, Mode::kFull, Policy::kStrict), "");
}

TEST(AvroComparer, AsksTheLatestVersionUnlessTransitive) {
  const std::vector<std::string> versions = {Record(R"({"name":"a","type":"string"})"), Record(""),
                                             Record(R"({"name":"a","type":"int","default":1})")};
  EXPECT_EQ(Judged(versions, Mode::kBackward, Policy::kStrict), "");
  EXPECT_EQ(Judged(versions, Mode::kBackwardTransitive, Policy::kStrict),
            "TYPE_MISMATCH /fields/0/type");
  EXPECT_EQ(
      JudgeAvro(versions, {Mode::kBackwardTransitive, Policy::kStrict, {}}).findings[0].version,
      1u);
}

TEST(AvroComparer, JudgesNothingWithTheModeNone) {
  EXPECT_EQ(Judged({R"("int")", R"("string")"}, Mode::kNone, Policy::kNexus), "");
}

TEST(AvroComparer, AFieldMayNotComeBackWithAnotherType) {
  CompatibilityFlags flags;
  flags.allow_field_removal = true;
  const std::string both = Record(absl::StrCat(kA, ",", kB));
  const std::string other = Record(absl::StrCat(kA, ",", kBText));
  EXPECT_EQ(Judged({both, Record(kA), other}, Mode::kBackward, Policy::kNexus, flags),
            "FIELD_RETURNED_WITH_OTHER_TYPE /fields/1");
  EXPECT_EQ(Judged({both, Record(kA), both}, Mode::kBackward, Policy::kNexus, flags), "");
  EXPECT_EQ(Judged({both, Record(kA), Record(kA), other}, Mode::kBackward, Policy::kNexus, flags),
            "FIELD_RETURNED_WITH_OTHER_TYPE /fields/1");
}

TEST(AvroComparer, ComparesTheWholeTypeOfAFieldThatComesBack) {
  CompatibilityFlags flags;
  flags.allow_field_removal = true;
  const auto with = [](const std::string& type) {
    return Record(absl::StrCat(kA, R"(,{"name":"b","default":[],"type":{"type":"array","items":)",
                               type, "}}"));
  };
  const auto judged = [&](const std::string& before, const std::string& after) {
    return Judged({with(before), Record(kA), with(after)}, Mode::kBackward, Policy::kNexus, flags);
  };
  EXPECT_EQ(judged("\"int\"", "\"long\""), "FIELD_RETURNED_WITH_OTHER_TYPE /fields/1");
  EXPECT_EQ(judged("\"int\"", R"(["null","int"])"), "FIELD_RETURNED_WITH_OTHER_TYPE /fields/1");
  EXPECT_EQ(judged(R"(["int","null"])", R"(["null","int"])"), "");
}

TEST(AvroComparer, AFieldIsRemovedInTwoSteps) {
  CompatibilityFlags flags;
  flags.allow_field_removal = true;
  EXPECT_EQ(Judged({Record(absl::StrCat(kA, ",", kB)), Record(kA)}, Mode::kBackward, Policy::kNexus,
                   flags),
            "");
  EXPECT_EQ(Judged({Record(absl::StrCat(kB, ",", kA)), Record(kB)}, Mode::kBackward, Policy::kNexus,
                   flags),
            "REQUIRED_FIELD_REMOVED /fields/1");
}

TEST(AvroComparer, NewFieldsCanBeForbidden) {
  CompatibilityFlags flags;
  flags.allow_new_fields = false;
  EXPECT_EQ(Judged({Record(kA), Record(absl::StrCat(kA, ",", kB))}, Mode::kBackward, Policy::kNexus,
                   flags),
            "NEW_FIELD_NOT_ALLOWED /fields/1");
}

TEST(AvroComparer, WithoutDefaultsTheResolutionStillAsksForThem) {
  CompatibilityFlags flags;
  flags.require_defaults = false;
  const std::string after = Record(absl::StrCat(kA, R"(,{"name":"c","type":"int"})"));
  EXPECT_EQ(Judged({Record(kA), after}, Mode::kBackward, Policy::kNexus, flags),
            "READER_FIELD_MISSING_DEFAULT_VALUE /fields/1");
  EXPECT_EQ(Judged({Record(kA), after}, Mode::kForward, Policy::kNexus, flags), "");
}

TEST(AvroComparer, TypeChangesCanBeAllowedAndAreThenLookedInto) {
  CompatibilityFlags flags;
  flags.allow_type_changes = true;
  const auto field = [](const std::string& type) {
    return Record(absl::StrCat(R"({"name":"a","type":)", type, "}"));
  };
  EXPECT_EQ(Judged({field(R"("int")"), field(R"("long")")}, Mode::kBackward, Policy::kNexus, flags),
            "");
  EXPECT_EQ(Judged({field(R"("long")"), field(R"("int")")}, Mode::kBackward, Policy::kNexus, flags),
            "TYPE_MISMATCH /fields/0/type");
  const std::string one = Record(kA, "I");
  const std::string two = Record(R"({"name":"c","type":"int","default":1})", "I");
  EXPECT_EQ(Judged({field(one), field(absl::StrCat(R"(["null",)", two, "]"))}, Mode::kBackward,
                   Policy::kNexus, flags),
            "FIELD_REMOVED /fields/0/type/fields/0");
}

TEST(AvroComparer, AnOlderVersionWithTheSameTroubleAddsNothing) {
  EXPECT_EQ(Judged({R"("string")", R"("string")", R"("int")"}, Mode::kBackwardTransitive,
                   Policy::kStrict),
            "TYPE_MISMATCH ");
}

TEST(AvroComparer, RefusesSchemasOfAnotherFormat) {
  const auto json = JsonSchemaValidator().Compile(std::string("{}"));
  const auto avro = CompiledAvro(std::string(R"("int")"));
  const auto verdict = AvroComparer().Compare({{1, json->get()}}, *avro, {});
  EXPECT_EQ(ReasonOf(verdict.status()), ErrorReason::kInternal);
}

// A pair of types that is readable only as long as another one is, which is not: assumed readable
// at first, it has to be taken back.
TEST(AvroComparer, TakesBackWhatRecursionAssumed) {
  const auto pair = [](const std::string& leaf) {
    return absl::StrCat(
        R"({"type":"record","name":"A","fields":[{"name":"b","type":["null",{"type":"record",)",
        R"("name":"B","fields":[{"name":"a","type":["null","A"]},{"name":"c","type":["null",)",
        R"({"type":"record","name":"C","fields":[{"name":"b","type":["null","B"]}]}]}]}]},)",
        R"({"name":"leaf","type":")", leaf, "\"}]}");
  };
  const auto verdict =
      JudgeAvro({pair("string"), pair("int")}, {Mode::kBackward, Policy::kStrict, {}});
  EXPECT_FALSE(verdict.compatible());
  EXPECT_EQ(verdict.findings.size(), 5u) << RulesAndPathsOf(verdict);
}

// Each of n records has a union of all of them: n * n pairs.
std::string Clique(int n, const std::string& prefix) {
  std::string names;
  for (int i = 0; i < n; ++i) absl::StrAppend(&names, ",\"", prefix, i, "\"");
  std::string text = "[";
  for (int i = 0; i < n; ++i) {
    std::string known;
    for (int j = 0; j <= i; ++j) absl::StrAppend(&known, ",\"", prefix, j, "\"");
    absl::StrAppend(&text, i == 0 ? "" : ",", R"({"type":"record","name":")", prefix, i,
                    R"(","fields":[{"name":"f","type":["null")", known, "]}]}");
  }
  return text + "]";
}

TEST(AvroComparer, SaysUndecidedWhereTheWorkWouldBeTooMuch) {
  ResolutionLimits limits;
  limits.pairs_max = 1000;
  const auto verdict =
      JudgeAvro({Clique(60, "a"), Clique(60, "b")}, {Mode::kBackward, Policy::kStrict, {}}, limits);
  EXPECT_EQ(RuleNamesOf(verdict), "UNDECIDED");
  EXPECT_FALSE(verdict.findings[0].message.empty());
  EXPECT_FALSE(verdict.findings[0].fix.empty());
}

TEST(AvroComparer, SaysUndecidedOnceForThePolicyNexus) {
  ResolutionLimits limits;
  limits.pairs_max = 2;
  const std::string list = R"({"type":"array","items":{"type":"map","values":["null","int"]}})";
  const auto verdict = JudgeAvro({list, list}, {Mode::kBackward, Policy::kNexus, {}}, limits);
  EXPECT_EQ(RuleNamesOf(verdict), "UNDECIDED");
}

TEST(AvroComparer, ListsNoMoreFindingsThanPeopleRead) {
  const auto verdict =
      JudgeAvro({Clique(120, "a"), Clique(120, "b")}, {Mode::kFullTransitive, Policy::kNexus, {}});
  EXPECT_FALSE(verdict.compatible());
  EXPECT_LE(verdict.findings.size(), 200u);
}

}  // namespace
}  // namespace nexus::schema

// nexusctl schema diff: what changed, and whom it breaks.

#include "cli/schema_diff.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/cli_fixture.h"
#include "cli/local_schema.h"
#include "gmock/gmock.h"

namespace nexus::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

CompatibilityRules ByPolicy(CompatibilityPolicy policy) {
  CompatibilityRules rules;
  rules.policy = policy;
  return rules;
}

SchemaDiff DiffOf(SchemaFormat format, const std::string& before, const std::string& after,
                  const CompatibilityRules& rules = {}) {
  const LocalLanguage language = LanguageOf(format);
  const auto from = CompileNamed(language, "before", before, {});
  const auto to = CompileNamed(language, "after", after, {});
  EXPECT_TRUE(from.ok() && to.ok()) << from.status() << to.status();
  auto diff = DiffSchemas(*language.comparer, **from, **to, rules);
  EXPECT_TRUE(diff.ok()) << diff.status();
  return *std::move(diff);
}

// "+/path b? f?": a change; b or f where it breaks, in upper case where only STRICT says so.
std::vector<std::string> ChangesOf(const SchemaDiff& diff) {
  std::vector<std::string> texts;
  for (const SchemaChange& change : diff.changes) {
    const char* kind = change.kind == ChangeKind::kAdded     ? "+"
                       : change.kind == ChangeKind::kRemoved ? "-"
                                                             : "~";
    std::string text = absl::StrCat(kind, change.path, " ");
    if (change.breaks_backward) {
      text += 'b';
    } else if (change.breaks_backward_strictly) {
      text += 'B';
    }
    if (change.breaks_forward) {
      text += 'f';
    } else if (change.breaks_forward_strictly) {
      text += 'F';
    }
    texts.push_back(text);
  }
  return texts;
}

std::vector<std::string> JsonChanges(const std::string& before, const std::string& after,
                                     const CompatibilityRules& rules = {}) {
  return ChangesOf(DiffOf(SchemaFormat::kJsonSchema, before, after, rules));
}

TEST(SchemaDiffTest, TheSameSchemaHasNoChange) {
  const SchemaDiff diff = DiffOf(SchemaFormat::kJsonSchema, R"({"maximum":5})", R"({"maximum":5})");
  EXPECT_THAT(diff.changes, IsEmpty());
  EXPECT_FALSE(diff.breaks_backward());
  EXPECT_FALSE(diff.breaks_forward());
  EXPECT_THAT(JsonChanges(R"({"title":"a"})", R"({"title":"b"})"), IsEmpty());
}

TEST(SchemaDiffTest, ANarrowingBreaksBackwardAndAWideningForward) {
  EXPECT_THAT(JsonChanges(R"({"maximum":9})", R"({"maximum":5})"), ElementsAre("~/maximum b"));
  EXPECT_THAT(JsonChanges(R"({"maximum":5})", R"({"maximum":9})"), ElementsAre("~/maximum f"));
  EXPECT_THAT(JsonChanges(R"({"enum":["a"]})", R"({"enum":["a","b"]})"), ElementsAre("+/enum f"));
  const SchemaDiff diff = DiffOf(SchemaFormat::kJsonSchema, R"({"maximum":5})", R"({"maximum":9})");
  EXPECT_EQ(diff.changes[0].old_value, "5");
  EXPECT_EQ(diff.changes[0].new_value, "9");
  EXPECT_FALSE(diff.breaks_backward());
  EXPECT_TRUE(diff.breaks_forward());
}

TEST(SchemaDiffTest, EveryChangeIsListedAtItsPlace) {
  EXPECT_THAT(JsonChanges(R"({"properties":{"a":{"minimum":1},"b":{"maxLength":3},"c":true}})",
                          R"({"properties":{"a":{"minimum":2},"b":{"maxLength":9},"c":true}})"),
              ElementsAre("~/properties/a/minimum b", "~/properties/b/maxLength f"));
}

TEST(SchemaDiffTest, AFieldThatComesOrGoesIsOneChange) {
  constexpr char kBare[] = R"({"type":"object"})";
  constexpr char kWithDefault[] =
      R"({"type":"object","properties":{"n":{"type":"string","default":"x"}}})";
  EXPECT_THAT(JsonChanges(kBare, kWithDefault), ElementsAre("+/properties/n B"));
  // The policy NEXUS refuses a removal whatever the mode.
  EXPECT_THAT(JsonChanges(kWithDefault, kBare), ElementsAre("-/properties/n bf"));
  CompatibilityRules lax;
  lax.flags.allow_field_removal = true;
  EXPECT_THAT(JsonChanges(kWithDefault, kBare, lax), ElementsAre("-/properties/n F"));
  EXPECT_THAT(JsonChanges(kWithDefault, kBare, ByPolicy(CompatibilityPolicy::kStrict)),
              ElementsAre("-/properties/n f"));
  EXPECT_THAT(JsonChanges(kWithDefault, kBare, ByPolicy(CompatibilityPolicy::kLenient)),
              ElementsAre("-/properties/n F"));
}

TEST(SchemaDiffTest, AnotherClassOfDataIsAChangeThatBreaksNothing) {
  const SchemaDiff diff = DiffOf(
      SchemaFormat::kJsonSchema,
      R"({"properties":{"a":{"x-nexus-class":"pii.name"},"b":{},"c":{"x-nexus-class":"secret"}}})",
      R"({"properties":{"a":{"x-nexus-class":"pii.email"},"b":{"x-nexus-subject-key":true},
                        "c":{}}})");
  EXPECT_THAT(ChangesOf(diff), ElementsAre("~/a ", "+/b ", "-/c "));
  EXPECT_EQ(diff.changes[0].old_value, "data class pii.name");
  EXPECT_EQ(diff.changes[0].new_value, "data class pii.email");
  EXPECT_EQ(diff.changes[1].new_value, "data class subject key");
  EXPECT_FALSE(diff.breaks_backward() || diff.breaks_forward());
}

TEST(SchemaDiffTest, ATypeThatChangesIsOneChange) {
  EXPECT_THAT(JsonChanges(R"({"properties":{"t":{"type":"string"}}})",
                          R"({"properties":{"t":{"type":"integer"}}})"),
              ElementsAre("~/properties/t bf"));
}

TEST(SchemaDiffTest, ThePolicyDecidesWhatBreaks) {
  constexpr char kNarrow[] = R"({"properties":{"t":{"type":"integer"}}})";
  constexpr char kWide[] = R"({"properties":{"t":{"type":"number"}}})";
  const auto with = [&](CompatibilityPolicy policy) {
    return absl::StrJoin(JsonChanges(kNarrow, kWide, ByPolicy(policy)), "; ");
  };
  EXPECT_EQ(with(CompatibilityPolicy::kNexus), "~/properties/t bf");
  EXPECT_EQ(with(CompatibilityPolicy::kStrict), "~/properties/t f");
}

TEST(SchemaDiffTest, AvroFieldsOfOneNumberStayApart) {
  const auto record = [](const std::string& fields) {
    return absl::StrCat(R"({"type":"record","name":"R","fields":[)", fields, "]}");
  };
  constexpr char kGone[] = R"({"name":"gone","type":"string","default":""})";
  constexpr char kFresh[] = R"({"name":"fresh","type":"int"})";
  EXPECT_THAT(ChangesOf(DiffOf(SchemaFormat::kAvro, record(kGone), record(kFresh))),
              ::testing::UnorderedElementsAre("+/fields/0 bf", "-/fields/0 bf"));
  // Read either way, and still a change.
  constexpr char kFilled[] = R"({"name":"fresh","type":"int","default":1})";
  EXPECT_THAT(ChangesOf(DiffOf(SchemaFormat::kAvro, record(""), record(kFilled))),
              ElementsAre("+/fields/0 "));
}

TEST(SchemaDiffTest, ProtobufFieldsComeAndGoByNumber) {
  const auto file = [](const std::string& fields) {
    return absl::StrCat("syntax = \"proto3\"; message M { ", fields, " }");
  };
  EXPECT_THAT(ChangesOf(DiffOf(SchemaFormat::kProtobuf, file("string a = 1; int32 n = 2;"),
                               file("string a = 1; string n = 2; string b = 3;"))),
              ElementsAre("~/M/#2 bf", "+/M/#3 "));
}

class DiffCommandTest : public CliFixture {
 protected:
  const std::string wide_ = WriteFile("wide.json", R"({"maximum":9})");
  const std::string narrow_ = WriteFile("narrow.json", R"({"maximum":5})");
};

TEST_F(DiffCommandTest, FilesNeedNoServer) {
  environment_["NEXUS_SERVER"] = "127.0.0.1:1";
  const Outcome json = Run({"schema", "diff", wide_, narrow_, "-o", "json"});
  EXPECT_EQ(json.code, 0) << json.err;
  EXPECT_THAT(json.out, AllOf(HasSubstr(R"("policy":"NEXUS","backward":"breaking")"),
                              HasSubstr(R"("forward":"compatible","changes":[{"change":"changed")"),
                              HasSubstr(R"("path":"/maximum","old":"9","new":"5")"),
                              HasSubstr(R"("strict_backward":"breaking")"),
                              HasSubstr(R"("rule":"MAXIMUM_DECREASED")")));
  const Outcome text = Run({"schema", "diff", narrow_, wide_, "-o", "table"});
  EXPECT_THAT(text.out, HasSubstr("changed \"/maximum\"  old: 5  new: 9\n"
                                  "  backward: compatible  forward: breaking\n"));
  EXPECT_THAT(Run({"schema", "diff", wide_, "-", "-o", "json"}, "{}").out,
              HasSubstr(R"("to":"-")"));
}

TEST_F(DiffCommandTest, VersionsOfASubjectAreCompared) {
  for (const char* schema : {R"({"maximum":9})", R"({"maximum":5})", R"({"maximum":7})"}) {
    const Outcome registered = Run({"schema", "register", "placed", "-"}, schema);
    ASSERT_EQ(registered.code, 0) << registered.err;
  }
  const auto diff = [&](std::vector<std::string> rest) {
    std::vector<std::string> line = {"schema", "diff", "placed", "-o", "json"};
    line.insert(line.end(), rest.begin(), rest.end());
    return Run(line);
  };
  EXPECT_THAT(diff({"--from", "1", "--to", "2"}).out,
              AllOf(HasSubstr(R"("from":"placed version 1","to":"placed version 2")"),
                    HasSubstr(R"("old":"9","new":"5")")));
  EXPECT_THAT(diff({"--from", "3", "--to", "1"}).out, HasSubstr(R"("old":"7","new":"9")"));
  // The last step, and the step to a version.
  EXPECT_THAT(diff({}).out, HasSubstr(R"("old":"5","new":"7")"));
  EXPECT_THAT(diff({"--to", "2"}).out, HasSubstr(R"("old":"9","new":"5")"));
  EXPECT_THAT(diff({"--from", "1"}).out, HasSubstr(R"("old":"9","new":"7")"));
  EXPECT_EQ(diff({"--to", "4"}).code, 3);
  EXPECT_EQ(diff({"--to", "1"}).code, 3);
  EXPECT_EQ(Run({"schema", "diff", "nobody"}).code, 3);
}

TEST_F(DiffCommandTest, TheSettingsOfTheSubjectHoldUnlessOthersAreGiven) {
  for (const char* schema : {R"({"properties":{"a":{"type":"string"}}})", "{}"}) {
    const Outcome registered = Run({"schema", "register", "placed", "-"}, schema);
    ASSERT_EQ(registered.code, 0) << registered.err;
  }
  EXPECT_THAT(Run({"schema", "diff", "placed"}).out, HasSubstr(R"("backward":"breaking")"));
  ASSERT_EQ(Run({"schema", "config", "set", "placed", "--flag", "allow_field_removal=true"}).code,
            0);
  EXPECT_THAT(Run({"schema", "diff", "placed"}).out, HasSubstr(R"("backward":"compatible")"));
  EXPECT_THAT(Run({"schema", "diff", "placed", "--policy", "strict"}).out,
              AllOf(HasSubstr(R"("policy":"STRICT")"), HasSubstr(R"("forward":"breaking")")));
}

TEST_F(DiffCommandTest, AReferenceIsAFile) {
  const std::string money = WriteFile("money.json", R"({"maximum":3})");
  const std::string by_reference = WriteFile("by.json", R"({"$ref":"money"})");
  const Outcome outcome =
      Run({"schema", "diff", wide_, by_reference, "--reference", "money=" + money});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr(R"("new":"3")"));
  EXPECT_EQ(Run({"schema", "compat", wide_, by_reference, "--reference", "money=" + money}).code,
            100);
}

TEST_F(DiffCommandTest, BadLinesAreUsageErrors) {
  for (const std::vector<std::string>& rest :
       std::vector<std::vector<std::string>>{{},
                                             {wide_, narrow_, "--from", "1"},
                                             {"placed", "--format", "avro"},
                                             {"-", "-"},
                                             {wide_, narrow_, "--policy", "none"},
                                             {wide_, narrow_, "--mode", "FULL"}}) {
    std::vector<std::string> line = {"schema", "diff"};
    line.insert(line.end(), rest.begin(), rest.end());
    EXPECT_EQ(Run(line).code, 2) << ::testing::PrintToString(line);
  }
  const Outcome outcome = Run({"schema", "diff", wide_, WriteFile("no.json", "{")});
  EXPECT_EQ(outcome.code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("no.json: "));
}

}  // namespace
}  // namespace nexus::cli

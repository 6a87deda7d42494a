#include "policy/bundle/rule_table.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "policy/bundle/wasm_bundle.h"

namespace nexus::policy {
namespace {

using testing::HasSubstr;

absl::StatusOr<std::shared_ptr<const RuleModes>> Enforcement(const std::string& json) {
  simdjson::dom::parser parser;
  return ReadEnforcement(parser.parse(json).value());
}

std::string Refusal(const std::string& json) {
  const auto read = Enforcement(json);
  if (read.ok()) return "";
  EXPECT_EQ(ReasonOf(read.status()), ErrorReason::kConfigurationInvalid);
  return std::string(read.status().message());
}

TEST(Enforcement, ReadsModesAndShares) {
  const auto modes =
      Enforcement(R"({"append":{"a":{"mode":"shadow"},"b":{"mode":"deny","share":0.1}},
                      "read":{"a":{"mode":"off"}}})");
  ASSERT_TRUE(modes.ok()) << modes.status();
  EXPECT_EQ(*(*modes)->Find("append", "a"), (RuleSetting{RuleMode::kShadow, 1}));
  EXPECT_EQ(*(*modes)->Find("append", "b"), (RuleSetting{RuleMode::kDeny, 0.1}));
  EXPECT_EQ(*(*modes)->Find("read", "a"), (RuleSetting{RuleMode::kOff, 1}));
  EXPECT_EQ((*modes)->Find("read", "b"), nullptr);
}

TEST(Enforcement, IsNothingWhereItSaysNothing) {
  EXPECT_EQ(*Enforcement("{}"), nullptr);
  EXPECT_EQ(*Enforcement(R"({"append":{}})"), nullptr);
}

TEST(Enforcement, IsRefusedWithItsPlaceWhereItIsMalformed) {
  EXPECT_THAT(Refusal("[]"), HasSubstr("data.nexus.enforcement: not an object"));
  EXPECT_THAT(Refusal(R"({"append":1})"), HasSubstr("data.nexus.enforcement.append: not an"));
  EXPECT_THAT(Refusal(R"({"append":{"a":"shadow"}})"), HasSubstr("append.a: not an object"));
  EXPECT_THAT(Refusal(R"({"append":{"a":{}}})"), HasSubstr("append.a.mode: missing"));
  EXPECT_THAT(Refusal(R"({"append":{"a":{"mode":"Warn"}}})"),
              HasSubstr("append.a.mode: must be off, shadow, warn or deny"));
  for (const char* share : {"0", "-0.5", "1.01", "\"1\"", "null"}) {
    EXPECT_THAT(Refusal(std::string(R"({"append":{"a":{"mode":"warn","share":)") + share + "}}}"),
                HasSubstr("append.a.share: must be a number above 0 and at most 1"))
        << share;
  }
  EXPECT_THAT(Refusal(R"({"append":{"a":{"mode":"warn","percent":5}}})"),
              HasSubstr("append.a.percent: unknown"));
}

TEST(RuleTable, SurvivesTheManifest) {
  const RuleTable rules = {{"append", {{"a\"b", {"A title", "Two\nlines"}}, {"c", {"", ""}}}},
                           {"read", {}}};
  simdjson::dom::parser parser;
  auto read = ReadRuleTable(parser.parse(RuleTableJson(rules)).value());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->at("append"), rules.at("append"));
}

constexpr char kManifest[] =
    R"({"metadata":{"nexus":{"rules":{"append":{"known":{"title":"T","reason":"R"}}}}}})";

TEST(WasmBundle, TakesTheEnforcementOfItsOwnRules) {
  const auto bundle = MakeWasmBundle({{"policy.wasm", "W"},
                                      {".manifest", kManifest},
                                      {"data.json", R"({"nexus":{"enforcement":{"append":{"known":
                                        {"mode":"warn"}}}}})"}});
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->rules.at("append").at("known"), (RuleText{"T", "R"}));
  EXPECT_EQ(bundle->modes->ModeOf("append", "known", 0), RuleMode::kWarn);
}

TEST(WasmBundle, RefusesTheEnforcementOfARuleThatItDoesNotDeclare) {
  for (const char* place : {R"("append":{"knwon")", R"("read":{"known")"}) {
    const auto bundle = MakeWasmBundle({{"policy.wasm", "W"},
                                        {".manifest", kManifest},
                                        {"data.json", std::string(R"({"nexus":{"enforcement":{)") +
                                                          place + R"(:{"mode":"warn"}}}}})"}});
    ASSERT_FALSE(bundle.ok()) << place;
    EXPECT_THAT(std::string(bundle.status().message()), HasSubstr("no such rule is declared"));
  }
}

TEST(WasmBundle, RefusesAMalformedEnforcement) {
  EXPECT_FALSE(
      MakeWasmBundle({{"policy.wasm", "W"}, {"data.json", R"({"nexus":{"enforcement":"shadow"}})"}})
          .ok());
}

// What rules found is kept with events a line each: a name of two lines would forge one.
TEST(RuleNames, HaveNoControlCharactersAndAreShort) {
  simdjson::dom::parser parser;
  const auto read = [&](const std::string& rule) {
    return ReadRuleTable(parser.parse("{\"append\":{\"" + rule + "\":{}}}").value()).status();
  };
  EXPECT_TRUE(read("payments need the role").ok());
  EXPECT_EQ(ReasonOf(read("x\\nwarn:y")), ErrorReason::kConfigurationInvalid);
  EXPECT_EQ(ReasonOf(read("")), ErrorReason::kConfigurationInvalid);
  EXPECT_TRUE(read(std::string(100, 'r')).ok());
  EXPECT_FALSE(read(std::string(101, 'r')).ok());
}

}  // namespace
}  // namespace nexus::policy

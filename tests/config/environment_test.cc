#include "config/environment.h"

#include <string>

#include "config/loader.h"
#include "config/option_table.h"
#include "fake/temp_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::vector<Violation> ProblemsOf(const Environment& environment) {
  return DetailsOf(Load({.environment = environment}).status()).violations;
}

TEST(Environment, NamesEveryOption) {
  EXPECT_EQ(VariableOf("policy.opa.address"), "NEXUS_POLICY__OPA__ADDRESS");
  EXPECT_EQ(VariableOf("data"), "NEXUS_DATA");
}

TEST(Environment, SetsAnOption) {
  EXPECT_EQ(Load({.environment = {{"NEXUS_WORKERS__THREADS", "7"}}})->config.workers.threads, 7u);
}

TEST(Environment, SetsListsByCommasOrYaml) {
  EXPECT_THAT(Load({.environment = {{"NEXUS_SCHEMA__OPTIONAL_CATEGORIES", "a,b"}}})
                  ->config.schema.optional_categories,
              ElementsAre("a", "b"));
  EXPECT_THAT(Load({.environment = {{"NEXUS_SCHEMA__OPTIONAL_CATEGORIES", "[a, 'b']"}}})
                  ->config.schema.optional_categories,
              ElementsAre("a", "b"));
  EXPECT_THAT(Load({.environment = {{"NEXUS_SCHEMA__OPTIONAL_CATEGORIES", ""}}})
                  ->config.schema.optional_categories,
              IsEmpty());
}

TEST(Environment, SetsMapsByEqualsSignsOrYaml) {
  EXPECT_THAT(Load({.environment = {{"NEXUS_ROUTE__KAFKA__PROPERTIES", "linger.ms=1,acks=all"}}})
                  ->config.route.kafka.properties,
              ElementsAre(Pair("acks", "all"), Pair("linger.ms", "1")));
  EXPECT_THAT(Load({.environment = {{"NEXUS_ROUTE__CRITICALITY__TYPE_WEIGHTS", "{a: 0.5}"}}})
                  ->config.route.criticality.type_weights,
              ElementsAre(Pair("a", 0.5)));
}

TEST(Environment, SetsTokensAsYaml) {
  const auto loaded = Load({.environment = {{"NEXUS_TOKENS", "[{principal: ada, token: t}]"}}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.tokens[0].principal, "ada");
  EXPECT_TRUE(Load({.environment = {{"NEXUS_TOKENS", ""}}}).ok());
}

TEST(Environment, ReadsASecretFromAFile) {
  fake::TempFolder folder;
  const std::string file = folder.Write("tokens", "- principal: ada\n  token: t\n");
  const auto loaded = Load({.environment = {{"NEXUS_TOKENS_FILE", file}}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.tokens[0].token, "t");
  EXPECT_EQ(loaded->sources.at("tokens"), "NEXUS_TOKENS_FILE");
}

TEST(Environment, RefusesAFileThatIsNotThere) {
  const auto problems = ProblemsOf({{"NEXUS_TOKENS_FILE", "/absent/file"}});
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems[0].message, HasSubstr("/absent/file: it cannot be read"));
}

TEST(Environment, RefusesASecretGivenTwice) {
  const auto problems = ProblemsOf({{"NEXUS_TOKENS", "[]"}, {"NEXUS_TOKENS_FILE", "/dev/null"}});
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems[0].message, HasSubstr("both as a value and as a file"));
}

TEST(Environment, TakesNoFileForWhatIsNoSecret) {
  EXPECT_THAT(ProblemsOf({{"NEXUS_GRPC__ADDRESS_FILE", "/dev/null"}}), ::testing::SizeIs(1));
}

TEST(Environment, RefusesAnUnknownOptionAndGuessesWhatWasMeant) {
  const auto problems = ProblemsOf({{"NEXUS_POLICY__OPA__ADRESS", "x"}});
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].pointer, "NEXUS_POLICY__OPA__ADRESS");
  EXPECT_EQ(problems[0].message, "unknown key; did you mean policy.opa.address?");
}

TEST(Environment, LetsOthersHaveTheirVariables) {
  // Tools of ours, and what a cluster puts into containers beside a service called nexus.
  const auto loaded = Load({.environment = {{"NEXUS_TOOLS", "/opt"},
                                            {"NEXUS_TOKEN", "nexusctl's"},
                                            {"NEXUS_SERVER", "localhost:7070"},
                                            {"NEXUS_SERVICE_HOST", "10.0.0.1"},
                                            {"NEXUS_PORT_7070_TCP_ADDR", "10.0.0.1"},
                                            {"HOME", "/root"}}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->notes, IsEmpty());
}

TEST(Environment, NotesANameThatIsNearlyAnOption) {
  const auto loaded = Load({.environment = {{"NEXUS_DTAA", "d"}}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->notes, ElementsAre(HasSubstr("did you mean NEXUS_DATA?")));
}

TEST(Environment, RefusesYamlThatIsNone) {
  EXPECT_THAT(ProblemsOf({{"NEXUS_TOKENS", "[{"}}), ::testing::SizeIs(1));
  EXPECT_THAT(ProblemsOf({{"NEXUS_SCHEMA__OPTIONAL_CATEGORIES", "[a"}}), ::testing::SizeIs(1));
}

}  // namespace
}  // namespace nexus::config

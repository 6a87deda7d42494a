#include "config/render.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "config/option_table.h"
#include "config/show_field.h"
#include "fake/temp_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string SourceFile(const std::string& path) {
  const char* root = std::getenv("NEXUS_SOURCE_DIR");
  return std::string(root != nullptr ? root : ".") + "/" + path;
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

LoadedConfig WithSecrets() {
  auto loaded =
      Load({.flags = {{"--set", "tokens", "[{principal: ada, token: hush-hush, roles: [admin]}]"},
                      {"--set", "route.kafka.properties", "sasl.password=hush-hush"},
                      {"--set", "data", "a \"quoted\"\tfolder"}}});
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  return *loaded;
}

TEST(Render, GivesTheReferencePageOfTheRepository) {
  EXPECT_EQ(ReadAll(SourceFile("docs/reference/configuration.md")), RenderReference())
      << "write it anew: nexusd --print-config-reference > docs/reference/configuration.md";
}

TEST(Render, GivesTheExampleFileOfTheRepository) {
  EXPECT_EQ(ReadAll(SourceFile("config/nexusd.yaml")), RenderTemplate())
      << "write it anew: nexusd --print-config-template > config/nexusd.yaml";
}

TEST(Render, GivesAnExampleFileThatSetsExactlyTheDefaults) {
  const auto loaded = Load({.files = {SourceFile("config/nexusd.yaml")}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  for (const Option& option : AllOptions()) {
    EXPECT_EQ(ShowField(option, loaded->config), ShowField(option, NexusConfig())) << option.key;
    EXPECT_THAT(loaded->sources.at(std::string(option.key)), HasSubstr("nexusd.yaml:"))
        << option.key << " is not in the file";
  }
}

TEST(Render, NamesTheSourceOfEachValue) {
  const auto loaded = Load({.environment = {{"NEXUS_DATA", "d"}}});
  EXPECT_THAT(RenderConfig(*loaded), ::testing::ContainsRegex("data: \"d\" +# NEXUS_DATA\n"));
  EXPECT_THAT(RenderConfig(*loaded), ::testing::ContainsRegex("  timeout_ms: 20 +# default\n"));
}

TEST(Render, PrintsAConfigurationThatReadsBackTheSame) {
  fake::TempFolder folder;
  const auto first = Load({.flags = {{"--set", "data", "a \"quoted\"\tfolder"},
                                     {"--set", "route.ordered_categories", "a,b"},
                                     {"--set", "route.criticality.type_weights", "x=0.3"}}});
  const auto again = Load({.files = {folder.Write("printed.yaml", RenderConfig(*first))}});
  ASSERT_TRUE(again.ok()) << again.status();
  for (const Option& option : AllOptions()) {
    EXPECT_EQ(ShowField(option, again->config), ShowField(option, first->config)) << option.key;
  }
}

TEST(Render, StarsSecrets) {
  const LoadedConfig loaded = WithSecrets();
  EXPECT_THAT(RenderConfig(loaded), Not(HasSubstr("hush")));
  EXPECT_THAT(RenderConfigJson(loaded), Not(HasSubstr("hush")));
  EXPECT_THAT(RenderConfig(loaded), HasSubstr(R"({"sasl.password": "***"})"));
  EXPECT_THAT(RenderConfig(loaded),
              HasSubstr(R"([{"principal": "ada", "token": "***", "roles": ["admin"]}])"));
}

TEST(Render, RevealsSecretsOnlyWhenAsked) {
  EXPECT_THAT(ShowField(*FindOption("tokens"), WithSecrets().config, /*reveal=*/true),
              HasSubstr("hush-hush"));
}

TEST(Render, GivesJsonForPrograms) {
  EXPECT_THAT(RenderConfigJson(WithSecrets()),
              HasSubstr(R"({"key": "data", "value": "a \"quoted\"\tfolder", "source": "--set"})"));
}

TEST(Render, TellsProblemsAsJson) {
  EXPECT_EQ(RenderCheckJson(absl::OkStatus()), "{\"valid\": true, \"problems\": []}\n");
  EXPECT_EQ(RenderCheckJson(Load({.flags = {{"--set", "dat", "x"}}}).status()),
            "{\"valid\": false, \"problems\": [{\"where\": \"--set\", \"key\": \"dat\", "
            "\"message\": \"unknown key; did you mean data?\"}]}\n");
}

}  // namespace
}  // namespace nexus::config

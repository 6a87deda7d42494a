#include "config/option_table.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "config/loader.h"
#include "config/show_field.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::config {
namespace {

TEST(OptionTable, HasEachKeyOnce) {
  std::set<std::string> keys;
  for (const Option& option : AllOptions()) keys.emplace(option.key);
  EXPECT_EQ(keys.size(), AllOptions().size());
}

TEST(OptionTable, HasEachFieldOnce) {
  NexusConfig config;
  std::set<const void*> fields;
  for (const Option& option : AllOptions()) {
    std::visit([&](const auto* field) { fields.insert(field); }, option.field(config));
  }
  EXPECT_EQ(fields.size(), AllOptions().size());
}

TEST(OptionTable, HasNoKeyThatIsASectionToo) {
  for (const Option& option : AllOptions()) EXPECT_FALSE(IsSection(option.key)) << option.key;
}

TEST(OptionTable, KeepsSectionsTogether) {
  std::set<std::string> closed;
  std::string open;
  for (const Option& option : AllOptions()) {
    const std::string section(option.key.substr(0, option.key.find('.')));
    if (section == open) continue;
    EXPECT_TRUE(closed.insert(section).second) << section << " is in two places";
    open = section;
  }
}

TEST(OptionTable, ExplainsEveryOptionInASentence) {
  for (const Option& option : AllOptions()) {
    EXPECT_TRUE(absl::EndsWith(option.help, ".")) << option.key;
  }
}

TEST(OptionTable, NamesTheUnitLastInTheKey) {
  for (const Option& option : AllOptions()) {
    EXPECT_EQ(option.unit == "ms", absl::EndsWith(option.key, "_ms")) << option.key;
    EXPECT_EQ(option.unit == "bytes", absl::StrContains(option.key, "bytes")) << option.key;
  }
}

TEST(OptionTable, HasDefaultsThatItAcceptsItself) {
  const NexusConfig defaults;
  LoadInput input;
  for (const Option& option : AllOptions()) {
    std::string text = ShowField(option, defaults);
    // A plain text is given without the quotes of JSON.
    if (TypeName(option) == "text") text = text.substr(1, text.size() - 2);
    input.flags.push_back({"--set", std::string(option.key), text});
  }
  const auto loaded = Load(input);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  for (const Option& option : AllOptions()) {
    EXPECT_EQ(ShowField(option, loaded->config), ShowField(option, defaults)) << option.key;
  }
}

TEST(OptionTable, FindsNothingUnderAnUnknownKey) {
  EXPECT_EQ(FindOption("policy"), nullptr);
  EXPECT_EQ(FindOption(""), nullptr);
  EXPECT_TRUE(IsSection("policy.opa"));
  EXPECT_FALSE(IsSection("policy.op"));
}

}  // namespace
}  // namespace nexus::config

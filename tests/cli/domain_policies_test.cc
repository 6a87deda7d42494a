// The policies of a domain's folder, compiled by the real opa.

#include "cli/domain_policies.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "fake/requirement.h"
#include "fake/temp_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/opa/opa_program.h"

namespace nexus::cli {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kRule[] = R"(package nexus.append

decision := {"allow": true, "deny": [d | some d in deny]}

deny contains {"rule": "small", "message": "too large"} if {
  input.events[0].metadata.size == data.size
}
)";

class DomainPoliciesTest : public ::testing::Test {
 protected:
  DomainPoliciesTest() {
    Write("domain.yaml", "apiVersion: nexus/v1\nkind: Domain\nmetadata: {name: shop}\n");
    Declare("{categories: [order]}");
  }
  void Write(const std::string& path, const std::string& text) {
    const fs::path whole = fs::path(folder_.path()) / path;
    fs::create_directories(whole.parent_path());
    std::ofstream(whole, std::ios::binary) << text;
  }
  void Declare(const std::string& spec) {
    Write("policy.yaml",
          "apiVersion: nexus/v1\nkind: Policy\nmetadata: {name: sizes}\nspec: " + spec + "\n");
  }
  absl::StatusOr<DomainFolder> Compiled(const std::string& opa = "") {
    absl::StatusOr<DomainFolder> folder = ReadDomainFolder(folder_.path());
    if (!folder.ok()) return folder;
    const absl::Status status = CompilePolicies(folder_.path(), opa, *folder);
    if (!status.ok()) return status;
    return folder;
  }
  static std::vector<std::string> PathsOf(const DomainFolder& folder) {
    std::vector<std::string> paths;
    for (const DomainText& text : folder.files) paths.push_back(text.path);
    return paths;
  }
  static std::string TextAt(const DomainFolder& folder, const std::string& path) {
    for (const DomainText& text : folder.files) {
      if (text.path == path) return text.text;
    }
    return "none";
  }
  // "FILE:LINE: message" of every fault.
  std::vector<std::string> Faults() {
    std::vector<std::string> faults;
    const auto compiled = Compiled();
    for (const Violation& one : DetailsOf(compiled.status()).violations) {
      faults.push_back(absl::StrCat(one.field, ": ", one.message));
    }
    return faults;
  }
  static bool HasOpa() {
    return fake::Require(policy::FindOpa("").ok(), "opa is missing: scripts/install test");
  }

  fake::TempFolder folder_;
};

TEST_F(DomainPoliciesTest, SendsSourcesAndABundle) {
  if (!HasOpa()) return;
  Write("policies/size.rego", kRule);
  Write("policies/data.json", R"({"size": "large"})");
  Write("policies/size_test.rego", "package nexus.append_test\n\ntest_it if true\n");
  Write("policies/policy.bundle", "lies about for some reason");
  Write("policies/notes.txt", "no part of it");
  Write("code.js", "export const a = 1;");
  const auto folder = Compiled();
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_THAT(PathsOf(*folder), ElementsAre("code.js", "policies/data.json",
                                            "policies/policy.bundle", "policies/size.rego"));
  EXPECT_EQ(TextAt(*folder, "policies/size.rego"), kRule);

  const std::string text = TextAt(*folder, "policies/policy.bundle");
  std::string archive;
  ASSERT_TRUE(absl::Base64Unescape(text, &archive)) << text.substr(0, 80);
  EXPECT_EQ(text.size() % 4, 0u);
  EXPECT_EQ(text.find_first_of("\n\r -_"), std::string::npos);
  const auto bundle = policy::ParseWasmBundle(archive);
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_THAT(bundle->data_json, HasSubstr("large"));
  EXPECT_TRUE(bundle->reads.contains("append"));
}

TEST_F(DomainPoliciesTest, GivesTheSameForTheSame) {
  if (!HasOpa()) return;
  Write("policies/deep/size.rego", kRule);
  Write("policies/deep/data.yaml", "size: large\n");
  const auto first = Compiled();
  const auto second = Compiled();
  ASSERT_TRUE(first.ok() && second.ok()) << first.status();
  ASSERT_EQ(PathsOf(*first), PathsOf(*second));
  for (const std::string& path : PathsOf(*first)) {
    EXPECT_EQ(TextAt(*first, path), TextAt(*second, path)) << path;
  }
}

TEST_F(DomainPoliciesTest, TakesTheFolderThatIsNamedAndItsDataForNoDeclaration) {
  if (!HasOpa()) return;
  Declare("{folder: rules/sizes, categories: [order]}");
  Write("rules/sizes/size.rego", kRule);
  Write("rules/sizes/data.yaml", "size: large\n");
  Write("data.yaml", "apiVersion: nexus/v1\nkind: Role\nmetadata: {name: r}\nspec: {}\n");
  const auto folder = Compiled();
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_EQ(folder->declarations.size(), 2u);
  EXPECT_THAT(PathsOf(*folder), ElementsAre("rules/sizes/data.yaml", "rules/sizes/policy.bundle",
                                            "rules/sizes/size.rego"));
}

TEST_F(DomainPoliciesTest, DoesNothingWithoutAPolicyAndNeedsNoOpaThen) {
  Write("policies/size.rego", kRule);
  Write("policy.yaml", "apiVersion: nexus/v1\nkind: Role\nmetadata: {name: r}\nspec: {}\n");
  const auto folder = Compiled("/nowhere/opa");
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_THAT(folder->files, IsEmpty());
}

TEST_F(DomainPoliciesTest, SaysWhatToDoWithoutOpa) {
  Write("policies/size.rego", kRule);
  const absl::Status named = Compiled("/nowhere/opa").status();
  EXPECT_EQ(ReasonOf(named), ErrorReason::kConfigurationInvalid);
  EXPECT_EQ(named.message(), "--opa: /nowhere/opa cannot be executed");
}

TEST_F(DomainPoliciesTest, NamesFileAndLineOfRulesThatDoNotCompile) {
  if (!HasOpa()) return;
  Write("policies/in/size.rego", "package nexus.append\n\nx = = 1\n");
  EXPECT_THAT(Faults(), ::testing::Contains(HasSubstr(
                            "policies/in/size.rego:3: rego_parse_error: unexpected eq token")));
  Write("policies/in/size.rego", "package nexus.append\n\ndecision := nonsense\n");
  EXPECT_THAT(Faults(), ElementsAre("policies/in/size.rego:3: rego_unsafe_var_error: var nonsense "
                                    "is unsafe"));
  Write("policies/in/size.rego", "package other\n");
  EXPECT_THAT(Faults(),
              ElementsAre(HasSubstr("policy.yaml:4: no rule data.nexus.<operation>.decision in ")));
  EXPECT_EQ(ReasonOf(Compiled().status()), ErrorReason::kMalformedRequest);
}

TEST_F(DomainPoliciesTest, NamesTheDeclarationThatIsWrong) {
  EXPECT_THAT(Faults(), ElementsAre("policy.yaml:4: there is no folder policies"));
  Write("policies/data.json", "{}");
  Declare("\n  folder: policies\n  category: [order]");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("policy.yaml:6: ")));
  Declare("{folder: ../policies}");
  EXPECT_THAT(Faults(), ElementsAre("policy.yaml:4: '../policies' is no path in the folder"));
  if (!HasOpa()) return;
  Declare("{folder: policies}");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("policy.yaml:4: no *.rego file")));
}

TEST_F(DomainPoliciesTest, DoesNotLeadOutOfTheFolder) {
  if (!HasOpa()) return;
  const fake::TempFolder elsewhere;
  std::ofstream(fs::path(elsewhere.path()) / "size.rego") << kRule;
  Write("policies/other.rego", "package nexus.append\n");
  fs::create_symlink(fs::path(elsewhere.path()) / "size.rego",
                     fs::path(folder_.path()) / "policies/size.rego");
  EXPECT_THAT(Faults(), ElementsAre("policies/size.rego: leads out of the folder"));
  fs::remove_all(fs::path(folder_.path()) / "policies");
  fs::create_directory_symlink(elsewhere.path(), fs::path(folder_.path()) / "policies");
  EXPECT_THAT(Faults(), ElementsAre("policies/size.rego: leads out of the folder"));
}

TEST_F(DomainPoliciesTest, SaysWhatIsTooLarge) {
  if (!HasOpa()) return;
  Write("policies/size.rego", kRule);
  // Hardly compressible.
  std::string noise;
  for (uint32_t i = 0, x = 1; i < 100'000; ++i) {
    x = x * 1'664'525 + 1'013'904'223;
    absl::StrAppend(&noise, absl::Hex(x >> 8));
  }
  Write("policies/data.json", absl::StrCat(R"({"size": ")", noise, R"("})"));
  const absl::Status status = Compiled().status();
  EXPECT_EQ(ReasonOf(status), ErrorReason::kLimitExceeded);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("with its compiled policies the domain shop has "));
  EXPECT_THAT(std::string(status.message()), HasSubstr("of which policies/policy.bundle has "));
  EXPECT_THAT(std::string(status.message()), HasSubstr("at most 524288 are taken"));
}

}  // namespace
}  // namespace nexus::cli

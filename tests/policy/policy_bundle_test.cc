#include "policy/opa/policy_bundle.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "policy/opa/embedded_files.h"
#include "policy/opa/opa_program.h"
#include "policy/temporary_folder.h"

namespace nexus::policy {
namespace {

std::string Content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::set<std::string> PathsOf(const std::vector<PolicyFile>& files) {
  std::set<std::string> paths;
  for (const PolicyFile& file : files) paths.insert(file.path);
  return paths;
}

TEST(PolicyFolder, IsReadWithDataAndSubfoldersButWithoutTests) {
  const TemporaryFolder folder;
  folder.Write("a.rego", "package a");
  folder.Write("sub/b.rego", "package b");
  folder.Write("sub/b_test.rego", "package b_test");
  folder.Write("sub/data.json", "{}");
  folder.Write("notes.txt", "x");
  folder.Write("other.json", "{}");
  const auto files = ReadPolicyFolder(folder.path());
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(PathsOf(*files), (std::set<std::string>{"a.rego", "sub/b.rego", "sub/data.json"}));
}

TEST(PolicyFolder, IsReadOnceWhereKubernetesMountsIt) {
  const TemporaryFolder folder;
  folder.Write("..2024/a.rego", "package a");
  std::filesystem::create_directory_symlink("..2024", folder.Sub("..data"));
  std::filesystem::create_symlink("..data/a.rego", folder.Sub("a.rego"));
  const auto files = ReadPolicyFolder(folder.path());
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(PathsOf(*files), std::set<std::string>{"a.rego"});
  EXPECT_EQ((*files)[0].content, "package a");
}

TEST(PolicyFolder, IsRefusedIfItIsNotThere) {
  EXPECT_EQ(ReasonOf(ReadPolicyFolder("/no/such/folder").status()),
            ErrorReason::kConfigurationInvalid);
}

TEST(PolicyFolder, IsRefusedWithoutAPolicy) {
  const TemporaryFolder folder;
  folder.Write("data.json", "{}");
  EXPECT_EQ(ReasonOf(ReadPolicyFolder(folder.path()).status()), ErrorReason::kConfigurationInvalid);
}

TEST(PolicyFolder, IsRefusedWithAFileNamedLikeTheServersOwn) {
  const TemporaryFolder folder;
  folder.Write("a.rego", "package a");
  folder.Write("nexus_batch.rego", "package nexus.batch");
  EXPECT_EQ(ReasonOf(ReadPolicyFolder(folder.path()).status()), ErrorReason::kConfigurationInvalid);
}

TEST(PolicyRevision, IsASha256) {
  // Of the empty input, as everyone computes it.
  EXPECT_EQ(PolicyRevision({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(PolicyRevision, ChangesWithContentNameAndBorders) {
  const std::set<std::string> revisions{PolicyRevision({{"a", "x"}}), PolicyRevision({{"a", "y"}}),
                                        PolicyRevision({{"b", "x"}}), PolicyRevision({{"ax", ""}}),
                                        PolicyRevision({{"a", ""}, {"x", ""}})};
  EXPECT_EQ(revisions.size(), 5u);
  EXPECT_EQ(PolicyRevision({{"a", "x"}}), PolicyRevision({{"a", "x"}}));
}

TEST(PolicyBundle, ReplacesWhatWasThere) {
  const TemporaryFolder folder;
  folder.Write("bundle/old.rego", "package old");
  const std::vector<PolicyFile> files{{"sub/a.rego", "package a"}};
  ASSERT_TRUE(WriteBundle(files, folder.Sub("bundle")).ok());
  EXPECT_FALSE(std::filesystem::exists(folder.Sub("bundle/old.rego")));
  EXPECT_EQ(Content(folder.Sub("bundle/sub/a.rego")), "package a");
  EXPECT_TRUE(absl::StrContains(Content(folder.Sub("bundle/nexus_batch.rego")), "nexus.batch"));
  EXPECT_EQ(Content(folder.Sub("bundle/.manifest")),
            "{\"revision\":\"" + PolicyRevision(files) + "\",\"roots\":[\"\"]}");
}

TEST(PolicyBundle, SaysThatItCannotBeWritten) {
  EXPECT_FALSE(WriteBundle({{"a.rego", "x"}}, "/proc/nowhere").ok());
}

TEST(DefaultPolicies, AreThoseOfTheSourceTree) {
  const char* source = std::getenv("NEXUS_SOURCE_DIR");
  ASSERT_NE(source, nullptr);
  const auto in_tree = ReadPolicyFolder(std::string(source) + "/policies/shipped");
  ASSERT_TRUE(in_tree.ok()) << in_tree.status();
  const std::vector<PolicyFile> embedded = DefaultPolicyFiles();
  EXPECT_EQ(PathsOf(embedded), PathsOf(*in_tree));
  EXPECT_EQ(PolicyRevision(embedded), PolicyRevision(*in_tree));
}

TEST(OpaProgram, IsRefusedWithAdviceIfItIsNotThere) {
  const absl::Status missing = FindOpa("/no/such/opa").status();
  EXPECT_EQ(ReasonOf(missing), ErrorReason::kConfigurationInvalid);
  EXPECT_TRUE(absl::StrContains(missing.message(), "scripts/install run"));
  EXPECT_TRUE(absl::StrContains(missing.message(), "policy.opa.address"));
}

TEST(OpaProgram, IsLookedForByName) {
  const auto shell = FindOpa("sh");
  ASSERT_TRUE(shell.ok()) << shell.status();
  EXPECT_EQ((*shell)[0], '/');
  const absl::Status missing = FindOpa("no-such-opa").status();
  EXPECT_TRUE(absl::StrContains(missing.message(), "`no-such-opa` was not found in /"));
}

TEST(OpaProgram, IsRefusedIfItCannotBeExecuted) {
  const TemporaryFolder folder;
  folder.Write("opa", "not a program");
  EXPECT_FALSE(FindOpa(folder.Sub("opa")).ok());
}

}  // namespace
}  // namespace nexus::policy

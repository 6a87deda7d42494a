// Confluent's own client and serdes, unchanged, against the daemon's REST API.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "fake/requirement.h"
#include "harness/nexusd/child_process.h"
#include "harness/nexusd/nexusd_process.h"
#include "harness/nexusd/temporary_folder.h"

namespace nexus {
namespace {

using ::testing::HasSubstr;

std::string Variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

std::string Node() {
  for (const char* program : {"/usr/bin/node", "/usr/local/bin/node"}) {
    if (access(program, X_OK) == 0) return program;
  }
  return "";
}

TEST(ConfluentClient, WorksWithItsSerdes) {
  const std::string modules =
      absl::StrCat(Variable("NEXUS_TOOLS"), "/schemaregistry-1.10.1/node_modules");
  if (!fake::Require(!Node().empty() && access(modules.c_str(), R_OK) == 0,
                     "no node, or no @confluentinc/schemaregistry: scripts/install test")) {
    return;
  }
  const harness::TemporaryFolder folder;
  harness::NexusdOptions options;
  options.data_folder = folder / "data";
  const auto daemon = harness::NexusdProcess::Start(options);
  ASSERT_TRUE(daemon.ok()) << daemon.status();
  harness::ChildOptions script;
  script.command = {Node(),
                    absl::StrCat(Variable("NEXUS_SOURCE_DIR"), "/tests/confluent/client.cjs"),
                    absl::StrCat("http://", (*daemon)->endpoints().http, "/schema-registry")};
  script.environment = {{"NODE_PATH", modules}};
  const auto client = harness::ChildProcess::Start(script);
  ASSERT_TRUE(client.ok()) << client.status();
  const auto exit = (*client)->WaitForExit(absl::Seconds(120));
  EXPECT_TRUE(exit.ok() && exit->Succeeded()) << (*client)->Output();
  EXPECT_THAT((*client)->Output(), HasSubstr("checks passed"));
}

}  // namespace
}  // namespace nexus

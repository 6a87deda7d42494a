#include "cli/completion.h"

#include "cli/cli_fixture.h"
#include "gmock/gmock.h"

namespace nexus::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using CompletionTest = CliFixture;

TEST_F(CompletionTest, NamesCommandsByTheirBeginning) {
  EXPECT_EQ(Run({"__complete", "st"}).out, "stream\nstate\nstatus\n");
  EXPECT_EQ(Run({"__complete", "stream", ""}).out, "ls\ninfo\n");
  EXPECT_EQ(Run({"__complete", "-o", "json", "stream", "i"}).out, "info\n");
}

TEST_F(CompletionTest, NamesOptionsOfTheCommandAndGlobalOnes) {
  const std::string out = Run({"__complete", "read", "--"}).out;
  EXPECT_THAT(out, HasSubstr("--backwards\n"));
  EXPECT_THAT(out, HasSubstr("--server\n"));
  EXPECT_THAT(out, Not(HasSubstr("--data")));
}

TEST_F(CompletionTest, NamesValuesOfOptions) {
  EXPECT_EQ(Run({"__complete", "read", "-o", ""}).out, "table\njson\njsonl\n");
  EXPECT_EQ(Run({"__complete", "append", "--expect", "n"}).out, "no-stream\n");
  EXPECT_EQ(Run({"__complete", "import", "--on-error", "s"}).out, "stop\nskip\n");
}

TEST_F(CompletionTest, KnowsTheWordsOfSchemaCommands) {
  EXPECT_EQ(Run({"__complete", "schema", "validate", "--format", ""}).out,
            "json\navro\nprotobuf\n");
  EXPECT_EQ(Run({"__complete", "schema", "compat", "--report", "s"}).out, "sarif\n");
  EXPECT_EQ(Run({"__complete", "schema", "diff", "--policy", "S"}).out, "STRICT\n");
  EXPECT_EQ(Run({"__complete", "schema", "config", "set", "--mode", "FU"}).out,
            "FULL\nFULL_TRANSITIVE\n");
  EXPECT_EQ(Run({"__complete", "schema", "d"}).out, "diff\ndelete\n");
  EXPECT_EQ(Run({"__complete", "import", "--report", ""}).out, "");
}

TEST_F(CompletionTest, AsksTheServerForNames) {
  server_.Store("order-1", "placed", "{}");
  server_.Store("other", "placed", "{}");
  ASSERT_EQ(Run({"schema", "register", "placed", "-"}, "true").code, 0);
  EXPECT_EQ(Run({"__complete", "read", "order"}).out, "order-1\n");
  EXPECT_EQ(Run({"__complete", "read", "--limit", "3", "oth"}).out, "other\n");
  EXPECT_EQ(Run({"__complete", "append", "x", ""}).out, "placed\n");
  EXPECT_EQ(Run({"__complete", "schema", "history", ""}).out, "placed\n");
  EXPECT_EQ(Run({"__complete", "schema", "diff", ""}).out, "placed\n");
  EXPECT_EQ(Run({"__complete", "errors", "explain", "ID_"}).out, "ID_REUSED\n");
}

TEST_F(CompletionTest, AsksAServerOverTlsWhereThatIsSaid) {
  server_.Store("order-1", "placed", "{}");
  EXPECT_EQ(Run({"__complete", "read", "--tls", "order"}).out, "") << "this one has no TLS";
}

TEST_F(CompletionTest, NamesContexts) {
  ASSERT_EQ(Run({"context", "set", "prod", "--server", "x"}).code, 0);
  EXPECT_EQ(Run({"__complete", "context", "use", ""}).out, "prod\n");
}

TEST_F(CompletionTest, IsSilentWithoutAServer) {
  environment_["NEXUS_SERVER"] = "127.0.0.1:1";
  const Outcome outcome = Run({"__complete", "read", ""});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(CompletionTest, EveryShellHasAScript) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Outcome outcome = Run({"completion", shell});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_THAT(outcome.out, HasSubstr("nexusctl __complete"));
  }
}

}  // namespace
}  // namespace nexus::cli

#include "cli/contexts.h"

#include <sys/stat.h>

#include "cli/cli_fixture.h"
#include "gmock/gmock.h"
#include "nexus/core/errors.h"

namespace nexus::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ContextsTest : public CliFixture {
 protected:
  std::string Path() { return folder_ + "/nexus/contexts.yaml"; }
  void Write(const std::string& text) {
    std::filesystem::create_directories(folder_ + "/nexus");
    WriteFile("nexus/contexts.yaml", text);
    std::filesystem::permissions(Path(), std::filesystem::perms(0600));
  }
};

TEST_F(ContextsTest, NoFileIsNoContexts) {
  const auto contexts = LoadContexts(Path());
  ASSERT_TRUE(contexts.ok());
  EXPECT_THAT(contexts->by_name, IsEmpty());
}

TEST_F(ContextsTest, SavedContextsComeBack) {
  Contexts contexts;
  contexts.current = "a";
  contexts.by_name["a"] = {"host:1", "tok: en\"", ""};
  contexts.by_name["b c"] = {"host:2", "", "/t"};
  ASSERT_TRUE(SaveContexts(Path(), contexts).ok());
  const auto loaded = LoadContexts(Path());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->current, "a");
  EXPECT_EQ(loaded->by_name, contexts.by_name);
}

TEST_F(ContextsTest, TheFileIsTheOwnersAlone) {
  ASSERT_EQ(Run({"context", "set", "a", "--server", "h:1", "--token", "secret"}).code, 0);
  struct stat info;
  ASSERT_EQ(stat(Path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_FALSE(ReadableByOthers(Path()));
}

TEST_F(ContextsTest, AFileThatIsNoneOfOursNamesTheLine) {
  for (const char* text : {"[1, 2]", "current: [", "contexts:\n  a:\n    port: 1\n", "other: 1",
                           "contexts:\n  a: b\n", "contexts: [1]"}) {
    Write(text);
    const auto contexts = LoadContexts(Path());
    EXPECT_EQ(ReasonOf(contexts.status()), ErrorReason::kConfigurationInvalid) << text;
    EXPECT_THAT(std::string(contexts.status().message()), HasSubstr("contexts.yaml:"));
  }
}

TEST_F(ContextsTest, TheCurrentContextNamesTheServer) {
  environment_.erase("NEXUS_SERVER");
  ASSERT_EQ(Run({"context", "set", "here", "--server", server_.address()}).code, 0);
  ASSERT_EQ(Run({"context", "set", "gone", "--server", "127.0.0.1:1"}).code, 0);
  EXPECT_EQ(Run({"status"}).code, 0);
  ASSERT_EQ(Run({"context", "use", "gone"}).code, 0);
  EXPECT_EQ(Run({"status"}).code, 7);
  EXPECT_EQ(Run({"status", "--context", "here"}).code, 0);
  environment_["NEXUS_CONTEXT"] = "here";
  EXPECT_EQ(Run({"status"}).code, 0);
  EXPECT_EQ(Run({"status", "--server", "127.0.0.1:1"}).code, 7);
}

TEST_F(ContextsTest, AFlagBeatsTheEnvironmentBeatsTheContext) {
  const auto sent = [&](std::vector<std::string> more) {
    std::vector<std::string> line = {"append", "a", "t", "--data", "{}"};
    line.insert(line.end(), more.begin(), more.end());
    EXPECT_EQ(Run(line).code, 0);
    return server_.last_authorization();
  };
  ASSERT_EQ(Run({"context", "set", "c", "--server", server_.address(), "--token-file",
                 WriteFile("t", "of-context\n")})
                .code,
            0);
  EXPECT_EQ(sent({}), "Bearer of-context");
  environment_["NEXUS_TOKEN"] = "of-environment";
  EXPECT_EQ(sent({}), "Bearer of-environment");
  EXPECT_EQ(sent({"--token-file", WriteFile("f", " of-file ")}), "Bearer of-file");
  EXPECT_EQ(sent({"--token", "of-flag"}), "Bearer of-flag");
}

TEST_F(ContextsTest, KeepsHowToEncrypt) {
  ASSERT_EQ(Run({"context", "set", "a", "--server", "h:1", "--tls", "--ca", "ca.pem", "--cert",
                 "c.pem", "--key", "k.pem"})
                .code,
            0);
  const auto contexts = LoadContexts(Path());
  ASSERT_TRUE(contexts.ok()) << contexts.status();
  EXPECT_EQ(contexts->by_name.at("a"), (Context{"h:1", "", "", true, "ca.pem", "c.pem", "k.pem"}));
}

TEST_F(ContextsTest, RefusesWhatCannotEncrypt) {
  const std::string text = WriteFile("no.pem", "nothing\n");
  EXPECT_EQ(Run({"status", "--ca", "/none.pem"}).code, 3);
  EXPECT_EQ(Run({"status", "--ca", text}).code, 2);
  EXPECT_THAT(Run({"status", "--cert", text}).err, HasSubstr("--cert and --key belong together"));
}

TEST_F(ContextsTest, DoesNotSpeakInTheClearWhereItIsToEncrypt) {
  // The fake server does not encrypt.
  EXPECT_EQ(Run({"status", "--tls", "--timeout", "2s"}).code, 7);
}

TEST_F(ContextsTest, WarnsOfATokenThatLeavesTheMachineInTheClear) {
  const auto warned = [&](std::vector<std::string> more) {
    std::vector<std::string> line = {"status", "--timeout", "50ms", "--token", "t", "--server"};
    line.insert(line.end(), more.begin(), more.end());
    return Run(line).err.find("in the clear") != std::string::npos;
  };
  EXPECT_TRUE(warned({"192.0.2.1:7070"}));
  EXPECT_FALSE(warned({"192.0.2.1:7070", "--tls"}));
  EXPECT_FALSE(warned({"192.0.2.1:7070", "-q"}));
  EXPECT_FALSE(warned({server_.address()}));
}

TEST_F(ContextsTest, ListShowsWhichIsCurrentAndNoSecret) {
  ASSERT_EQ(Run({"context", "set", "a", "--server", "h:1", "--token", "secret"}).code, 0);
  const Outcome outcome = Run({"context", "ls"});
  EXPECT_THAT(outcome.out, HasSubstr(R"("current":true)"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("secret")));
}

TEST_F(ContextsTest, ACurrentContextThatIsMissingCanBeMended) {
  Write("current: none\ncontexts: {a: {server: x}}\n");
  EXPECT_EQ(Run({"status"}).code, 2);
  EXPECT_EQ(Run({"context", "use", "none"}).code, 3);
  EXPECT_EQ(Run({"context", "use", "a"}).code, 0);
  EXPECT_EQ(Run({"context", "rm", "a"}).code, 0);
  EXPECT_EQ(Run({"context", "rm", "a"}).code, 3);
}

TEST_F(ContextsTest, WarnsOfATokenThatOthersMayRead) {
  Write("current: a\ncontexts: {a: {server: '" + server_.address() + "', token: t}}\n");
  EXPECT_THAT(Run({"status"}).err, IsEmpty());
  std::filesystem::permissions(Path(), std::filesystem::perms(0644));
  EXPECT_THAT(Run({"status"}).err, HasSubstr("warning: "));
}

}  // namespace
}  // namespace nexus::cli

// The commands that scripts/compose prints, each as printed, with a Kafka, a RabbitMQ and a NATS
// server as scripts/brokers starts them.

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "fake/eventually.h"
#include "fake/requirement.h"
#include "gmock/gmock.h"
#include "harness/kafka/kafka_server.h"
#include "harness/nats/nats_server.h"
#include "harness/nexusd/free_port.h"
#include "harness/rabbitmq/rabbitmq_server.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

using ::testing::HasSubstr;

class ComposeTest : public DaemonFixture {
 protected:
  void SetUp() override {
    for (const absl::Status& found :
         {harness::KafkaServer::FindPrograms(), harness::RabbitMqServer::FindPrograms(),
          harness::NatsServer::FindPrograms()}) {
      if (!fake::Require(found.ok(), found.message())) return;
    }
    std::string missing;
    const bool tools = Run("command -v kcat amqp-get nats", &missing).code == 0;
    if (!fake::Require(tools, "kcat, amqp-get and nats are needed: run scripts/install test")) {
      return;
    }
    StartBrokers();
  }
  void TearDown() override {
    if (!brokers_) return;
    brokers_->Signal(SIGTERM);
    EXPECT_TRUE(brokers_->WaitForExit(absl::Minutes(1)).ok());
  }
  void StartBrokers() {
    const std::string at = folder_ / "brokers";
    auto brokers = harness::ChildProcess::Start(
        {{Source("scripts/brokers"), at, ports_[0], ports_[1], ports_[2]}, {}, folder_.path()});
    ASSERT_TRUE(brokers.ok()) << brokers.status();
    brokers_ = *std::move(brokers);
    ASSERT_TRUE(fake::Eventually(
        [&] { return std::filesystem::exists(at + "/ready") || !brokers_->Running(); },
        absl::Minutes(2)));
    ASSERT_TRUE(brokers_->Running()) << brokers_->Output();
  }
  static std::string Source(const std::string& path) {
    const char* root = std::getenv("NEXUS_SOURCE_DIR");
    return absl::StrCat(root != nullptr ? root : ".", "/", path);
  }
  // As printed, with the brokers where they are here.
  std::string AtTheirPorts(const std::string& text) const {
    return absl::StrReplaceAll(text, {{"127.0.0.1:9092", "127.0.0.1:" + ports_[0]},
                                      {"127.0.0.1:5672", "127.0.0.1:" + ports_[1]},
                                      {"--port=5672", "--port=" + ports_[1]},
                                      {"127.0.0.1:4222", "127.0.0.1:" + ports_[2]}});
  }
  void CopyExamples() {
    const std::filesystem::path to = folder_ / "examples";
    std::filesystem::copy(Source("examples"), to, std::filesystem::copy_options::recursive);
    for (const auto& file : std::filesystem::directory_iterator(to / "brokers")) {
      std::ifstream in(file.path());
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      std::ofstream(file.path()) << AtTheirPorts(text);
    }
  }
  harness::ExitStatus Run(const std::string& script, std::string* output) {
    auto child = harness::ChildProcess::Start({{"/bin/bash", "-c", script}, {}, folder_.path()});
    EXPECT_TRUE(child.ok()) << child.status();
    const auto exit = (*child)->WaitForExit(absl::Minutes(2));
    EXPECT_TRUE(exit.ok()) << script << ": " << exit.status() << "\n" << (*child)->Output();
    *output = (*child)->Output();
    return exit.ok() ? *exit : harness::ExitStatus{};
  }
  std::vector<std::string> PrintedCommands() {
    std::string printed;
    EXPECT_EQ(Run(absl::StrCat(Source("scripts/compose"), " --print ", daemon_->endpoints().grpc,
                               " ", folder_ / "data"),
                  &printed)
                  .code,
              0);
    std::vector<std::string> commands;
    for (absl::string_view line : absl::StrSplit(printed, '\n')) {
      if (absl::ConsumePrefix(&line, "  $ ")) commands.push_back(AtTheirPorts(std::string(line)));
    }
    return commands;
  }

  const std::vector<std::string> ports_ = {absl::StrCat(harness::FreePort()),
                                           absl::StrCat(harness::FreePort()),
                                           absl::StrCat(harness::FreePort())};
  std::unique_ptr<harness::ChildProcess> brokers_;
};

TEST_F(ComposeTest, EachPrintedCommandDoesWhatItSays) {
  StartDaemon();
  CopyExamples();
  const std::vector<std::string> commands = PrintedCommands();
  ASSERT_GE(commands.size(), 15u);
  const char* bin = std::getenv("NEXUS_BIN_DIR");
  std::string environment = absl::StrCat("export PATH=", bin != nullptr ? bin : "", ":$PATH");
  std::string all;
  for (const std::string& command : commands) {
    if (absl::StartsWith(command, "export ") || absl::StartsWith(command, "cd ")) {
      environment += "; " + command;
      continue;
    }
    // What is delivered needs a moment; a person does too.
    const bool looks = absl::StartsWith(command, "kcat ") || absl::StartsWith(command, "amqp-") ||
                       absl::StartsWith(command, "nats ") ||
                       absl::StrContains(command, "route trace");
    const std::string patient =
        looks ? absl::StrCat(
                    "until out=$(", command, " 2>&1) && [ -n \"$out\" ]",
                    absl::StrContains(command, "trace") ? " && [[ $out == *critical* ]]" : "",
                    "; do sleep 0.2; done; printf '%s\\n' \"$out\"")
              : command;
    std::string output;
    EXPECT_EQ(Run(environment + "; " + patient, &output).code, 0) << command << "\n" << output;
    absl::StrAppend(&all, "$ ", command, "\n", output);
  }
  EXPECT_THAT(all, HasSubstr("ce_type=order.placed.v1"));
  EXPECT_THAT(all, HasSubstr("nexus.critical")) << "where the trace says that it lies";
  EXPECT_THAT(all, HasSubstr("{\"celsius\": 21.5}"));
}

}  // namespace
}  // namespace nexus::integration

#include "harness/nexusd/child_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/nexusd/nexusd_process.h"
#include "harness/nexusd/temporary_folder.h"

namespace nexus::harness {
namespace {

using testing::HasSubstr;

std::unique_ptr<ChildProcess> Shell(const std::string& script) {
  ChildOptions options;
  options.command = {"/bin/sh", "-c", script};
  options.environment = {{"GREETING", "hello"}};
  auto child = ChildProcess::Start(options);
  EXPECT_TRUE(child.ok()) << child.status();
  return *std::move(child);
}

TEST(ChildProcess, CollectsOutputOfBothStreams) {
  auto child = Shell("echo $GREETING; echo there >&2; exit 3");
  const auto exit = child->WaitForExit(absl::Seconds(30));
  ASSERT_TRUE(exit.ok());
  EXPECT_EQ(exit->code, 3);
  EXPECT_FALSE(exit->Succeeded());
  EXPECT_EQ(child->Output(), "hello\nthere\n");
}

TEST(ChildProcess, SaysThatItStillRuns) {
  auto child = Shell("exec sleep 1000");
  EXPECT_EQ(child->WaitForExit(absl::ZeroDuration()).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(child->Running());
}

TEST(ChildProcess, TellsASignalFromACode) {
  auto child = Shell("exec sleep 1000");
  child->Signal(SIGKILL);
  const auto exit = child->WaitForExit(absl::Seconds(30));
  ASSERT_TRUE(exit.ok());
  EXPECT_EQ(exit->signal, SIGKILL);
  EXPECT_EQ(exit->ToString(), "signal 9");
}

TEST(ChildProcess, EndsTheChildrenOfAChildThatWasKilled) {
  TemporaryFolder folder;
  auto child = Shell("mkfifo " + folder / "gate" + "; cat " + folder / "gate" + " & echo $!; wait");
  pid_t grandchild = 0;
  while (grandchild == 0) grandchild = static_cast<pid_t>(atoi(child->Output().c_str()));
  child->Signal(SIGKILL);
  ASSERT_TRUE(child->WaitForExit(absl::Seconds(30)).ok());
  ASSERT_EQ(kill(grandchild, 0), 0) << "a signal to the child alone must spare its children";
  struct pollfd ended = {static_cast<int>(syscall(SYS_pidfd_open, grandchild, 0)), POLLIN, 0};
  child.reset();
  EXPECT_EQ(poll(&ended, 1, 30'000), 1);
  close(ended.fd);
}

TEST(ChildProcess, NamesAProgramThatIsMissing) {
  ChildOptions options;
  options.command = {"/no/such/program"};
  const auto child = ChildProcess::Start(options);
  EXPECT_EQ(child.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(child.status().message()), HasSubstr("/no/such/program"));
}

TEST(NexusdProcess, ReportsTheOutputOfADaemonThatEndsEarly) {
  TemporaryFolder folder;
  const std::string program = folder / "nexusd";
  std::ofstream(program) << "#!/bin/sh\necho the disk is on fire >&2\nexit 7\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  NexusdOptions options;
  options.program = program;
  options.data_folder = folder / "data";
  const auto nexusd = NexusdProcess::Start(options);
  EXPECT_EQ(nexusd.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(nexusd.status().message()),
              HasSubstr("exit code 7: the disk is on fire"));
}

TEST(NexusdProcess, ReadsEndpointsOnlyOnceTheyAreComplete) {
  TemporaryFolder folder;
  EXPECT_FALSE(ReadEndpoints(folder.path()).ok());
  std::ofstream(folder / "endpoints.json") << R"({"grpc": "127.0.0)";
  EXPECT_FALSE(ReadEndpoints(folder.path()).ok());
  std::ofstream(folder / "endpoints.json")
      << R"({"grpc": "127.0.0.1:1", "http": "127.0.0.1:2", "pid": 3})";
  const auto endpoints = ReadEndpoints(folder.path());
  ASSERT_TRUE(endpoints.ok());
  EXPECT_EQ(endpoints->grpc, "127.0.0.1:1");
  EXPECT_EQ(endpoints->http, "127.0.0.1:2");
  EXPECT_EQ(endpoints->pid, 3);
}

}  // namespace
}  // namespace nexus::harness

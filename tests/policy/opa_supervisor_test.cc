#include "policy/opa/opa_supervisor.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "fake/eventually.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "policy/asking.h"
#include "policy/opa/health_check.h"
#include "policy/opa/opa_decider.h"
#include "policy/real_opa.h"
#include "policy/steady_clock.h"
#include "policy/temporary_folder.h"

namespace nexus::policy {
namespace {

constexpr char kAllowAll[] = R"(package nexus.append
decision := {"allow": true, "deny": []})";
constexpr char kDenyAll[] = R"(package nexus.append
decision := {"allow": false, "deny": []})";

class OpaSupervisorTest : public testing::Test {
 protected:
  void SetUp() override {
    RequireOpa();
    options_.work_folder = folder_.Sub("work");
    options_.policy_folder = folder_.Sub("policies");
    folder_.Write("policies/append.rego", kAllowAll);
  }

  absl::Status Start() {
    auto started = OpaSupervisor::Start(options_, clock_);
    if (started.ok()) supervisor_ = *std::move(started);
    return started.status();
  }
  std::unique_ptr<OpaDecider> Decider() {
    OpaDeciderOptions options;
    options.address = supervisor_->address();
    options.limits.breaker = {3, absl::Milliseconds(5), absl::Milliseconds(20)};
    return *OpaDecider::Create(options, clock_);
  }
  static bool Lives(pid_t pid) { return ::kill(pid, 0) == 0; }

  const TemporaryFolder folder_;
  const SteadyClock clock_;
  OpaSupervisorOptions options_;
  std::unique_ptr<OpaSupervisor> supervisor_;
};

TEST_F(OpaSupervisorTest, StartsAnEngineThatDecides) {
  ASSERT_TRUE(Start().ok());
  const auto decider = Decider();
  const auto answer = Ask(*decider, "{}");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->allow);
  EXPECT_EQ(answer->revision, supervisor_->revision());
}

TEST_F(OpaSupervisorTest, IsHealthyOnceStarted) {
  ASSERT_TRUE(Start().ok());
  EXPECT_TRUE(CheckHealth(*Endpoint::Parse(supervisor_->address()), absl::Seconds(5)).ok());
}

TEST_F(OpaSupervisorTest, ChangesTheRevisionWithThePolicies) {
  std::set<std::string> revisions;
  for (const char* policy : {kAllowAll, kDenyAll}) {
    folder_.Write("policies/append.rego", policy);
    supervisor_.reset();
    ASSERT_TRUE(Start().ok());
    const auto answer = Ask(*Decider(), "{}");
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->allow, policy == kAllowAll);
    revisions.insert(answer->revision);
  }
  EXPECT_EQ(revisions.size(), 2u);
}

TEST_F(OpaSupervisorTest, ReadsDataNextToPolicies) {
  folder_.Write("policies/append.rego", R"(package nexus.append
decision := {"allow": data.limits.open, "deny": []})");
  folder_.Write("policies/limits/data.json", R"({"open": true})");
  ASSERT_TRUE(Start().ok());
  EXPECT_TRUE(Ask(*Decider(), "{}")->allow);
}

TEST_F(OpaSupervisorTest, RefusesPoliciesThatDoNotCompileWithWhatOpaSays) {
  folder_.Write("policies/append.rego", "package nexus.append\ndecision := {\"allow\": nowhere}");
  const absl::Status status = Start();
  EXPECT_EQ(ReasonOf(status), ErrorReason::kConfigurationInvalid);
  EXPECT_TRUE(absl::StrContains(status.message(), "append.rego:2: rego_unsafe_var_error"))
      << status.message();
}

TEST_F(OpaSupervisorTest, RefusesAFolderThatIsNotThere) {
  options_.policy_folder = "/no/such/folder";
  EXPECT_EQ(ReasonOf(Start()), ErrorReason::kConfigurationInvalid);
}

TEST_F(OpaSupervisorTest, RefusesAProgramThatIsNotOpa) {
  options_.program = "/bin/true";
  const absl::Status status = Start();
  EXPECT_EQ(ReasonOf(status), ErrorReason::kConfigurationInvalid);
  EXPECT_TRUE(absl::StrContains(status.message(), "exit code 0")) << status.message();
}

TEST_F(OpaSupervisorTest, GivesUpAProgramThatNeverListens) {
  folder_.Write("lazy", "#!/bin/sh\nexec tail -f /dev/null\n");
  std::filesystem::permissions(folder_.Sub("lazy"), std::filesystem::perms::owner_all);
  options_.program = folder_.Sub("lazy");
  options_.start_timeout = absl::Milliseconds(100);
  const absl::Status status = Start();
  EXPECT_TRUE(absl::StrContains(status.message(), "did not become healthy")) << status.message();
}

TEST_F(OpaSupervisorTest, SaysThatAProgramCannotBeExecuted) {
  folder_.Write("broken", "#!/no/such/interpreter\n");
  std::filesystem::permissions(folder_.Sub("broken"), std::filesystem::perms::owner_all);
  options_.program = folder_.Sub("broken");
  EXPECT_TRUE(absl::StrContains(Start().message(), "cannot start"));
}

TEST_F(OpaSupervisorTest, UsesAShortSocketPathWhereTheFolderIsTooDeep) {
  options_.work_folder = folder_.Sub(std::string(120, 'x'));
  ASSERT_TRUE(Start().ok());
  const std::string socket = supervisor_->address().substr(5);
  EXPECT_LE(socket.size(), Endpoint::UnixPathBytesMax());
  EXPECT_TRUE(Ask(*Decider(), "{}").ok());
  supervisor_.reset();
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(socket).parent_path()));
}

TEST_F(OpaSupervisorTest, StartsOverASocketThatAKilledServerLeft) {
  folder_.Write("work/opa.sock", "");
  EXPECT_TRUE(Start().ok());
}

TEST_F(OpaSupervisorTest, StopsItsChildAndRemovesItsSocket) {
  ASSERT_TRUE(Start().ok());
  const pid_t child = supervisor_->child();
  const std::string socket = supervisor_->address().substr(5);
  ASSERT_TRUE(Lives(child));
  supervisor_.reset();
  EXPECT_FALSE(Lives(child));
  EXPECT_FALSE(std::filesystem::exists(socket));
}

TEST_F(OpaSupervisorTest, KillsAChildThatDoesNotStop) {
  options_.stop_timeout = absl::Milliseconds(10);
  ASSERT_TRUE(Start().ok());
  const pid_t child = supervisor_->child();
  ::kill(child, SIGSTOP);  // deaf to SIGTERM
  supervisor_.reset();
  EXPECT_FALSE(Lives(child));
}

TEST_F(OpaSupervisorTest, StartsAKilledChildAgainAndAdmitsNothingMeanwhile) {
  options_.restart_after_min = absl::Milliseconds(100);
  folder_.Write("policies/append.rego", kAllowAll);
  ASSERT_TRUE(Start().ok());
  const auto decider = Decider();
  ASSERT_TRUE(Ask(*decider, "{}").ok());
  const pid_t first = supervisor_->child();
  ::kill(first, SIGKILL);
  // While nobody lives, nothing is admitted. A child that came back during a question makes that
  // question prove nothing.
  int undecided = 0;
  ASSERT_TRUE(fake::Eventually([&] {
    const int starts = supervisor_->restarts();
    const auto answer = Ask(*decider, "{}", absl::Seconds(1));
    if (!answer.ok()) ++undecided;
    if (starts == 0 && supervisor_->restarts() == 0 && !Lives(first)) {
      EXPECT_FALSE(answer.ok());
    }
    return answer.ok() && starts == 1;
  }));
  EXPECT_GT(undecided, 0);
  EXPECT_NE(supervisor_->child(), first);
}

TEST_F(OpaSupervisorTest, TellsAboutADeath) {
  absl::Mutex mutex;
  std::string events;
  options_.on_event = [&](absl::string_view what) {
    absl::MutexLock lock(&mutex);
    absl::StrAppend(&events, what, "\n");
  };
  ASSERT_TRUE(Start().ok());
  ::kill(supervisor_->child(), SIGKILL);
  EXPECT_TRUE(fake::Eventually([&] {
    absl::MutexLock lock(&mutex);
    return absl::StrContains(events, "ended with signal 9");
  }));
  supervisor_.reset();
}

TEST_F(OpaSupervisorTest, KeepsStartingAChildThatDiesAgainAndAgain) {
  options_.restart_after_min = absl::Milliseconds(1);
  options_.restart_after_max = absl::Milliseconds(5);
  ASSERT_TRUE(Start().ok());
  std::set<pid_t> seen;
  ASSERT_TRUE(fake::Eventually([&] {
    const pid_t child = supervisor_->child();
    if (child != 0 && seen.insert(child).second) ::kill(child, SIGKILL);
    return seen.size() >= 4;
  }));
  const auto decider = Decider();
  EXPECT_TRUE(fake::Eventually([&] { return Ask(*decider, "{}", absl::Seconds(1)).ok(); }));
}

TEST_F(OpaSupervisorTest, StopsWhileItWaitsToStartAgain) {
  options_.restart_after_min = absl::Hours(1);
  options_.restart_after_max = absl::Hours(1);
  ASSERT_TRUE(Start().ok());
  ::kill(supervisor_->child(), SIGKILL);
  ASSERT_TRUE(fake::Eventually([&] { return supervisor_->child() == 0; }));
  const absl::Duration start = clock_.Monotonic();
  supervisor_.reset();
  EXPECT_LT(clock_.Monotonic() - start, absl::Seconds(10));
}

TEST_F(OpaSupervisorTest, LeavesASlowPolicyUndecidedAndTheEngineWell) {
  folder_.Write("policies/append.rego", R"(package nexus.append
decision := {"allow": true, "deny": []} if {
  input.slow
  count([1 | some a in numbers.range(1, 5000); some b in numbers.range(1, 5000); a * b == 7]) > 0
}
decision := {"allow": true, "deny": []} if not input.slow)");
  ASSERT_TRUE(Start().ok());
  const auto decider = Decider();
  ASSERT_TRUE(Ask(*decider, R"({"slow":false})").ok());
  const auto late = Ask(*decider, R"({"slow":true})", absl::Milliseconds(50));
  EXPECT_EQ(FailureOf(late.status()), "timeout");
  EXPECT_TRUE(Ask(*decider, R"({"slow":false})").ok());
}

TEST_F(OpaSupervisorTest, LeavesAPolicyWithAConflictUndecidedForThatInputOnly) {
  folder_.Write("policies/append.rego", R"(package nexus.append
decision := {"allow": true, "deny": []}
decision := {"allow": false, "deny": []} if input.conflict)");
  ASSERT_TRUE(Start().ok());
  const auto decider = Decider();
  std::vector<Pending> good;
  const Pending bad(*decider, "append", R"({"conflict":true})", absl::Seconds(20));
  for (int i = 0; i < 30; ++i) {
    good.emplace_back(*decider, "append", absl::StrCat("{\"n\":", i, "}"), absl::Seconds(20));
  }
  EXPECT_EQ(FailureOf(bad.Get().status()), "engine_error");
  for (const Pending& one : good) EXPECT_TRUE(one.Get().ok()) << one.Get().status();
}

TEST_F(OpaSupervisorTest, TreatsABuiltInThatFailsAsUndecided) {
  folder_.Write("policies/append.rego", R"(package nexus.append
decision := {"allow": true, "deny": deny}
deny contains {"rule": "r", "message": "m"} if json.unmarshal(input.text).bad)");
  ASSERT_TRUE(Start().ok());
  const auto decider = Decider();
  EXPECT_TRUE(Ask(*decider, R"({"text":"{}"})")->allow);
  EXPECT_EQ(FailureOf(Ask(*decider, R"({"text":"{"})").status()), "engine_error");
}

// The thread that starts the child dies with the process, however that ends: so does the child.
TEST_F(OpaSupervisorTest, LeavesNoChildBehindWhenTheServerIsKilled) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // so that the grandchild's end can be waited for
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t server = ::fork();
  if (server == 0) {
    const pid_t child = Start().ok() ? supervisor_->child() : -1;
    [[maybe_unused]] const ssize_t n = ::write(pipe[1], &child, sizeof(child));
    while (true) ::pause();
  }
  pid_t child = -1;
  ASSERT_EQ(::read(pipe[0], &child, sizeof(child)), static_cast<ssize_t>(sizeof(child)));
  ::close(pipe[0]);
  ::close(pipe[1]);
  ASSERT_GT(child, 0);
  ASSERT_TRUE(Lives(child));
  ::kill(server, SIGKILL);
  ::waitpid(server, nullptr, 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
}

}  // namespace
}  // namespace nexus::policy

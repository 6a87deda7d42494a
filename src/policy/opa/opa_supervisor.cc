#include "policy/opa/opa_supervisor.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/opa/health_check.h"
#include "policy/opa/opa_program.h"
#include "policy/opa/policy_bundle.h"
#include "policy/opa/policy_inspection.h"
#include "policy/operations.h"

namespace nexus::policy {
namespace {

namespace fs = std::filesystem;

constexpr size_t kOutputBytesMax = 8 << 10;
// A child that lived this long did not die of its start.
constexpr absl::Duration kGoodLife = absl::Seconds(10);

bool Readable(int fd, absl::Duration timeout) {
  pollfd waits{fd, POLLIN, 0};
  return ::poll(&waits, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout))) > 0;
}

std::string FromEnvironment(const char* name, absl::string_view otherwise) {
  const char* value = std::getenv(name);
  return absl::StrCat(name, "=", value == nullptr ? otherwise : absl::string_view(value));
}

}  // namespace

absl::StatusOr<std::unique_ptr<OpaSupervisor>> OpaSupervisor::Start(
    const OpaSupervisorOptions& options, const Clock& clock) {
  std::unique_ptr<OpaSupervisor> supervisor(new OpaSupervisor(options, clock));
  NEXUS_RETURN_IF_ERROR(supervisor->Prepare());
  OpaSupervisor& self = *supervisor;
  self.thread_ = std::thread([&self] { self.Run(); });
  {
    absl::MutexLock lock(&self.mutex_);
    const auto started = [&self]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(self.mutex_) {
      return self.started_.has_value();
    };
    self.mutex_.Await(absl::Condition(&started));
    NEXUS_RETURN_IF_ERROR(*self.started_);
  }
  NEXUS_RETURN_IF_ERROR(self.Inspect());
  return supervisor;
}

OpaSupervisor::OpaSupervisor(const OpaSupervisorOptions& options, const Clock& clock)
    : options_(options), clock_(clock), restart_after_(options.restart_after_min) {}

OpaSupervisor::~OpaSupervisor() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  wake_.Signal();
  if (thread_.joinable()) thread_.join();
  std::error_code ignored;
  if (!socket_path_.empty()) fs::remove(socket_path_, ignored);
  if (!short_folder_.empty()) fs::remove_all(short_folder_, ignored);
}

absl::Status OpaSupervisor::Prepare() {
  NEXUS_ASSIGN_OR_RETURN(program_, FindOpa(options_.program));
  std::vector<PolicyFile> files;
  if (options_.policy_folder.empty()) {
    files = DefaultPolicyFiles();
  } else {
    NEXUS_ASSIGN_OR_RETURN(files, ReadPolicyFolder(options_.policy_folder));
  }
  revision_ = PolicyRevision(files);
  std::error_code error;
  const fs::path work = fs::absolute(options_.work_folder, error).lexically_normal();
  fs::create_directories(work, error);
  fs::permissions(work, fs::perms::owner_all, error);
  if (error) {
    return MakeError(ErrorReason::kInternal,
                     absl::StrCat("cannot make ", work.string(), ": ", error.message()));
  }
  bundle_folder_ = (work / "bundle").string();
  NEXUS_RETURN_IF_ERROR(WriteBundle(files, bundle_folder_));
  NEXUS_RETURN_IF_ERROR(ChooseSocket());
  address_ = absl::StrCat("unix:", socket_path_);
  NEXUS_ASSIGN_OR_RETURN(endpoint_, Endpoint::Parse(address_));
  return absl::OkStatus();
}

// What the child could not be asked for later, or would not refuse.
absl::Status OpaSupervisor::Inspect() {
  PolicyInspection inspection(program_, bundle_folder_);
  NEXUS_RETURN_IF_ERROR(inspection.Read());
  NEXUS_RETURN_IF_ERROR(inspection.Enforcement().status());
  for (const std::string& operation : inspection.packages()) {
    if (!IsOptional(operation)) continue;
    NEXUS_ASSIGN_OR_RETURN(const bool decides, inspection.Decides(operation));
    if (decides) operations_.insert(operation);
  }
  return absl::OkStatus();
}

absl::Status OpaSupervisor::ChooseSocket() {
  socket_path_ = (fs::path(bundle_folder_).parent_path() / "opa.sock").string();
  if (socket_path_.size() <= Endpoint::UnixPathBytesMax()) return absl::OkStatus();
  std::string folder = "/tmp/nexus-opa-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    return MakeError(ErrorReason::kInternal,
                     absl::StrCat("cannot make ", folder, ": ", std::strerror(errno)));
  }
  short_folder_ = folder;
  socket_path_ = folder + "/opa.sock";
  return absl::OkStatus();
}

ChildCommand OpaSupervisor::Command() const {
  ChildCommand command;
  command.program = program_;
  command.arguments = {"run", "--server", "--addr=unix://" + socket_path_, "--unix-socket-perm=600",
                       "--log-level=error", "--skip-version-check", "--shutdown-grace-period=1",
                       // Relative: OPA misplaces the data of a bundle whose path is not in its
                       // shortest form, and reads a colon as a prefix.
                       "--bundle", "bundle"};
  command.folder = fs::path(bundle_folder_).parent_path().string();
  // Nothing else of our environment: OPA_* variables would be settings of the child.
  command.environment = {
      FromEnvironment("PATH", "/usr/bin:/bin"),
      FromEnvironment("TMPDIR", "/tmp"),
      absl::StrCat("HOME=", command.folder),
      absl::StrCat("GOMAXPROCS=", options_.threads_max),
      absl::StrCat("GOGC=", options_.collect_percent),
      absl::StrCat("GOMEMLIMIT=", options_.memory_mib_soft, "MiB"),
  };
  return command;
}

void OpaSupervisor::Run() {
  while (!RunChild() && !first_start_ && AwaitRestart()) {
  }
  SetChild(0);
}

bool OpaSupervisor::RunChild() {
  std::error_code ignored;
  fs::remove(socket_path_, ignored);  // of a child that was killed
  output_.clear();
  output_open_ = true;
  absl::StatusOr<ChildProcess> child = ChildProcess::Spawn(Command());
  if (!child.ok()) {
    SetStarted(child.status());
    Say(child.status().message());
    return false;
  }
  const absl::Duration born = clock_.Monotonic();
  SetChild(child->pid());
  if (first_start_) {
    const absl::Status healthy = AwaitHealthy(*child);
    SetStarted(healthy);
    if (!healthy.ok()) return true;
    first_start_ = false;
  }
  while (!stopping() && !Ended(*child)) {
    Wait(*child, absl::Hours(1));
    ReadOutput(*child);
  }
  if (stopping()) {
    StopChild(*child);
    return true;
  }
  ReadOutput(*child);
  SetChild(0);
  if (clock_.Monotonic() - born > kGoodLife) restart_after_ = options_.restart_after_min;
  Say(absl::StrCat("opa ended with ", child->Reap(), "; starting it again in ",
                   absl::FormatDuration(restart_after_)));
  return false;
}

absl::Status OpaSupervisor::AwaitHealthy(ChildProcess& child) {
  const absl::Duration deadline = clock_.Monotonic() + options_.start_timeout;
  while (!CheckHealth(*endpoint_, absl::Seconds(1)).ok()) {
    Wait(child, absl::Milliseconds(2));
    ReadOutput(child);
    if (Ended(child)) {
      ReadOutput(child);
      const std::string whose =
          options_.policy_folder.empty() ? "its own policies" : options_.policy_folder;
      return MakeError(ErrorReason::kConfigurationInvalid,
                       absl::StrCat("opa did not start (", child.Reap(), ") with ", whose, ": ",
                                    absl::StripAsciiWhitespace(output_)));
    }
    if (stopping() || clock_.Monotonic() > deadline) {
      return MakeError(ErrorReason::kConfigurationInvalid,
                       absl::StrCat("opa did not become healthy within ",
                                    absl::FormatDuration(options_.start_timeout), ": ",
                                    absl::StripAsciiWhitespace(output_)));
    }
  }
  return absl::OkStatus();
}

void OpaSupervisor::Wait(const ChildProcess& child, absl::Duration timeout) {
  std::array<pollfd, 3> waits{{{wake_.fd(), POLLIN, 0},
                               {child.exit_fd(), POLLIN, 0},
                               {output_open_ ? child.output_fd() : -1, POLLIN, 0}}};
  ::poll(waits.data(), waits.size(), static_cast<int>(absl::ToInt64Milliseconds(timeout)));
}

bool OpaSupervisor::Ended(const ChildProcess& child) const {
  return Readable(child.exit_fd(), absl::ZeroDuration());
}

void OpaSupervisor::ReadOutput(const ChildProcess& child) {
  std::array<char, 4096> piece{};
  std::string fresh;
  while (true) {
    const ssize_t n = ::read(child.output_fd(), piece.data(), piece.size());
    if (n == 0) output_open_ = false;  // else poll() would report its end again and again
    if (n <= 0) break;
    fresh.append(piece.data(), static_cast<size_t>(n));
    if (fresh.size() >= kOutputBytesMax) break;
  }
  if (fresh.empty()) return;
  if (!first_start_) Say(absl::StrCat("opa says: ", absl::StripAsciiWhitespace(fresh)));
  output_.append(fresh);
  if (output_.size() > kOutputBytesMax) output_.erase(0, output_.size() - kOutputBytesMax);
}

void OpaSupervisor::StopChild(ChildProcess& child) {
  child.Signal(SIGTERM);
  if (!Readable(child.exit_fd(), options_.stop_timeout)) child.Signal(SIGKILL);
  child.Reap();
}

bool OpaSupervisor::AwaitRestart() {
  const absl::Duration wait = restart_after_;
  restart_after_ = std::min(restart_after_ * 2, options_.restart_after_max);
  Readable(wake_.fd(), wait);
  return !stopping();
}

void OpaSupervisor::SetStarted(absl::Status status) {
  absl::MutexLock lock(&mutex_);
  if (!started_.has_value()) started_ = std::move(status);
}

void OpaSupervisor::SetChild(pid_t pid) {
  absl::MutexLock lock(&mutex_);
  child_ = pid;
  if (pid != 0) ++starts_;
}

bool OpaSupervisor::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

pid_t OpaSupervisor::child() const {
  absl::MutexLock lock(&mutex_);
  return child_;
}

int OpaSupervisor::restarts() const {
  absl::MutexLock lock(&mutex_);
  return std::max(0, starts_ - 1);
}

void OpaSupervisor::Say(absl::string_view what) const {
  if (options_.on_event) options_.on_event(what);
}

}  // namespace nexus::policy

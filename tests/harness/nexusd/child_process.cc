#include "harness/nexusd/child_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"

namespace nexus::harness {
namespace {

std::vector<std::string> MergedEnvironment(
    const std::vector<std::pair<std::string, std::string>>& extra) {
  std::map<std::string, std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const size_t equals = text.find('=');
    if (equals != std::string::npos) merged[text.substr(0, equals)] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : extra) merged[name] = value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : merged) lines.push_back(absl::StrCat(name, "=", value));
  return lines;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Between fork and exec: async-signal-safe calls only.
[[noreturn]] void BecomeChild(pid_t parent, int output, const char* folder, char** arguments,
                              char** environment) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // the parent died before prctl()
  const int null = open("/dev/null", O_RDONLY);
  dup2(null, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  if (folder != nullptr && chdir(folder) != 0) _exit(127);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(arguments[0], arguments, environment);
  _exit(127);
}

// By number: the header of glibc 2.36 declares pidfd_open() so that C++ cannot link it.
int OpenPidfd(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

ExitStatus FromWait(const siginfo_t& info) {
  ExitStatus status;
  if (info.si_code == CLD_EXITED) {
    status.code = info.si_status;
  } else {
    status.signal = info.si_status;
  }
  return status;
}

}  // namespace

std::string ExitStatus::ToString() const {
  if (code.has_value()) return absl::StrCat("exit code ", *code);
  return absl::StrCat("signal ", signal.value_or(0));
}

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(const ChildOptions& options) {
  if (options.command.empty() || access(options.command[0].c_str(), X_OK) != 0) {
    return absl::NotFoundError(
        absl::StrCat("no such program: ", options.command.empty() ? "(none)" : options.command[0]));
  }
  std::vector<std::string> command = options.command;
  std::vector<std::string> environment = MergedEnvironment(options.environment);
  std::vector<char*> arguments = Pointers(command);
  std::vector<char*> variables = Pointers(environment);
  const char* folder = options.working_folder.empty() ? nullptr : options.working_folder.c_str();
  const int output = memfd_create("child-output", MFD_CLOEXEC);
  if (output < 0) return absl::ErrnoToStatus(errno, "memfd_create");
  fcntl(output, F_SETFL, O_APPEND);  // two writers of one file must not overwrite each other

  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) BecomeChild(parent, output, folder, arguments.data(), variables.data());
  if (pid < 0) {
    const absl::Status status = absl::ErrnoToStatus(errno, "fork");
    close(output);
    return status;
  }
  setpgid(pid, pid);  // here too: whoever is first, the group exists before we signal it
  return absl::WrapUnique(new ChildProcess(pid, OpenPidfd(pid), output));
}

ChildProcess::~ChildProcess() {
  // The zombie keeps the group's number from being used again until waitpid().
  kill(-pid_, SIGKILL);
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  close(pidfd_);
  close(output_);
}

void ChildProcess::Signal(int signal) { kill(pid_, signal); }

absl::StatusOr<ExitStatus> ChildProcess::WaitForExit(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (true) {
    const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
    struct pollfd wait = {pidfd_, POLLIN, 0};
    const int ready = poll(&wait, 1, static_cast<int>(std::clamp<int64_t>(left, 0, 1'000'000)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready > 0) break;
    if (left <= 0) return absl::DeadlineExceededError("the process still runs");
  }
  siginfo_t info = {};
  // WNOWAIT: it stays a zombie until the destructor, so that its number cannot pass to another.
  if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0) {
    return absl::ErrnoToStatus(errno, "waitid");
  }
  return FromWait(info);
}

bool ChildProcess::Running() { return !WaitForExit(absl::ZeroDuration()).ok(); }

std::string ChildProcess::Output() const {
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t got = pread(output_, buffer, sizeof(buffer), static_cast<off_t>(text.size()));
    if (got <= 0) return text;
    text.append(buffer, static_cast<size_t>(got));
  }
}

}  // namespace nexus::harness

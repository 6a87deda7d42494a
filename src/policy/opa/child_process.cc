#include "policy/opa/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::policy {
namespace {

constexpr int kExecFailed = 127;

absl::Status Failed(absl::string_view what, int error) {
  return MakeError(ErrorReason::kInternal, absl::StrCat(what, ": ", std::strerror(error)));
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// All that the child needs, made before the fork: between fork and exec only async-signal-safe
// calls are allowed, for another thread may have held the allocator's lock.
struct ExecPlan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* folder;
  int output;
  int error_report;
  pid_t parent;
};

[[noreturn]] void RunChild(const ExecPlan& plan) {
  // Signals of the terminal are for the server, which drains; the child lives until it is told.
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan.parent) ::_exit(kExecFailed);  // it died before the line above
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::dup2(plan.output, STDOUT_FILENO);
  ::dup2(plan.output, STDERR_FILENO);
  // Descriptor 3 reports a failed exec and closes itself when it succeeds; nothing else is
  // inherited.
  ::dup3(plan.error_report, 3, O_CLOEXEC);
  ::syscall(SYS_close_range, 4U, ~0U, 0U);
  if (::chdir(plan.folder) == 0) ::execve(plan.program, plan.arguments, plan.environment);
  const int error = errno;
  [[maybe_unused]] const ssize_t n = ::write(3, &error, sizeof(error));
  ::_exit(kExecFailed);
}

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

absl::StatusOr<Pipe> MakePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Failed("pipe", errno);
  Pipe pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
  // Away from the low numbers, which the child assigns.
  const int high = ::fcntl(pipe.write.get(), F_DUPFD_CLOEXEC, 10);
  if (high < 0) return Failed("fcntl", errno);
  pipe.write.Reset(high);
  return pipe;
}

}  // namespace

absl::StatusOr<ChildProcess> ChildProcess::Spawn(const ChildCommand& command) {
  absl::StatusOr<Pipe> output = MakePipe();
  absl::StatusOr<Pipe> report = MakePipe();
  if (!output.ok()) return output.status();
  if (!report.ok()) return report.status();
  std::vector<std::string> arguments = command.arguments;
  arguments.insert(arguments.begin(), command.program);
  const std::vector<char*> argument_pointers = Pointers(arguments);
  const std::vector<char*> environment_pointers = Pointers(command.environment);
  const ExecPlan plan{command.program.c_str(),
                      argument_pointers.data(),
                      environment_pointers.data(),
                      command.folder.c_str(),
                      output->write.get(),
                      report->write.get(),
                      ::getpid()};
  // _Fork() runs no atfork handlers: libraries of this process have no say in it.
  const pid_t pid = ::_Fork();
  if (pid < 0) return Failed("fork", errno);
  if (pid == 0) RunChild(plan);
  report->write.Reset();
  int error = 0;
  const bool failed = ::read(report->read.get(), &error, sizeof(error)) == sizeof(error);
  FileDescriptor exit_fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (failed || !exit_fd.valid()) {
    if (!failed) error = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return Failed(absl::StrCat("cannot start ", command.program), error);
  }
  ::fcntl(output->read.get(), F_SETFL, O_NONBLOCK);
  return ChildProcess(pid, std::move(exit_fd), std::move(output->read));
}

ChildProcess::ChildProcess(pid_t pid, FileDescriptor exit_fd, FileDescriptor output_fd)
    : pid_(pid), exit_fd_(std::move(exit_fd)), output_fd_(std::move(output_fd)) {}

ChildProcess::~ChildProcess() {
  if (!exit_fd_.valid()) return;
  Signal(SIGKILL);
  Reap();
}

void ChildProcess::Signal(int signal) const {
  if (exit_fd_.valid()) ::syscall(SYS_pidfd_send_signal, exit_fd_.get(), signal, nullptr, 0);
}

std::string ChildProcess::Reap() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  exit_fd_.Reset();
  if (WIFSIGNALED(status)) return absl::StrCat("signal ", WTERMSIG(status));
  return absl::StrCat("exit code ", WEXITSTATUS(status));
}

}  // namespace nexus::policy

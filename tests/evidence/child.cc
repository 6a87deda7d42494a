#include "evidence/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"

namespace nexus::evidence {
namespace {

constexpr unsigned kSecondsMax = 120;

// In the child: no core file, no noise, no life after its parent's or without end.
void Prepare() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  alarm(kSecondsMax);
  if (getenv("NEXUS_EVIDENCE_TALK") != nullptr) return;
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
}

}  // namespace

bool ChildEnd::Aborted() const { return signal == SIGABRT; }

std::string ChildEnd::ToString() const {
  return signal != 0 ? absl::StrCat("signal ", signal) : absl::StrCat("exit code ", code);
}

Child::Child(const std::function<void()>& body) : pid_(0) {
  fflush(nullptr);
  pid_ = fork();
  if (pid_ < 0) abort();
  if (pid_ > 0) return;
  Prepare();
  body();
  _exit(0);
}

Child::~Child() {
  if (!ended_) Kill();
}

void Child::Kill() {
  kill(pid_, SIGKILL);
  Wait();
}

ChildEnd Child::Wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) abort();
  }
  ended_ = true;
  ChildEnd end;
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.code = WEXITSTATUS(status);
  return end;
}

void* MapShared(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) abort();
  return memory;
}

void UnmapShared(void* memory, size_t bytes) { munmap(memory, bytes); }

}  // namespace nexus::evidence

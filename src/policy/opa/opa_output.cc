#include "policy/opa/opa_output.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/opa/child_process.h"

namespace nexus::policy {
namespace {

constexpr size_t kSaidBytesMax = 64 << 20;

std::string Path() {
  const char* path = std::getenv("PATH");
  return absl::StrCat("PATH=", path == nullptr ? "/usr/bin:/bin" : path);
}

// Appends what there is; false at the end of it.
bool Drain(int fd, std::string& output) {
  std::array<char, 64 << 10> piece{};
  while (true) {
    const ssize_t n = ::read(fd, piece.data(), piece.size());
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    output.append(piece.data(), static_cast<size_t>(n));
    if (output.size() > kSaidBytesMax) return false;
  }
}

}  // namespace

absl::StatusOr<OpaEnd> RunOpaToTheEnd(const OpaRun& run) {
  ChildCommand command;
  command.program = run.program;
  command.arguments = run.arguments;
  command.environment = {Path(), "HOME=" + run.folder};
  command.folder = run.folder;
  NEXUS_ASSIGN_OR_RETURN(ChildProcess child, ChildProcess::Spawn(command));
  std::string output;
  bool open = true;
  const auto patience = static_cast<int>(absl::ToInt64Milliseconds(run.silence_max));
  pollfd waits{child.output_fd(), POLLIN, 0};
  while (open && ::poll(&waits, 1, patience) > 0) open = Drain(child.output_fd(), output);
  if (open || output.size() > kSaidBytesMax) child.Signal(SIGKILL);
  return OpaEnd{std::move(output), child.Reap()};
}

absl::StatusOr<std::string> RunOpa(const OpaRun& run) {
  NEXUS_ASSIGN_OR_RETURN(OpaEnd end, RunOpaToTheEnd(run));
  if (end.succeeded()) return std::move(end.output);
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat("`opa ", absl::StrJoin(run.arguments, " "), "` ended with ",
                                end.how, ": ", absl::StripAsciiWhitespace(end.output)));
}

}  // namespace nexus::policy

#pragma once

// A program that runs as our child and dies with us.
//
// Not thread-safe; but see Spawn() about threads.

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/opa/file_descriptor.h"

namespace nexus::policy {

struct ChildCommand {
  std::string program;                   // path
  std::vector<std::string> arguments;    // without the program itself
  std::vector<std::string> environment;  // all of it, "NAME=value"
  std::string folder;                    // where it runs
};

class ChildProcess {
 public:
  // The child is killed by the kernel when the *thread* that called this ends: call it on one that
  // lives as long as the child should. kInternal if it cannot be started.
  static absl::StatusOr<ChildProcess> Spawn(const ChildCommand& command);

  ChildProcess(ChildProcess&&) noexcept = default;
  ChildProcess& operator=(ChildProcess&&) = delete;
  // Kills it and waits for its end, if that did not happen before.
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  int exit_fd() const { return exit_fd_.get(); }      // readable once it has ended
  int output_fd() const { return output_fd_.get(); }  // what it writes to stdout and stderr
  void Signal(int signal) const;

  // Call once exit_fd() is readable. "exit code 1", "signal 9".
  std::string Reap();

 private:
  ChildProcess(pid_t pid, FileDescriptor exit_fd, FileDescriptor output_fd);

  const pid_t pid_;
  FileDescriptor exit_fd_;  // invalid once reaped or moved from
  FileDescriptor output_fd_;
};

}  // namespace nexus::policy

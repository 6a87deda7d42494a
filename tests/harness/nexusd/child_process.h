#pragma once

// A program that a test starts, watches and ends. Its output goes to memory.

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace nexus::harness {

struct ChildOptions {
  std::vector<std::string> command;  // absolute path of the program, then its arguments
  std::vector<std::pair<std::string, std::string>> environment;  // on top of this process's own
  std::string working_folder;                                    // empty: this process's own
};

// How a process ended. Exactly one of the two is set.
struct ExitStatus {
  std::optional<int> code;
  std::optional<int> signal;

  bool Succeeded() const { return code == 0; }
  std::string ToString() const;
};

// One child in a process group of its own, so that what the child starts ends with it. Start it
// from a thread that outlives it: the kernel kills the child when that thread ends, so a test that
// crashes leaves nothing behind. Not thread-safe, except Output() and Signal().
class ChildProcess {
 public:
  // kNotFound if the program is missing. Standard input is empty.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(const ChildOptions& options);

  // Kills what is left of the group and waits for the child.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Sends `signal` to the child alone, not to its children. Nothing happens if it has ended.
  void Signal(int signal);

  // kDeadlineExceeded if it still runs after `timeout`. May be called again after the end.
  absl::StatusOr<ExitStatus> WaitForExit(absl::Duration timeout);
  bool Running();

  // What the child and its children wrote to standard output and error so far.
  std::string Output() const;

  pid_t pid() const { return pid_; }

 private:
  ChildProcess(pid_t pid, int pidfd, int output) : pid_(pid), pidfd_(pidfd), output_(output) {}

  const pid_t pid_;
  const int pidfd_;
  const int output_;
};

}  // namespace nexus::harness

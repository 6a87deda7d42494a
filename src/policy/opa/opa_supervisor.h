#pragma once

// Runs an OPA of our own: writes its policies, starts it on a Unix socket, starts it again when it
// dies, stops it. It dies with this process, however that ends.
//
// Thread-safe. One thread waits for the child; idle, it uses no CPU.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/core/clock.h"
#include "policy/opa/child_process.h"
#include "policy/opa/endpoint.h"
#include "policy/opa/wake_event.h"

namespace nexus::policy {

struct OpaSupervisorOptions {
  std::string program;        // a path, or a name to search for (policy/opa/opa_program.h)
  std::string policy_folder;  // empty: the policies that come with the program
  std::string work_folder;    // bundle and socket go here; made if absent, ours alone
  absl::Duration start_timeout = absl::Seconds(10);
  absl::Duration restart_after_min = absl::Milliseconds(20);  // doubles with each early death
  absl::Duration restart_after_max = absl::Seconds(2);
  absl::Duration stop_timeout = absl::Seconds(2);  // from SIGTERM to SIGKILL
  int threads_max = 2;                             // GOMAXPROCS of the child
  int collect_percent = 400;                       // its GOGC: memory against CPU
  int memory_mib_soft = 512;  // its GOMEMLIMIT: above, it collects whatever GOGC says
  // One line for the log about each start, death and output of the child. Called on the
  // supervisor's thread; must not block. May be empty.
  std::function<void(absl::string_view)> on_event;
};

class OpaSupervisor {
 public:
  // Returns once the child answers with all policies active. CONFIGURATION_INVALID, with what OPA
  // said, if there is no program or the policies do not compile. `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<OpaSupervisor>> Start(const OpaSupervisorOptions& options,
                                                              const Clock& clock);

  // Stops the child: SIGTERM, then SIGKILL.
  ~OpaSupervisor();

  // For OpaDeciderOptions::address.
  const std::string& address() const { return address_; }
  const std::string& revision() const { return revision_; }  // of the policies
  // Of those that policies need not decide: the ones that these do.
  const std::set<std::string, std::less<>>& operations() const { return operations_; }
  pid_t child() const;  // 0: none at this moment
  int restarts() const;

 private:
  OpaSupervisor(const OpaSupervisorOptions& options, const Clock& clock);

  absl::Status Prepare();
  // Once the child is healthy: what it would say of its policies is better than what this does.
  absl::Status Inspect();
  absl::Status ChooseSocket();
  ChildCommand Command() const;
  void Run();
  // Runs one child to its end. True if it was told to stop.
  bool RunChild();
  absl::Status AwaitHealthy(ChildProcess& child);
  // Waits for output, the end of the child or the call to stop; at most `timeout`.
  void Wait(const ChildProcess& child, absl::Duration timeout);
  bool Ended(const ChildProcess& child) const;
  void ReadOutput(const ChildProcess& child);
  void StopChild(ChildProcess& child);
  bool AwaitRestart();
  void SetStarted(absl::Status status);
  void SetChild(pid_t pid);
  bool stopping() const;
  void Say(absl::string_view what) const;

  const OpaSupervisorOptions options_;
  const Clock& clock_;
  // Constant after Prepare().
  std::string program_;
  std::string bundle_folder_;
  std::string short_folder_;  // made for the socket; empty if the work folder will do
  std::string socket_path_;
  std::string address_;
  std::string revision_;
  std::set<std::string, std::less<>> operations_;
  std::optional<Endpoint> endpoint_;
  // Self-synchronised.
  WakeEvent wake_;
  // The thread's own.
  std::string output_;  // the last of what the child wrote
  bool output_open_ = true;
  absl::Duration restart_after_;
  bool first_start_ = true;

  mutable absl::Mutex mutex_;
  std::optional<absl::Status> started_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  pid_t child_ ABSL_GUARDED_BY(mutex_) = 0;
  int starts_ ABSL_GUARDED_BY(mutex_) = 0;

  std::thread thread_;
};

}  // namespace nexus::policy

#pragma once

// The real daemon, started on free ports in a folder of the test.
//
//   TemporaryFolder folder;
//   NexusdOptions options;
//   options.data_folder = folder / "data";
//   NEXUS_ASSIGN_OR_RETURN(auto nexusd, NexusdProcess::Start(options));
//   auto stub = v1::EventStoreService::NewStub(nexusd->Channel());
//
// Callers link nexus::harness_nexusd, and nexus::proto for the stubs.

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "harness/nexusd/child_process.h"

namespace nexus::harness {

struct NexusdOptions {
  std::string data_folder;             // made by the daemon if it is missing
  std::vector<std::string> arguments;  // after --data, --grpc and --http
  std::vector<std::pair<std::string, std::string>> environment;
  std::string program;                                    // empty: DefaultNexusd()
  std::shared_ptr<grpc::ChannelCredentials> credentials;  // null: in the clear
  absl::Duration ready_timeout = absl::Seconds(60);  // sanitizer builds on a busy machine are slow
};

// What the daemon writes to DIR/endpoints.json.
struct Endpoints {
  std::string grpc;  // "127.0.0.1:34567"
  std::string http;
  pid_t pid = 0;
};

// $NEXUS_BIN_DIR/nexusd.
std::string DefaultNexusd();

// kUnavailable while the file is missing or half written.
absl::StatusOr<Endpoints> ReadEndpoints(const std::string& data_folder);

// Not thread-safe, except Channel() and Output(). Kills the daemon when destroyed.
class NexusdProcess {
 public:
  // Starts the daemon and waits until it is ready. An error carries the daemon's output.
  static absl::StatusOr<std::unique_ptr<NexusdProcess>> Start(const NexusdOptions& options);
  // Starts it and does not wait: for daemons that are to fail, or to be killed while they start.
  static absl::StatusOr<std::unique_ptr<NexusdProcess>> Launch(const NexusdOptions& options);

  // Returns when endpoints.json is there and the gRPC health service says SERVING.
  absl::Status WaitUntilReady(absl::Duration timeout);

  // SIGTERM, then waits. kDeadlineExceeded if it does not stop in time.
  absl::StatusOr<ExitStatus> Terminate(absl::Duration timeout = absl::Seconds(60));
  // SIGKILL to the daemon alone, as a crash would end it; returns when it is gone.
  void Kill();
  void Signal(int signal) { child_->Signal(signal); }
  absl::StatusOr<ExitStatus> WaitForExit(absl::Duration timeout) {
    return child_->WaitForExit(timeout);
  }
  bool Running() { return child_->Running(); }

  // A new connection each call. Only after it was ready.
  std::shared_ptr<grpc::Channel> Channel() const { return Channel(credentials_); }
  std::shared_ptr<grpc::Channel> Channel(
      const std::shared_ptr<grpc::ChannelCredentials>& credentials) const;
  const Endpoints& endpoints() const { return endpoints_; }
  std::string Output() const { return child_->Output(); }
  pid_t pid() const { return child_->pid(); }

 private:
  NexusdProcess(const NexusdOptions& options, std::unique_ptr<ChildProcess> child)
      : data_folder_(options.data_folder),
        credentials_(options.credentials),
        child_(std::move(child)) {}

  absl::Status WaitForEndpoints(absl::Time deadline);
  absl::Status WaitForService(absl::Time deadline);

  const std::string data_folder_;
  const std::shared_ptr<grpc::ChannelCredentials> credentials_;
  const std::unique_ptr<ChildProcess> child_;
  Endpoints endpoints_;
};

}  // namespace nexus::harness

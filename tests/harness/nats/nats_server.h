#pragma once

// A real nats-server (Debian's package) with JetStream, on a free loopback port, with a folder of
// its own.
//
//   NEXUS_ASSIGN_OR_RETURN(auto nats, NatsServer::Start());
//   options.servers = nats->address();
//
// Start it from a thread that outlives it. Not thread-safe.

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harness/nexusd/child_process.h"
#include "harness/nexusd/temporary_folder.h"

namespace nexus::harness {

class NatsServer {
 public:
  struct Options {
    bool jetstream = true;
    std::string extra_config = {};
  };

  // kNotFound, with a line that says how to install it, if it is not there.
  static absl::Status FindPrograms();

  // Starts a server with empty data and waits until it answers. Errors carry its output.
  static absl::StatusOr<std::unique_ptr<NatsServer>> Start(const Options& options);
  static absl::StatusOr<std::unique_ptr<NatsServer>> Start() { return Start(Options()); }

  // Of 127.0.0.1, the same for the life of this object.
  int port() const { return port_; }
  std::string address() const;

  void Kill();
  // SIGTERM; returns when it is gone.
  void Stop();
  // Again on the same port and data; with another configuration if one is given.
  absl::Status Restart();
  absl::Status RestartWith(const Options& options);
  // Stops the whole program, as a machine that hangs; and lets it go on.
  void Pause();
  void GoOn();

  std::string Output() const { return child_ ? child_->Output() : ""; }

 private:
  explicit NatsServer(int port) : port_(port) {}

  void WriteConfig(const Options& options);
  absl::Status WaitUntilReady();

  const int port_;
  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> child_;
};

}  // namespace nexus::harness

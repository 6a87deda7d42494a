#pragma once

// A real RabbitMQ broker (Debian's package) on free loopback ports, in a folder of its own, with an
// Erlang port mapper and a cookie of its own: any number beside each other, and beside one of the
// machine's.
//
//   NEXUS_ASSIGN_OR_RETURN(auto rabbit, RabbitMqServer::Start());
//   options.brokers = rabbit->address();
//
// It takes seconds to start: share one in a test binary, with an exchange and queues for each test.
// Start it from a thread that outlives it. Not thread-safe.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "harness/nexusd/child_process.h"
#include "harness/nexusd/temporary_folder.h"

namespace nexus::harness {

class RabbitMqServer {
 public:
  struct Options {
    std::string extra_config = {};  // lines of rabbitmq.conf
    // PEM; all three empty: no TLS port. With `ca` clients must show a certificate of it.
    std::string certificate = {};
    std::string key = {};
    std::string client_ca = {};
  };

  // kNotFound, with a line that says how to install it, if it is not there.
  static absl::Status FindPrograms();

  // Starts a broker with empty data and waits until it answers. Errors carry its output.
  static absl::StatusOr<std::unique_ptr<RabbitMqServer>> Start(const Options& options);
  static absl::StatusOr<std::unique_ptr<RabbitMqServer>> Start() { return Start(Options()); }
  ~RabbitMqServer();

  // Of 127.0.0.1, the same for the life of this object. User and password are "guest".
  int port() const { return port_; }
  int tls_port() const { return tls_port_; }
  std::string address() const;

  // SIGKILL to all of it, as a crash would end it.
  void Kill();
  // SIGTERM; returns when it is gone.
  void Stop();
  // Starts it again on the same ports and data, and waits until it answers.
  absl::Status Restart();
  // Stops the whole program, as a machine that hangs; and lets it go on.
  void Pause();
  void GoOn();

  // rabbitmqctl with these arguments: what it says.
  absl::StatusOr<std::string> Control(const std::vector<std::string>& arguments);

  std::string Output() const { return broker_ ? broker_->Output() : ""; }

 private:
  RabbitMqServer(int port, int tls_port, int node_port, int mapper_port)
      : port_(port), tls_port_(tls_port), node_port_(node_port), mapper_port_(mapper_port) {}

  void WriteConfig(const Options& options);
  std::vector<std::pair<std::string, std::string>> Environment() const;
  absl::Status StartMapper();
  absl::Status WaitUntilReady();

  const int port_;
  const int tls_port_;
  const int node_port_;
  const int mapper_port_;
  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> mapper_;
  std::unique_ptr<ChildProcess> broker_;
};

}  // namespace nexus::harness

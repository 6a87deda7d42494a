#pragma once

// A real Kafka broker (KRaft, one node) on free loopback ports, in a folder of its own.
//
//   NEXUS_ASSIGN_OR_RETURN(auto kafka, KafkaServer::Start());
//   NEXUS_RETURN_IF_ERROR(kafka->CreateTopic("nexus.events", 3));
//   options.brokers = kafka->brokers();
//
// It takes seconds to start: share one in a test binary, one topic a test. Start it from a thread
// that outlives it. Not thread-safe.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "harness/nexusd/child_process.h"
#include "harness/nexusd/free_port.h"
#include "harness/nexusd/temporary_folder.h"

namespace nexus::harness {

class KafkaServer {
 public:
  // kNotFound, with a line that says how to install them, if Kafka's jars or Java are not there.
  static absl::Status FindPrograms();

  // Starts a broker with empty data and waits until it answers. Errors carry its output.
  static absl::StatusOr<std::unique_ptr<KafkaServer>> Start() { return Start(FreePort(), 0); }
  // One with a second address: it listens on `proxied_port` too, and sends the clients that come
  // there on to `proxy_port`, where a proxy passes them back.
  static absl::StatusOr<std::unique_ptr<KafkaServer>> Start(int proxied_port, int proxy_port);

  // "127.0.0.1:port", the same for the life of this object.
  std::string brokers() const;

  // SIGKILL, as a crash would end it; returns when it is gone.
  void Kill();
  // SIGTERM; returns when it is gone.
  absl::Status Stop();
  // Stops the whole program, as a machine that hangs; and lets it go on.
  void Pause();
  void GoOn();
  // Starts it again on the same ports and data, after Kill() or Stop(), and waits until it answers.
  absl::Status Restart();

  absl::Status CreateTopic(const std::string& topic, int partitions);
  // Its settings are these afterwards, and all others the default.
  absl::Status SetTopic(const std::string& topic,
                        const std::vector<std::pair<std::string, std::string>>& settings);
  std::string Output() const { return child_ ? child_->Output() : ""; }

 private:
  KafkaServer(int port, int controller_port, int proxied_port, int proxy_port)
      : port_(port),
        controller_port_(controller_port),
        proxied_port_(proxied_port),
        proxy_port_(proxy_port) {}

  absl::Status Format();
  absl::Status WaitUntilReady(absl::Duration timeout);

  const int port_;
  const int controller_port_;
  const int proxied_port_;
  const int proxy_port_;  // 0: there is no second address
  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> child_;
};

}  // namespace nexus::harness

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

  // One with another second address: who comes there logs in as `user` with `password` (SASL
  // PLAIN, no TLS) and may do nothing until AllowInKafka() (kafka_rights.h).
  static absl::StatusOr<std::unique_ptr<KafkaServer>> StartSecured(std::string user,
                                                                   std::string password);

  // "127.0.0.1:port", the same for the life of this object.
  std::string brokers() const;
  std::string secured_brokers() const;
  // From the next Restart() on.
  void SetPassword(std::string password);

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
  struct Addresses {
    int port = FreePort();
    int controller = FreePort();
    int proxied = 0;
    int proxy = 0;  // 0: there is no such address
    int secured = 0;
    std::string user = {};
    std::string password = {};
  };
  explicit KafkaServer(Addresses addresses) : at_(std::move(addresses)) {}

  static absl::StatusOr<std::unique_ptr<KafkaServer>> Start(Addresses addresses);
  static std::string Listeners(const Addresses& at);
  static std::string Security(const Addresses& at);
  std::string Controller() const;
  void WriteProperties() const;
  absl::Status Format();
  absl::Status WaitUntilReady(absl::Duration timeout);

  Addresses at_;
  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> child_;
};

}  // namespace nexus::harness

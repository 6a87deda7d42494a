#pragma once

// A client of RabbitMQ for tests: makes exchanges and queues, and reads as a consumer would.

#include <amqp.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace nexus::harness {

struct RabbitMqRecord {
  std::string routing_key;
  std::string body;
  std::string message_id;
  std::string content_type;
  uint8_t delivery_mode = 0;
  uint64_t timestamp = 0;
  std::map<std::string, std::string> headers;
};

// One connection as "guest". Not thread-safe.
class RabbitMqReader {
 public:
  static absl::StatusOr<std::unique_ptr<RabbitMqReader>> Connect(int port);
  ~RabbitMqReader();

  absl::Status DeclareExchange(const std::string& name, const std::string& type = "topic");
  // Durable and bound. `full_at`: a quorum queue that takes no more than so many (0: a classic one
  // without a limit).
  absl::Status DeclareQueue(const std::string& name, const std::string& exchange,
                            const std::string& binding, int full_at = 0);

  // Takes all messages of a queue in order until `enough` says so; kDeadlineExceeded with their
  // number if it does not within `timeout`.
  absl::StatusOr<std::vector<RabbitMqRecord>> Read(
      const std::string& queue, absl::FunctionRef<bool(const std::vector<RabbitMqRecord>&)> enough,
      absl::Duration timeout);
  // Takes what is there now, and waits for nothing.
  absl::StatusOr<std::vector<RabbitMqRecord>> TakeAll(const std::string& queue);
  // Takes one and gives it back, as a consumer that fails does. False: the queue is empty.
  absl::StatusOr<bool> Reject(const std::string& queue);

 private:
  explicit RabbitMqReader(amqp_connection_state_t state) : state_(state) {}

  absl::Status Outcome(absl::string_view what);

  amqp_connection_state_t state_;
};

}  // namespace nexus::harness

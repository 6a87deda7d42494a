#pragma once

// One connection to RabbitMQ with one channel that confirms what is published on it.
//
// Used by one thread. Calls of the library that may not return are under the watchdog. Destroying
// it closes the socket and waits for nothing.

#include <amqp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/event.h"
#include "sink/outbound/message.h"
#include "sink/rabbitmq/rabbitmq_options.h"
#include "sink/rabbitmq/send_watchdog.h"

namespace nexus::sink {

// What the broker says by itself.
struct Confirmed {
  uint64_t tag = 0;
  bool multiple = false;  // and all before it
  bool taken = false;     // false: a nack
};
struct Returned {
  std::string message_id;
  std::string why;
};
struct Blocked {
  std::string why;
};
struct Unblocked {};
struct Closed {
  uint16_t code = 0;  // of AMQP
  std::string why;
};
using Notice = std::variant<Confirmed, Returned, Blocked, Unblocked, Closed>;

class RabbitMqConnection {
 public:
  // Connects, logs in, opens the channel and makes it confirm. kUnavailable says why not; no
  // message holds the password.
  static absl::StatusOr<std::unique_ptr<RabbitMqConnection>> Open(const RabbitMqOptions& options,
                                                                  const BrokerAddress& broker,
                                                                  SendWatchdog& watchdog);
  ~RabbitMqConnection();
  RabbitMqConnection(const RabbitMqConnection&) = delete;
  RabbitMqConnection& operator=(const RabbitMqConnection&) = delete;

  // Makes or looks for what events are published to. An answer that is not OK leaves the channel
  // closed.
  absl::Status Prepare();

  // Persistent, and to come back if nobody is bound to `routing_key`. Not OK: the connection is
  // lost.
  absl::Status Publish(const std::string& routing_key, const RecordedEvent& event,
                       const Message& message);

  // What has come; nothing if nothing has. Sends and expects heartbeats. Not OK: the connection is
  // lost.
  absl::StatusOr<std::optional<Notice>> Next();

  // Says that it goes, so that the broker does not log a lost connection.
  void SayGoodbye();

  // To be polled for bytes.
  int fd() const { return amqp_get_sockfd(state_); }

 private:
  RabbitMqConnection(const RabbitMqOptions& options, SendWatchdog& watchdog);

  absl::Status LogIn(const std::string& password);
  absl::StatusOr<std::optional<Notice>> NoticeOf(const amqp_frame_t& frame);
  absl::StatusOr<std::optional<Notice>> ReadReturned(const amqp_basic_return_t& method);
  absl::Status Lost(int status, absl::string_view what) const;

  const RabbitMqOptions& options_;
  SendWatchdog& watchdog_;
  amqp_connection_state_t state_;
};

}  // namespace nexus::sink

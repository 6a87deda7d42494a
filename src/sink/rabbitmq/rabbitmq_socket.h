#pragma once

// The socket of a connection to RabbitMQ, in plaintext or TLS.

#include <amqp.h>

#include "absl/status/status.h"
#include "sink/rabbitmq/rabbitmq_options.h"

namespace nexus::sink {

// Connects, and has TLS prove who the broker is. kUnavailable says why not. Waits for at most the
// connect timeout, and for the resolver of names.
absl::Status OpenSocket(amqp_connection_state_t state, const BrokerAddress& broker,
                        const RabbitMqOptions& options);

// "what: the library's word for `status`"
absl::Status FromLibrary(int status, absl::string_view what);

// While it lives, what is written to `fd` waits until a packet is full: many messages become few.
class CorkedSocket {
 public:
  explicit CorkedSocket(int fd);
  ~CorkedSocket();
  CorkedSocket(const CorkedSocket&) = delete;
  CorkedSocket& operator=(const CorkedSocket&) = delete;

 private:
  const int fd_;
};

}  // namespace nexus::sink

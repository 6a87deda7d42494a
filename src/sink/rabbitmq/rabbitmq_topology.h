#pragma once

// What events are published to: found, or made.

#include <amqp.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "sink/rabbitmq/rabbitmq_options.h"

namespace nexus::sink {

// Whether the exchange is there. The default exchange, "", always is.
absl::Status FindExchange(amqp_connection_state_t state, amqp_channel_t channel,
                          const std::string& exchange);

// A durable topic exchange, its alternate exchange, a quorum queue for each consumer with a dead
// letter queue. OK if all of it is there afterwards, made now or before. A full queue refuses
// (reject-publish), because only then no dead letter is lost (at-least-once).
absl::Status DeclareTopology(amqp_connection_state_t state, amqp_channel_t channel,
                             const RabbitMqOptions& options);

// kUnavailable with what the broker or the library says.
absl::Status FromReply(const amqp_rpc_reply_t& reply, absl::string_view what);

}  // namespace nexus::sink

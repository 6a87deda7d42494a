#include "sink/rabbitmq/rabbitmq_topology.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "sink/outbound/unavailable.h"
#include "sink/rabbitmq/rabbitmq_message.h"
#include "sink/rabbitmq/rabbitmq_socket.h"

namespace nexus::sink {
namespace {

class Arguments {
 public:
  Arguments& Text(const char* name, absl::string_view value) {
    amqp_table_entry_t& entry = Add(name, AMQP_FIELD_KIND_UTF8);
    entry.value.value.bytes = AmqpBytes(value);
    return *this;
  }
  Arguments& Number(const char* name, int64_t value) {
    Add(name, AMQP_FIELD_KIND_I64).value.value.i64 = value;
    return *this;
  }
  amqp_table_t table() { return {static_cast<int>(entries_.size()), entries_.data()}; }

 private:
  amqp_table_entry_t& Add(const char* name, uint8_t kind) {
    amqp_table_entry_t& entry = entries_.emplace_back();
    entry.key = amqp_cstring_bytes(name);
    entry.value.kind = kind;
    return entry;
  }
  std::vector<amqp_table_entry_t> entries_;
};

// Declarations on one channel.
class Declarer {
 public:
  Declarer(amqp_connection_state_t state, amqp_channel_t channel)
      : state_(state), channel_(channel) {}

  absl::Status Exchange(const std::string& name, const char* type, Arguments arguments) {
    amqp_exchange_declare(state_, channel_, AmqpBytes(name), amqp_cstring_bytes(type), 0, 1, 0, 0,
                          arguments.table());
    return FromReply(amqp_get_rpc_reply(state_), absl::StrCat("declaring the exchange ", name));
  }
  absl::Status Queue(const std::string& name, Arguments arguments) {
    arguments.Text("x-queue-type", "quorum");
    amqp_queue_declare(state_, channel_, AmqpBytes(name), 0, 1, 0, 0, arguments.table());
    return FromReply(amqp_get_rpc_reply(state_), absl::StrCat("declaring the queue ", name));
  }
  absl::Status Bind(const std::string& queue, const std::string& exchange, const std::string& key) {
    amqp_queue_bind(state_, channel_, AmqpBytes(queue), AmqpBytes(exchange), AmqpBytes(key),
                    amqp_empty_table);
    return FromReply(amqp_get_rpc_reply(state_),
                     absl::StrCat("binding ", queue, " to ", exchange, " by ", key));
  }

 private:
  amqp_connection_state_t state_;
  amqp_channel_t channel_;
};

absl::Status DeclareQueue(Declarer& declarer, const RabbitMqOptions& options,
                          const RabbitMqQueue& queue) {
  const RabbitMqTopology& topology = options.topology;
  const std::string dead_exchange = absl::StrCat(options.exchange, ".dead");
  const std::string dead_queue = absl::StrCat(queue.name, ".dead");
  NEXUS_RETURN_IF_ERROR(declarer.Queue(dead_queue, Arguments()));
  NEXUS_RETURN_IF_ERROR(declarer.Bind(dead_queue, dead_exchange, queue.name));
  Arguments arguments;
  arguments.Number("x-delivery-limit", topology.delivery_limit)
      .Text("x-dead-letter-exchange", dead_exchange)
      .Text("x-dead-letter-routing-key", queue.name)
      .Text("x-dead-letter-strategy", "at-least-once")
      .Text("x-overflow", "reject-publish");
  if (topology.messages_max > 0) {
    arguments.Number("x-max-length", static_cast<int64_t>(topology.messages_max));
  }
  if (topology.queue_bytes_max > 0) {
    arguments.Number("x-max-length-bytes", static_cast<int64_t>(topology.queue_bytes_max));
  }
  NEXUS_RETURN_IF_ERROR(declarer.Queue(queue.name, arguments));
  return declarer.Bind(queue.name, options.exchange, queue.binding);
}

absl::Status Refused(absl::string_view what, uint16_t code, amqp_bytes_t text) {
  return Unavailable(absl::StrCat(what, ": ", TextOf(text), " (", code, ")"));
}

}  // namespace

absl::Status FindExchange(amqp_connection_state_t state, amqp_channel_t channel,
                          const std::string& exchange) {
  if (exchange.empty()) return absl::OkStatus();
  constexpr amqp_boolean_t kPassive = 1;
  amqp_exchange_declare(state, channel, AmqpBytes(exchange), amqp_cstring_bytes("topic"), kPassive,
                        1, 0, 0, amqp_empty_table);
  return FromReply(amqp_get_rpc_reply(state), absl::StrCat("looking for the exchange ", exchange));
}

absl::Status DeclareTopology(amqp_connection_state_t state, amqp_channel_t channel,
                             const RabbitMqOptions& options) {
  const RabbitMqTopology& topology = options.topology;
  Declarer declarer(state, channel);
  Arguments arguments;
  if (!topology.unrouted.empty()) {
    NEXUS_RETURN_IF_ERROR(declarer.Exchange(topology.unrouted, "fanout", Arguments()));
    NEXUS_RETURN_IF_ERROR(declarer.Queue(topology.unrouted, Arguments()));
    NEXUS_RETURN_IF_ERROR(declarer.Bind(topology.unrouted, topology.unrouted, ""));
    arguments.Text("alternate-exchange", topology.unrouted);
  }
  NEXUS_RETURN_IF_ERROR(declarer.Exchange(options.exchange, "topic", arguments));
  if (!topology.queues.empty()) {
    NEXUS_RETURN_IF_ERROR(
        declarer.Exchange(absl::StrCat(options.exchange, ".dead"), "direct", Arguments()));
  }
  for (const RabbitMqQueue& queue : topology.queues) {
    NEXUS_RETURN_IF_ERROR(DeclareQueue(declarer, options, queue));
  }
  return absl::OkStatus();
}

absl::Status FromReply(const amqp_rpc_reply_t& reply, absl::string_view what) {
  switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL:
      return absl::OkStatus();
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
      return FromLibrary(reply.library_error, what);
    case AMQP_RESPONSE_SERVER_EXCEPTION:
      if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
        const auto* close = static_cast<const amqp_channel_close_t*>(reply.reply.decoded);
        return Refused(what, close->reply_code, close->reply_text);
      }
      if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
        const auto* close = static_cast<const amqp_connection_close_t*>(reply.reply.decoded);
        return Refused(what, close->reply_code, close->reply_text);
      }
      break;
    default:
      break;
  }
  return Unavailable(absl::StrCat(what, ": an answer of no kind"));
}

}  // namespace nexus::sink

#include "sink/rabbitmq/rabbitmq_connection.h"

#include <sys/time.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "sink/outbound/unavailable.h"
#include "sink/rabbitmq/rabbitmq_message.h"
#include "sink/rabbitmq/rabbitmq_socket.h"
#include "sink/rabbitmq/rabbitmq_topology.h"

namespace nexus::sink {
namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr int kFrameBytesMax = 131'072;

amqp_table_entry_t BooleanEntry(const char* name) {
  amqp_table_entry_t entry{};
  entry.key = amqp_cstring_bytes(name);
  entry.value.kind = AMQP_FIELD_KIND_BOOLEAN;
  entry.value.value.boolean = 1;
  return entry;
}

}  // namespace

RabbitMqConnection::RabbitMqConnection(const RabbitMqOptions& options, SendWatchdog& watchdog)
    : options_(options), watchdog_(watchdog), state_(amqp_new_connection()) {}

RabbitMqConnection::~RabbitMqConnection() {
  watchdog_.Watch(-1);
  if (state_ != nullptr) amqp_destroy_connection(state_);
}

absl::StatusOr<std::unique_ptr<RabbitMqConnection>> RabbitMqConnection::Open(
    const RabbitMqOptions& options, const BrokerAddress& broker, SendWatchdog& watchdog) {
  NEXUS_ASSIGN_OR_RETURN(const std::string password, ReadSecret(options.password));
  std::unique_ptr<RabbitMqConnection> connection(new RabbitMqConnection(options, watchdog));
  amqp_connection_state_t state = connection->state_;
  if (state == nullptr) return Unavailable("no memory for a connection");
  const timeval timeout = absl::ToTimeval(options.connect_timeout);
  amqp_set_handshake_timeout(state, &timeout);
  amqp_set_rpc_timeout(state, &timeout);
  NEXUS_RETURN_IF_ERROR(OpenSocket(state, broker, options));
  watchdog.Watch(amqp_get_sockfd(state));
  const SendWatchdog::Busy busy(watchdog);
  NEXUS_RETURN_IF_ERROR(connection->LogIn(password));
  amqp_channel_open(state, kChannel);
  NEXUS_RETURN_IF_ERROR(FromReply(amqp_get_rpc_reply(state), "opening a channel"));
  amqp_confirm_select(state, kChannel);
  NEXUS_RETURN_IF_ERROR(FromReply(amqp_get_rpc_reply(state), "asking for confirms"));
  return connection;
}

absl::Status RabbitMqConnection::LogIn(const std::string& password) {
  // Without this one the broker says nothing when it stops reading.
  std::array<amqp_table_entry_t, 3> capabilities = {BooleanEntry("connection.blocked"),
                                                    BooleanEntry("publisher_confirms"),
                                                    BooleanEntry("basic.nack")};
  std::array<amqp_table_entry_t, 2> properties{};
  properties[0].key = amqp_cstring_bytes("capabilities");
  properties[0].value.kind = AMQP_FIELD_KIND_TABLE;
  properties[0].value.value.table = {static_cast<int>(capabilities.size()), capabilities.data()};
  const std::string name = absl::StrCat("nexusd ", options_.name);
  properties[1].key = amqp_cstring_bytes("connection_name");
  properties[1].value.kind = AMQP_FIELD_KIND_UTF8;
  properties[1].value.value.bytes = AmqpBytes(name);
  const amqp_table_t table{static_cast<int>(properties.size()), properties.data()};
  return FromReply(
      amqp_login_with_properties(state_, options_.vhost.c_str(), 0, kFrameBytesMax,
                                 static_cast<int>(absl::ToInt64Seconds(options_.heartbeat)), &table,
                                 AMQP_SASL_METHOD_PLAIN, options_.user.c_str(), password.c_str()),
      absl::StrCat("logging in as ", options_.user));
}

absl::Status RabbitMqConnection::Prepare() {
  const SendWatchdog::Busy busy(watchdog_);
  if (options_.topology.declare) return DeclareTopology(state_, kChannel, options_);
  return FindExchange(state_, kChannel, options_.exchange);
}

absl::Status RabbitMqConnection::Publish(const std::string& routing_key, const RecordedEvent& event,
                                         const Message& message) {
  const RabbitMqProperties properties(event, message);
  const SendWatchdog::Busy busy(watchdog_);
  constexpr amqp_boolean_t kMandatory = 1;
  const int status =
      amqp_basic_publish(state_, kChannel, AmqpBytes(options_.exchange), AmqpBytes(routing_key),
                         kMandatory, 0, properties.get(), AmqpBytes(message.body()));
  return status == AMQP_STATUS_OK ? absl::OkStatus() : Lost(status, "publishing");
}

absl::StatusOr<std::optional<Notice>> RabbitMqConnection::Next() {
  const SendWatchdog::Busy busy(watchdog_);
  amqp_maybe_release_buffers(state_);
  while (true) {
    amqp_frame_t frame;
    const timeval none{};
    const int status = amqp_simple_wait_frame_noblock(state_, &frame, &none);
    if (status == AMQP_STATUS_TIMEOUT) return std::nullopt;
    if (status != AMQP_STATUS_OK) return Lost(status, "reading");
    if (frame.frame_type != AMQP_FRAME_METHOD) continue;
    NEXUS_ASSIGN_OR_RETURN(std::optional<Notice> notice, NoticeOf(frame));
    if (notice) return notice;
  }
}

absl::StatusOr<std::optional<Notice>> RabbitMqConnection::NoticeOf(const amqp_frame_t& frame) {
  const void* method = frame.payload.method.decoded;
  switch (frame.payload.method.id) {
    case AMQP_BASIC_ACK_METHOD: {
      const auto* ack = static_cast<const amqp_basic_ack_t*>(method);
      return Notice(Confirmed{ack->delivery_tag, ack->multiple != 0, true});
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto* nack = static_cast<const amqp_basic_nack_t*>(method);
      return Notice(Confirmed{nack->delivery_tag, nack->multiple != 0, false});
    }
    case AMQP_BASIC_RETURN_METHOD:
      return ReadReturned(*static_cast<const amqp_basic_return_t*>(method));
    case AMQP_CONNECTION_BLOCKED_METHOD:
      return Notice(Blocked{
          std::string(TextOf(static_cast<const amqp_connection_blocked_t*>(method)->reason))});
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      return Notice(Unblocked{});
    case AMQP_CHANNEL_CLOSE_METHOD: {
      const auto* close = static_cast<const amqp_channel_close_t*>(method);
      return Notice(Closed{close->reply_code, std::string(TextOf(close->reply_text))});
    }
    case AMQP_CONNECTION_CLOSE_METHOD: {
      const auto* close = static_cast<const amqp_connection_close_t*>(method);
      return Notice(Closed{close->reply_code, std::string(TextOf(close->reply_text))});
    }
    default:
      return std::nullopt;
  }
}

// The message follows in frames of its own. They are on their way; the heartbeat and the watchdog
// bound the wait.
absl::StatusOr<std::optional<Notice>> RabbitMqConnection::ReadReturned(
    const amqp_basic_return_t& method) {
  Returned returned;
  returned.why = absl::StrCat(TextOf(method.reply_text), " for ", TextOf(method.routing_key));
  amqp_message_t message;
  const amqp_rpc_reply_t reply = amqp_read_message(state_, kChannel, &message, 0);
  NEXUS_RETURN_IF_ERROR(FromReply(reply, "reading a returned message"));
  if ((message.properties._flags & AMQP_BASIC_MESSAGE_ID_FLAG) != 0) {
    returned.message_id = std::string(TextOf(message.properties.message_id));
  }
  amqp_destroy_message(&message);
  return Notice(std::move(returned));
}

void RabbitMqConnection::SayGoodbye() {
  const SendWatchdog::Busy busy(watchdog_);
  amqp_connection_close_t close{};
  close.reply_code = AMQP_REPLY_SUCCESS;
  amqp_send_method(state_, 0, AMQP_CONNECTION_CLOSE_METHOD, &close);
}

absl::Status RabbitMqConnection::Lost(int status, absl::string_view what) const {
  if (watchdog_.fired()) {
    return Unavailable(
        absl::StrCat("the broker took nothing for ", absl::FormatDuration(options_.send_timeout)));
  }
  return FromLibrary(status, what);
}

}  // namespace nexus::sink

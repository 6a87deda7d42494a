#include "harness/rabbitmq/rabbitmq_reader.h"

#include <amqp_tcp_socket.h>
#include <sys/time.h>

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "nexus/core/status_macros.h"

namespace nexus::harness {
namespace {

constexpr amqp_channel_t kChannel = 1;

std::string Text(amqp_bytes_t bytes) {
  return std::string(static_cast<const char*>(bytes.bytes), bytes.len);
}

amqp_bytes_t Bytes(const std::string& text) {
  return amqp_bytes_t{text.size(), const_cast<char*>(text.data())};
}

RabbitMqRecord RecordOf(amqp_bytes_t routing_key, const amqp_message_t& message) {
  const amqp_basic_properties_t& properties = message.properties;
  RabbitMqRecord record;
  record.routing_key = Text(routing_key);
  record.body = Text(message.body);
  record.message_id = Text(properties.message_id);
  record.content_type = Text(properties.content_type);
  record.delivery_mode = properties.delivery_mode;
  record.timestamp = properties.timestamp;
  for (int i = 0; i < properties.headers.num_entries; ++i) {
    const amqp_table_entry_t& entry = properties.headers.entries[i];
    record.headers[Text(entry.key)] = Text(entry.value.value.bytes);
  }
  return record;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RabbitMqReader>> RabbitMqReader::Connect(int port) {
  std::unique_ptr<RabbitMqReader> reader(new RabbitMqReader(amqp_new_connection()));
  amqp_socket_t* socket = amqp_tcp_socket_new(reader->state_);
  if (amqp_socket_open(socket, "127.0.0.1", port) != AMQP_STATUS_OK) {
    return absl::UnavailableError("the reader cannot connect");
  }
  if (amqp_login(reader->state_, "/", 0, 131'072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest")
          .reply_type != AMQP_RESPONSE_NORMAL) {
    return absl::UnavailableError("the reader cannot log in");
  }
  amqp_channel_open(reader->state_, kChannel);
  NEXUS_RETURN_IF_ERROR(reader->Outcome("channel"));
  return reader;
}

RabbitMqReader::~RabbitMqReader() { amqp_destroy_connection(state_); }

absl::Status RabbitMqReader::Outcome(absl::string_view what) {
  const amqp_rpc_reply_t reply = amqp_get_rpc_reply(state_);
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return absl::OkStatus();
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
      reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
    const auto* close = static_cast<const amqp_channel_close_t*>(reply.reply.decoded);
    return absl::UnavailableError(absl::StrCat(what, ": ", Text(close->reply_text)));
  }
  return absl::UnavailableError(absl::StrCat(what, ": ", amqp_error_string2(reply.library_error)));
}

absl::Status RabbitMqReader::DeclareExchange(const std::string& name, const std::string& type) {
  amqp_exchange_declare(state_, kChannel, Bytes(name), Bytes(type), 0, 1, 0, 0, amqp_empty_table);
  return Outcome("exchange");
}

absl::Status RabbitMqReader::DeclareQueue(const std::string& name, const std::string& exchange,
                                          const std::string& binding, int full_at) {
  std::array<amqp_table_entry_t, 3> entries{};
  entries[0].key = amqp_cstring_bytes("x-queue-type");
  entries[0].value.kind = AMQP_FIELD_KIND_UTF8;
  entries[0].value.value.bytes = amqp_cstring_bytes("quorum");
  entries[1].key = amqp_cstring_bytes("x-overflow");
  entries[1].value.kind = AMQP_FIELD_KIND_UTF8;
  entries[1].value.value.bytes = amqp_cstring_bytes("reject-publish");
  entries[2].key = amqp_cstring_bytes("x-max-length");
  entries[2].value.kind = AMQP_FIELD_KIND_I64;
  entries[2].value.value.i64 = full_at;
  const amqp_table_t table{full_at > 0 ? 3 : 0, entries.data()};
  amqp_queue_declare(state_, kChannel, Bytes(name), 0, 1, 0, 0, table);
  NEXUS_RETURN_IF_ERROR(Outcome("queue"));
  amqp_queue_bind(state_, kChannel, Bytes(name), Bytes(exchange), Bytes(binding), amqp_empty_table);
  return Outcome("binding");
}

absl::StatusOr<std::vector<RabbitMqRecord>> RabbitMqReader::Read(
    const std::string& queue, absl::FunctionRef<bool(const std::vector<RabbitMqRecord>&)> enough,
    absl::Duration timeout) {
  const std::string consumer = "test";
  constexpr amqp_boolean_t kNoAck = 1;
  amqp_basic_consume(state_, kChannel, Bytes(queue), Bytes(consumer), 0, kNoAck, 0,
                     amqp_empty_table);
  NEXUS_RETURN_IF_ERROR(Outcome("consume"));
  std::vector<RabbitMqRecord> records;
  const absl::Time deadline = absl::Now() + timeout;
  bool complete = enough(records);
  while (!complete && absl::Now() < deadline) {
    const timeval wait{0, 200'000};
    amqp_envelope_t envelope;
    amqp_maybe_release_buffers(state_);
    const amqp_rpc_reply_t reply = amqp_consume_message(state_, &envelope, &wait, 0);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
      if (reply.library_error == AMQP_STATUS_TIMEOUT) continue;
      return absl::UnavailableError("the reader lost its connection");
    }
    records.push_back(RecordOf(envelope.routing_key, envelope.message));
    amqp_destroy_envelope(&envelope);
    complete = enough(records);
  }
  amqp_basic_cancel(state_, kChannel, Bytes(consumer));
  if (complete) return records;
  return absl::DeadlineExceededError(absl::StrCat("only ", records.size(), " records"));
}

absl::StatusOr<std::vector<RabbitMqRecord>> RabbitMqReader::TakeAll(const std::string& queue) {
  std::vector<RabbitMqRecord> records;
  while (true) {
    amqp_maybe_release_buffers(state_);
    constexpr amqp_boolean_t kNoAck = 1;
    const amqp_rpc_reply_t reply = amqp_basic_get(state_, kChannel, Bytes(queue), kNoAck);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) return absl::UnavailableError("basic.get");
    if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD) return records;
    const std::string key =
        Text(static_cast<const amqp_basic_get_ok_t*>(reply.reply.decoded)->routing_key);
    amqp_message_t message;
    if (amqp_read_message(state_, kChannel, &message, 0).reply_type != AMQP_RESPONSE_NORMAL) {
      return absl::UnavailableError("reading a message");
    }
    records.push_back(RecordOf(Bytes(key), message));
    amqp_destroy_message(&message);
  }
}

absl::StatusOr<bool> RabbitMqReader::Reject(const std::string& queue) {
  amqp_maybe_release_buffers(state_);
  const amqp_rpc_reply_t reply = amqp_basic_get(state_, kChannel, Bytes(queue), 0);
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) return absl::UnavailableError("basic.get");
  if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD) return false;
  const uint64_t tag = static_cast<const amqp_basic_get_ok_t*>(reply.reply.decoded)->delivery_tag;
  amqp_message_t message;
  amqp_read_message(state_, kChannel, &message, 0);
  amqp_destroy_message(&message);
  amqp_basic_reject(state_, kChannel, tag, 1);
  return true;
}

}  // namespace nexus::harness

#include "sink/rabbitmq/rabbitmq_message.h"

#include "absl/strings/str_cat.h"

namespace nexus::sink {
namespace {

constexpr uint8_t kPersistent = 2;

amqp_table_entry_t Entry(absl::string_view name, absl::string_view value, uint8_t kind) {
  amqp_table_entry_t entry{};
  entry.key = AmqpBytes(name);
  entry.value.kind = kind;
  entry.value.value.bytes = AmqpBytes(value);
  return entry;
}

}  // namespace

amqp_bytes_t AmqpBytes(absl::string_view text) {
  return amqp_bytes_t{text.size(), const_cast<char*>(text.data())};
}

absl::string_view TextOf(amqp_bytes_t bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

RabbitMqProperties::RabbitMqProperties(const RecordedEvent& event, const Message& message)
    : message_id_(event.id.ToString()) {
  names_.reserve(message.attributes().size());
  for (const auto& [name, value] : message.attributes()) {
    names_.push_back(absl::StrCat("cloudEvents_", name));
    headers_.push_back(Entry(names_.back(), value, AMQP_FIELD_KIND_UTF8));
  }
  for (const auto& [name, value] : message.headers()) {
    headers_.push_back(Entry(name, value, AMQP_FIELD_KIND_BYTES));
  }
  properties_._flags =
      AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG;
  properties_.delivery_mode = kPersistent;
  properties_.message_id = AmqpBytes(message_id_);
  properties_.timestamp = static_cast<uint64_t>(event.recorded.micros / 1'000'000);
  if (!message.content_type().empty()) {
    properties_._flags |= AMQP_BASIC_CONTENT_TYPE_FLAG;
    properties_.content_type = AmqpBytes(message.content_type());
  }
  if (!headers_.empty()) {
    properties_._flags |= AMQP_BASIC_HEADERS_FLAG;
    properties_.headers = {static_cast<int>(headers_.size()), headers_.data()};
  }
}

}  // namespace nexus::sink

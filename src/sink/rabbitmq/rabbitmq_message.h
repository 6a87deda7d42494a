#pragma once

// A message in the form of AMQP 0-9-1: properties and a table of headers.
//
// CloudEvents has no binding for this version of AMQP. The names are those of the binding for 1.0,
// "cloudEvents_id" and so on, as headers (docs/reference/cloudevents.md).

#include <amqp.h>

#include <string>
#include <vector>

#include "nexus/core/event.h"
#include "sink/outbound/message.h"

namespace nexus::sink {

// Points into `message` and `event`, which must outlive it. Neither copied nor moved.
class RabbitMqProperties {
 public:
  RabbitMqProperties(const RecordedEvent& event, const Message& message);
  RabbitMqProperties(const RabbitMqProperties&) = delete;
  RabbitMqProperties& operator=(const RabbitMqProperties&) = delete;

  const amqp_basic_properties_t* get() const { return &properties_; }
  const std::string& message_id() const { return message_id_; }

 private:
  std::string message_id_;
  std::vector<std::string> names_;
  std::vector<amqp_table_entry_t> headers_;
  amqp_basic_properties_t properties_{};
};

// Borrows: `text` must outlive the result.
amqp_bytes_t AmqpBytes(absl::string_view text);
absl::string_view TextOf(amqp_bytes_t bytes);

}  // namespace nexus::sink

#pragma once

// What a sink sends of an event, before a transport puts it into a form of its own.

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/event.h"
#include "route/cloud_event.h"
#include "route/value_format.h"

namespace nexus::sink {

struct MessageFormat {
  std::string source = std::string(route::kDefaultSource);
  // Empty: the data, and the attributes of the CloudEvent beside it.
  route::ValueFormat value_format = {};
};

// Movable and not copyable: `body` may point into `owned`.
class Message {
 public:
  // What `outbound` points to must outlive it. An error that is not kUnavailable: the event has no
  // value in this format.
  static absl::StatusOr<Message> For(const OutboundEvent& outbound, const MessageFormat& format);

  Message(Message&&) = default;
  Message& operator=(Message&&) = default;

  absl::string_view body() const { return owned_.empty() ? borrowed_ : absl::string_view(owned_); }
  const std::string& content_type() const { return content_type_; }
  const route::CloudAttributes& attributes() const { return attributes_; }
  // Of the value format: bytes, beside the attributes.
  const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }

 private:
  Message() = default;

  std::string owned_;
  absl::string_view borrowed_;
  std::string content_type_;
  route::CloudAttributes attributes_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

}  // namespace nexus::sink

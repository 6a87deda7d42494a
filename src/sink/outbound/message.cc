#include "sink/outbound/message.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"

namespace nexus::sink {

absl::StatusOr<Message> Message::For(const OutboundEvent& outbound, const MessageFormat& format) {
  const RecordedEvent& event = *outbound.event;
  Message message;
  NEXUS_ASSIGN_OR_RETURN(route::ValueFrame frame, route::FrameFor(format.value_format, outbound));
  if (frame.whole) {
    message.owned_ = std::move(frame.prefix);
  } else if (frame.prefix.empty()) {
    message.borrowed_ = event.data;
  } else {
    message.owned_ = absl::StrCat(frame.prefix, event.data);
  }
  message.content_type_ = std::move(frame.content_type);
  message.headers_ = std::move(frame.headers);
  if (frame.attributes) {
    message.attributes_ = route::ToCloudAttributes(event, format.source, outbound.attributes);
  }
  return message;
}

}  // namespace nexus::sink

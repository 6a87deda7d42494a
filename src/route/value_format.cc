#include "route/value_format.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/json_text.h"
#include "route/cloud_event.h"

namespace nexus::route {

absl::StatusOr<ValueFrame> StructuredValue(const RecordedEvent& event) {
  ValueFrame frame;
  frame.prefix = ToCloudJson(event);
  frame.content_type = "application/cloudevents+json; charset=UTF-8";
  frame.whole = true;
  frame.attributes = false;
  return frame;
}

absl::StatusOr<ValueFrame> RawValue(const RecordedEvent& event) {
  ValueFrame frame;
  frame.content_type = std::string(event.content_type);
  frame.attributes = false;
  return frame;
}

absl::StatusOr<ValueFrame> FrameFor(const ValueFormat& format, const OutboundEvent& outbound) {
  if (!format) return ValueFrame{"", std::string(outbound.event->content_type)};
  absl::StatusOr<ValueFrame> frame = format(*outbound.event);
  if (!frame.ok() || !frame->whole || outbound.attributes.empty()) return frame;
  frame->prefix.pop_back();  // the end of the object
  for (const auto& [name, value] : outbound.attributes) {
    absl::StrAppend(&frame->prefix, ",\"", name, "\":", JsonString(value));
  }
  frame->prefix += '}';
  return frame;
}

}  // namespace nexus::route

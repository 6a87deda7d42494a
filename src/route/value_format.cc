#include "route/value_format.h"

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

}  // namespace nexus::route

#pragma once

// A stored event as a CloudEvent 1.0: the form in which sinks send it.
// docs/reference/cloudevents.md lists the attributes.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "nexus/core/event.h"

namespace nexus::route {

// The first part of `source`; the event's category follows.
inline constexpr absl::string_view kDefaultSource = "/nexus/default";

using CloudAttributes = std::vector<std::pair<absl::string_view, std::string>>;

// What a transform adds, beside what is sent anyway.
using ExtensionAttributes = absl::Span<const std::pair<std::string, std::string>>;

// Binary mode: every context attribute but `datacontenttype`, which each transport has a place for,
// in a fixed order; attributes without a value are left out. The body is the event's data.
CloudAttributes ToCloudAttributes(const RecordedEvent& event,
                                  absl::string_view source = kDefaultSource,
                                  ExtensionAttributes more = {});

// Structured mode: the whole event as one line of JSON, without the newline. Data that is JSON by
// its content type and by its form is embedded as `data`, any other as `data_base64`.
std::string ToCloudJson(const RecordedEvent& event, absl::string_view source = kDefaultSource,
                        ExtensionAttributes more = {});

}  // namespace nexus::route

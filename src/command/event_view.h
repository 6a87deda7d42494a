#pragma once

// What an aggregate's code sees of an event: one JSON object. docs/reference/aggregates.md.
//
// Pure; thread-safe.

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "nexus/core/event.h"

namespace nexus::command {

// The part that is known before the event is stored: everything up to `data`, without the closing
// brace. `data` is JSON already.
std::string OpenEventView(absl::string_view type, absl::string_view data,
                          const std::vector<std::pair<std::string, std::string>>& metadata);

// Closes it with what the log has assigned.
void CloseEventView(std::string& view, const EventId& id, Revision revision, Position position,
                    Timestamp recorded);

// Appends the same of a stored event. Keys of metadata that begin with '$' are left out: the code
// must not see whether an event is stored or was only just decided upon. False, and nothing is
// appended, if the data are no JSON by their content type.
bool AppendEventView(std::string& out, const RecordedEvent& event);

// The views of `events` as a JSON array. DOMAIN_CODE_FAILED if one of them is no JSON.
absl::StatusOr<std::string> EventViews(absl::Span<const RecordedEvent> events);

}  // namespace nexus::command

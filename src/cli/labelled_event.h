#pragma once

// One line of a training file: {"event": as a line of an import, "label": what it is}. Labels are
// "critical", "high" and true, or "standard", "low" and false.

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/import_line.h"

namespace nexus::cli {

struct LabelledEvent {
  ImportedEvent event;
  bool critical = false;
};

// MALFORMED_JSON or MALFORMED_REQUEST that names the key.
absl::StatusOr<LabelledEvent> ParseLabelledEvent(absl::string_view line);

// As the server would store it; its views are into `imported`.
RecordedEvent RecordedOf(const ImportedEvent& imported);

}  // namespace nexus::cli

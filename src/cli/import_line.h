#pragma once

// One line of an import as an event.
//
// `jsonl`: {"stream", "type", "data" (JSON) or "data_base64", and optionally "id",
// "schema_version", "content_type", "tags", "metadata", "routing", "correlation_id",
// "causation_id", "traceparent", "tracestate"}. What the server alone writes (position, revision,
// commit_id, recorded_time, admission) is skipped, so that the output of `nexusctl read -o jsonl`
// can be imported again. Any other key is refused: it would be lost.
//
// `cloudevents`: CloudEvents 1.0, structured mode. The stream is `subject`. An `id` that is no UUID
// becomes one by a digest of source and id, and stays in the metadata.

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/client/draft.h"

namespace nexus::cli {

struct ImportedEvent {
  std::string stream;
  client::EventDraft event;
};

enum class ImportFormat { kJsonLines, kCloudEvents };

// MALFORMED_JSON or MALFORMED_REQUEST that names the key.
absl::StatusOr<ImportedEvent> ParseImportLine(ImportFormat format, absl::string_view line);

}  // namespace nexus::cli

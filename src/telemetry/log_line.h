#pragma once

// The text of one log line: a JSON object, keys in a fixed order, no line break inside.

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "nexus/core/position.h"
#include "telemetry/log.h"

namespace nexus::telemetry {

// Longer text is cut: a log line is no place for a payload.
inline constexpr size_t kLogTextBytesMax = 1'024;

// {"time":"2026-11-21T08:44:31.000250Z","level":"info","message":"...", ids, fields in their
// order}. Bytes that are not UTF-8 become U+FFFD. An empty correlation or trace id is left out. A
// field named like one of the first three gets "field." before it.
std::string FormatLogLine(Timestamp time, Level level, absl::string_view message,
                          absl::Span<const LogField> fields);

}  // namespace nexus::telemetry

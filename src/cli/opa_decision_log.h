#pragma once

// Decisions as OPA's decision logs have them, made from stored events: one line for each commit
// that was admitted, and for each refusal. Pure.

#include <optional>
#include <string>
#include <vector>

#include "nexus/core/event.h"

namespace nexus::cli {

// Of the events of one commit, in order; nothing if no policy decided about it.
std::optional<std::string> AdmissionEntry(const std::vector<RecordedEvent>& commit);

// Of an event of `$denials`; nothing if no policy was involved, unless `all`.
std::optional<std::string> DenialEntry(const RecordedEvent& denied, bool all);

}  // namespace nexus::cli

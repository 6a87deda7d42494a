#pragma once

// What the engine asks of an append on its way. Pure.

#include <cstddef>

#include "absl/status/status.h"
#include "engine/draft.h"
#include "nexus/core/commit.h"
#include "nexus/core/position.h"

namespace nexus::engine {

// Of memory, about: what the admission gate counts.
size_t BytesOf(const CommitDraft& draft);

// Whether the log could tell the commit from a new one: by its id, or by those of its events.
bool BringsIds(const CommitDraft& draft);

// A condition says that its writer has read up to a place; nobody has read beyond the head.
// POSITION_BEYOND_HEAD that names every condition which says so.
absl::Status CheckReach(const Commit& commit, Position head);

}  // namespace nexus::engine

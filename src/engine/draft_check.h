#pragma once

// Turns a draft into a commit, or says everything that is wrong with it.

#include "absl/status/statusor.h"
#include "engine/draft.h"
#include "nexus/core/commit.h"
#include "nexus/core/id_source.h"
#include "nexus/core/limits.h"

namespace nexus::engine {

// Checks names, ids, sizes, counts and encodings; fills in ids, content type, correlation and trace
// context. Does not look at schemas or policies. The error's reason is that of the first violation;
// its details list all, up to 100, by path ("streams[0].events[3].type").
absl::StatusOr<Commit> CheckDraft(CommitDraft draft, const Caller& caller, const Limits& limits,
                                  IdSource& ids);

}  // namespace nexus::engine

#pragma once

// The stamp of what the server writes on its own account, and whatever a stamp still lacks.

#include "absl/strings/string_view.h"
#include "nexus/core/commit.h"

namespace nexus::stamp {

// The policy revision of what no policy was asked about.
inline constexpr absl::string_view kServerRevision = "server";

// Fills in what is empty: the method "server", the commit's id as that of the decision, the
// revision "server", the commit's id as the correlation id. Computes the request digest.
void CompleteStamp(Commit& commit);

}  // namespace nexus::stamp

#pragma once

// The request digest: a SHA-256 over what a commit says, byte by byte in docs/reference/stamp.md,
// of which the first 16 bytes are kept. Whoever can read the events of a commit can compute it
// again.
//
// Pure; thread-safe; allocates nothing.

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "nexus/core/commit.h"
#include "nexus/core/event.h"

namespace nexus::stamp {

Digest128 DigestOfCommit(const Commit& commit);

// Of all events of one commit, in the order of their positions.
Digest128 DigestOfEvents(absl::Span<const RecordedEvent> events);

// The first half of the SHA-256 of `text`.
Digest128 DigestOfText(absl::string_view text);

// 32 hexadecimal digits; nothing for no digest.
std::string HexOf(absl::string_view digest);

}  // namespace nexus::stamp

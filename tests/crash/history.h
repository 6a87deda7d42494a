#pragma once

// What clients were told, held against what the log says. Pure: no daemon, no clock.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace nexus::crash {

// One event as the log has it.
struct LoggedEvent {
  uint64_t position = 0;
  std::string stream;
  uint64_t revision = 0;
  std::string event_id;
  std::string commit_id;
  std::string data;
  int64_t recorded_ns = 0;
};

// The part of a commit that goes to one stream.
struct StreamPart {
  std::string stream;
  std::vector<std::string> data;           // one an event, distinct over the whole run
  std::optional<uint64_t> first_revision;  // of the receipt
};

enum class Outcome {
  kUnknown,  // no answer, or one that says so
  kStored,   // acknowledged
  kRefused,  // a definite no: must never be in the log
};

// One commit as its client saw it. Times count calls and answers in the order of the client's
// process, over the whole run.
struct CommitRecord {
  std::string commit_id;
  std::vector<StreamPart> parts;
  Outcome outcome = Outcome::kUnknown;
  uint64_t first_position = 0;  // of the receipt
  uint64_t last_position = 0;
  int64_t called = 0;    // before the first attempt
  int64_t answered = 0;  // after the answer that settled it

  size_t EventCount() const;
};

// What a subscriber was sent: event ids by position.
using Seen = std::map<uint64_t, std::string>;

// Each finds everything that is wrong and says it in one line each; empty: nothing is.

// Positions from 1 and revisions from 0 without a gap, time never backwards, event ids distinct.
std::vector<std::string> CheckOrder(absl::Span<const LoggedEvent> log);

// Stored commits are there exactly once, where their receipts say; refused ones are not; unknown
// ones are there once or not at all; nothing else is. `log` begins at position 1 and may hold the
// server's own streams ('$').
std::vector<std::string> CheckCommits(absl::Span<const CommitRecord> commits,
                                      absl::Span<const LoggedEvent> log);

// A commit that was answered before another was called has the lower positions.
std::vector<std::string> CheckRealTime(absl::Span<const CommitRecord> commits);

// Nothing that a reader was shown is gone or different.
std::vector<std::string> CheckSeen(const Seen& seen, absl::Span<const LoggedEvent> log);

}  // namespace nexus::crash

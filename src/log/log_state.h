#pragma once

// What ordering needs to know about the commits that are already in the log.

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/commit.h"
#include "nexus/core/ids.h"
#include "nexus/core/position.h"

namespace nexus::log {

// Where the log ends: position 0 and time 0 for an empty one.
struct LogTip {
  Position head;
  Timestamp last_recorded;

  friend bool operator==(const LogTip&, const LogTip&) = default;
};

// Where a stream ends. A stream without an event has no head.
struct StreamHead {
  Revision last_revision;
  Position first_position;
  Position last_position;
  Timestamp created;  // recorded time of its first event
  Timestamp updated;  // of its last

  friend bool operator==(const StreamHead&, const StreamHead&) = default;
};

// A commit as the log keeps it, with the answer it got (`repeated` is false in it).
struct StoredCommit {
  Commit commit;
  CommitReceipt receipt;
};

// Look-ups by the applying thread; need not be thread-safe. Errors mean that the state cannot be
// read (DATA_LOSS, INTERNAL), never that something is absent.
class LogState {
 public:
  virtual ~LogState() = default;

  virtual absl::StatusOr<std::optional<StreamHead>> FindStream(uint32_t tenant,
                                                               absl::string_view name) = 0;
  virtual absl::StatusOr<std::optional<StoredCommit>> FindCommit(uint32_t tenant,
                                                                 const CommitId& id) = 0;
};

}  // namespace nexus::log

#pragma once

// A walk over stored events that judges each by a schema: a candidate against the data of its
// subject, or the whole log against the schemas that its events name.
//
// Not thread-safe; several may go on beside each other and beside appends. What is stored after it
// began is not looked at. The reader must outlive it.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "engine/schema_of_event.h"
#include "index/filtered_reader.h"
#include "index/selection.h"
#include "nexus/core/errors.h"
#include "nexus/core/event.h"
#include "nexus/core/position.h"

namespace nexus::engine {

struct AuditOptions {
  uint64_t limit = 0;  // events to look at; 0: all
  Direction direction = Direction::kForward;
  size_t failures_max = 100;   // that are kept; all are counted
  size_t violations_max = 10;  // of each of them
  // Whether a field that the schema does not declare is a violation.
  bool rejects_undeclared = false;
  PageLimits page = {4'096, 4 << 20};
};

struct FailedEvent {
  std::string stream;
  Revision revision;
  Position position;
  std::string type;
  uint32_t schema_version = 0;        // that it was stored with; 0: none
  std::vector<Violation> violations;  // one at least
};

// So far.
struct AuditProgress {
  uint64_t scanned = 0;  // positions of the log, of `head`
  Position head;         // where the log ended at the beginning
  uint64_t events = 0;   // that were selected: the sum of the three that follow
  uint64_t valid = 0;
  uint64_t failed = 0;
  uint64_t skipped = 0;  // no schema judges them
  bool done = false;
  bool complete = false;              // every event up to `head` was looked at
  std::vector<FailedEvent> failures;  // the first ones
};

class SchemaAudit {
 public:
  SchemaAudit(index::FilteredReader& reader, Position head, index::Selection selection,
              SchemaOfEvent schema_of, const AuditOptions& options);

  // Looks at the next page: some milliseconds, from disk. Nothing once it is done. What the log
  // gives where it cannot be read.
  absl::Status Advance();
  const AuditProgress& progress() const { return progress_; }
  bool done() const { return progress_.done; }

 private:
  void Judge(const RecordedEvent& event);
  std::vector<Violation> ViolationsOf(const CompiledSchema& schema, const RecordedEvent& event);
  void AddFailure(const RecordedEvent& event, std::vector<Violation> violations);
  void PassTo(Position scanned_to);

  index::FilteredReader& reader_;
  const index::Selection selection_;
  const AuditOptions options_;
  SchemaOfEvent schema_of_;
  PositionRange range_;  // what is still to be looked at
  AuditProgress progress_;
};

}  // namespace nexus::engine

#pragma once

// Questions about the past of a stream, and their answers. docs/reference/temporal-queries.md.
//
// Values.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nexus/core/position.h"

namespace nexus::temporal {

// A point of the log.
struct PastPoint {
  enum class Kind : uint8_t { kNow, kTime, kPosition, kRevision };

  Kind kind = Kind::kNow;
  Timestamp time = {};     // what was recorded then or before
  Position position = {};  // of the whole log, inclusive
  Revision revision = {};  // of the stream, inclusive

  static PastPoint Now() { return {}; }
  static PastPoint At(Timestamp time) { return {Kind::kTime, time}; }
  static PastPoint At(Position position) { return {Kind::kPosition, {}, position}; }
  static PastPoint At(Revision revision) { return {Kind::kRevision, {}, {}, revision}; }

  friend bool operator==(const PastPoint&, const PastPoint&) = default;
};

// "now", "time 2026-01-31T12:00:00.000000Z", "position 7", "revision 3": for people and records.
std::string PointText(const PastPoint& point);

enum class QueryKind : uint8_t { kStateAsOf, kDiff, kFieldHistory };

// "state_as_of"
const char* QueryName(QueryKind kind);

struct PastQuery {
  QueryKind kind = QueryKind::kStateAsOf;
  std::string stream;
  bool merge_patch = false;       // although an aggregate is declared
  std::optional<PastPoint> from;  // of kDiff and kFieldHistory; nothing: before the first event
  PastPoint to;                   // of kStateAsOf the only one
  std::string pointer = {};       // of kFieldHistory
  std::string continuation = {};  // of the answer before
};

// The last event that a state was made of.
struct PastEvent {
  Revision revision;
  Position position;
  Timestamp recorded;

  friend bool operator==(const PastEvent&, const PastEvent&) = default;
};

struct FieldChange {
  std::string pointer;
  std::optional<std::string> before;  // JSON; nothing: there was none
  std::optional<std::string> after;

  friend bool operator==(const FieldChange&, const FieldChange&) = default;
};

struct FieldValue {
  std::optional<PastEvent> event;  // nothing: it had it at the beginning
  std::string event_id = {};
  std::string type = {};
  std::string principal = {};
  std::string correlation_id = {};
  std::optional<std::string> value = {};  // JSON; nothing: it was not there
};

// How the states of an answer came about.
struct FoldFacts {
  std::string aggregate;  // whose code folded; empty: the data were merged
  std::string code_digest = {};
  uint64_t events_read = 0;
  uint64_t events_left_out = 0;               // that a merge can do nothing with
  std::optional<Revision> snapshot_revision;  // that the state began with
};

struct PastAnswer {
  FoldFacts fold;
  std::string continuation;       // empty: this is the whole answer
  Position position;              // that the query's end is
  std::optional<PastEvent> from;  // of kDiff
  std::optional<PastEvent> last;  // nothing: the point lies before the first event
  std::string state;              // of kStateAsOf
  std::vector<FieldChange> changes;
  uint64_t changes_left_out = 0;
  uint64_t events_between = 0;
  std::vector<FieldValue> values;
};

}  // namespace nexus::temporal

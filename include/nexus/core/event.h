#pragma once

// The event: what a client proposes, what the server adds, what a reader gets back.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "nexus/core/ids.h"
#include "nexus/core/position.h"
#include "nexus/core/stream_name.h"

namespace nexus {

// What the data of an event is unless its writer says otherwise.
inline constexpr absl::string_view kJsonContentType = "application/json";

enum class Criticality : uint8_t { kUnspecified = 0, kLow = 1, kMedium = 2, kHigh = 3 };

// The inputs of the criticality score (proto/nexus/v1/event.proto states the formula).
struct RoutingHints {
  Criticality criticality = Criticality::kUnspecified;
  double business_impact = 0;  // 0 to 1
  bool requires_ordering = false;
  uint32_t max_latency_ms = 0;  // 0: no need stated

  friend bool operator==(const RoutingHints&, const RoutingHints&) = default;
};

// An event as its writer gives it, ids and schema version resolved. Owns its bytes.
struct Event {
  EventId id;
  std::string type;
  uint32_t schema_version = 0;  // 0: stored without a schema (its category is set to optional)
  std::string content_type;
  std::string data;
  std::vector<std::string> tags;                              // sorted, distinct
  std::vector<std::pair<std::string, std::string>> metadata;  // sorted by key, keys distinct
  RoutingHints routing;
  std::string correlation_id;
  std::string causation_id;  // may be empty
  std::string traceparent;   // W3C, of the event's creation; may be empty
  std::string tracestate;

  friend bool operator==(const Event&, const Event&) = default;
};

// The first half of a SHA-256; all zero: there is none.
using Digest128 = std::array<uint8_t, 16>;
inline absl::string_view DigestBytes(const Digest128& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Who was admitted, by which decision. Written by the server; no client can set it.
// docs/reference/stamp.md.
struct AdmissionStamp {
  std::string principal;
  std::string decision_id;
  std::string policy_revision;
  uint64_t governance_epoch = 0;
  std::string method = {};        // how the principal was told: "jwt", "none", ...; "server"
  Digest128 request_digest = {};  // of what the commit says (stamp/commit_digest.h)
  Digest128 input_digest = {};    // of the document that the policy was asked with
  // What rules said that do not decide yet, one a line: "warn:RULE", "shadow:RULE".
  std::string outcomes = {};

  friend bool operator==(const AdmissionStamp&, const AdmissionStamp&) = default;
};

// One stored event, as a view: every string_view points into the EventBatch that delivered it and
// is valid as long as that batch lives.
struct RecordedEvent {
  Position position;
  Revision revision;
  Timestamp recorded;
  CommitId commit_id;
  EventId id;
  absl::string_view stream;
  absl::string_view type;
  uint32_t schema_version = 0;
  absl::string_view content_type;
  absl::string_view data;
  std::vector<absl::string_view> tags;
  std::vector<std::pair<absl::string_view, absl::string_view>> metadata;
  RoutingHints routing;
  absl::string_view correlation_id;
  absl::string_view causation_id;
  absl::string_view traceparent;
  absl::string_view tracestate;
  absl::string_view principal;
  absl::string_view decision_id;
  absl::string_view policy_revision;
  uint64_t governance_epoch = 0;
  absl::string_view method;
  absl::string_view request_digest;  // 16 bytes; empty: there is none
  absl::string_view input_digest;    // likewise
  absl::string_view outcomes;
  // Only where a reader asked for another version than the stored one (schema_evolution.h).
  uint32_t data_version = 0;  // what `data` has been made; 0: it is as it was stored
  uint32_t gap_version = 0;   // what it could not be made; then `gap_reason` says why
  absl::string_view gap_reason = {};
};

// A page of stored events. Move-only: the events borrow from `backing`.
struct EventBatch {
  std::vector<RecordedEvent> events;
  // Head of the log when the page was read: the last durable position.
  Position head;
  // Nothing lies beyond this page in the direction of the read (as of `head`).
  bool end = false;
  // What the events point into. Shared, because one stored commit may feed several pages at once.
  std::vector<std::shared_ptr<const void>> backing;

  EventBatch() = default;
  EventBatch(EventBatch&&) = default;
  EventBatch& operator=(EventBatch&&) = default;
  EventBatch(const EventBatch&) = delete;
  EventBatch& operator=(const EventBatch&) = delete;
};

}  // namespace nexus

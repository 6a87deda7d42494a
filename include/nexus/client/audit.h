#pragma once

// What a server knows about decisions.

#include <cstdint>
#include <string>
#include <vector>

#include "nexus/core/position.h"

namespace nexus::client {

struct AuditFinding {
  Position position;
  std::string stream;
  std::string message;
};

// Counts of events, so far: proto/nexus/admin/v1/admin.proto has their meanings.
struct AuditVerification {
  Position position;  // so many positions were looked at
  Position head;      // when it began
  uint64_t events = 0;
  uint64_t with_principal = 0;
  uint64_t with_decision = 0;
  uint64_t with_correlation = 0;
  uint64_t caused_by_own_commit = 0;
  uint64_t caused_by_event = 0;
  uint64_t caused_by_commit = 0;
  uint64_t caused_outside = 0;
  uint64_t cause_unknown = 0;
  uint64_t complete = 0;
  uint64_t digests_good = 0;
  uint64_t digests_wrong = 0;
  uint64_t without_digest = 0;
  bool proven = false;
  std::vector<AuditFinding> findings;  // at the end: the first ones
};

struct DecidedEvent {
  std::string event_id;
  std::string stream;
  uint64_t revision = 0;
  uint64_t position = 0;
  std::string type;
  uint32_t schema_version = 0;
  uint32_t schema_id = 0;  // 0: it has no schema
  std::string schema_digest;
  std::string correlation_id;
  std::string causation_id;
};

struct Decision {
  std::string id;
  bool allowed = false;
  std::string denial_json;  // of a refusal; the rest is of what was admitted
  std::string principal;
  std::string method;
  std::string policy_revision;
  uint64_t governance_epoch = 0;
  std::string request_digest;  // hexadecimal, as is the next one
  std::string input_digest;
  std::string outcomes;  // one a line
  std::string commit_id;
  std::vector<DecidedEvent> events;  // the first ones
};

}  // namespace nexus::client

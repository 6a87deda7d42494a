#pragma once

// The state of a server, for operators.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "nexus/core/position.h"

namespace nexus::client {

struct Component {
  std::string name;
  bool ok = false;
  std::string detail;
};

struct SinkState {
  std::string name;
  bool ok = false;
  std::string detail;
  Position checkpoint;
  uint64_t lag_events = 0;
  uint64_t delivered = 0;
};

// Sizes in bytes.
struct ServerLimits {
  uint64_t event_bytes_max = 0;
  uint64_t commit_bytes_max = 0;
  uint64_t commit_events_max = 0;
  uint64_t tags_max = 0;
  uint64_t metadata_bytes_max = 0;
  uint64_t json_depth_max = 0;
  uint64_t stream_name_bytes_max = 0;
};

struct ServerStatus {
  std::string version;
  Timestamp started;
  absl::Duration uptime;
  Position head;
  bool ready = false;
  std::vector<Component> components;
  ServerLimits limits;
  std::vector<SinkState> sinks;
  std::string data_folder;
  uint64_t incarnation = 0;  // goes up when a loss is accepted or the log restored
};

// Of an index that is built again.
struct RebuildProgress {
  Position indexed_to;
  Position target;      // done when it is reached
  std::string problem;  // why it does not come on; empty: it does
};

// How a look at the whole log stands, or what came out.
struct Verification {
  Position position;  // looked at
  Position head;
  uint64_t errors = 0;
  std::vector<std::string> findings;  // at the end: the first ones
};

// A stored event that does not pass the schema that it names.
struct SchemaFailure {
  std::string stream;
  Revision revision;
  Position position;
  std::string type;
  uint32_t schema_version = 0;
  std::string message;
};

// How a look at all events and their schemas stands, or what came out.
struct SchemaVerification {
  Position position;  // looked at
  Position head;      // when it began
  uint64_t events = 0;
  uint64_t without_schema = 0;          // of these
  uint64_t failures = 0;                // of these
  std::vector<SchemaFailure> findings;  // at the end: the first ones
};

}  // namespace nexus::client

#pragma once

// The limits that hold for every append, with their defaults. Configuration may lower them.

#include <cstddef>
#include <cstdint>

namespace nexus {

struct Limits {
  size_t event_bytes_max = 1 << 20;   // data of one event
  size_t commit_bytes_max = 3 << 20;  // all data, metadata, tags and names of a commit
  size_t commit_events_max = 10'000;
  size_t commit_streams_max = 1'000;
  size_t tags_max = 64;  // an event
  size_t tag_bytes_max = 255;
  size_t metadata_bytes_max = 64 << 10;  // keys and values of an event
  size_t type_bytes_max = 255;
  size_t id_text_bytes_max = 255;  // correlation and causation ids
  size_t json_depth_max = 64;
  size_t schema_bytes_max = 512 << 10;
  // One answer stays below the 4 MiB that gRPC clients accept by default.
  size_t page_bytes_max = 3 << 20;
  size_t page_events_max = 4'096;
};

}  // namespace nexus

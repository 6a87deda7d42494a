#pragma once

// What one run of the load does.

#include <cstdint>
#include <string>

namespace nexus::bench {

// What an append demands of what was stored before it.
enum class Condition {
  kNone,
  kRevision,  // the stream stands where its writer left it; UmaDB: as kTag
  kTag,       // no event with the writer's tag since it last looked
};

struct LoadOptions {
  std::string system = "nexus";  // whose language the server speaks: nexus, umadb
  std::string target;            // host:port
  int connections = 4;
  std::string token;  // append, stream, overload, schema: who calls; empty: nobody says so

  int clients = 64;  // calls (or streaming calls) under way at once
  int events = 1;    // a request
  int data_bytes = 256;
  Condition condition = Condition::kNone;
  bool tagged = false;         // each event carries the tag of its stream
  bool hot = false;            // all write to one stream
  bool fresh_streams = false;  // each request to a stream of its own
  uint64_t first_stream = 0;   // number of the first client's stream
  double rate = 0;             // requests a second, open loop; 0: as fast as answers come
  int window = 128;            // unanswered messages of one streaming call

  uint64_t streams = 1;        // read: those numbered below this
  uint64_t stream_events = 0;  // read: what each holds; 0: not checked
  uint64_t passes = 1;         // scan
  int subscribers = 1;

  uint64_t calls = 0;   // ends after so many; 0: after `seconds`
  double seconds = 5;   // measured
  double warm_up = 1;   // before that, not counted
  double timeout = 30;  // of one call, seconds

  std::string phases;      // overload: "64:5,640:10": clients and seconds
  bool impatient = false;  // overload: asks again at once when refused, whatever RetryInfo says
};

}  // namespace nexus::bench

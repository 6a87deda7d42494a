#pragma once

// What the NATS sink is told. docs/how-to/route-to-nats.md says what the server needs.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sink/outbound/message.h"
#include "sink/outbound/secret.h"
#include "sink/outbound/tls_files.h"

namespace nexus::sink {

// One way to log in, or none.
struct NatsCredentials {
  std::string user = {};
  SecretPlace password = {};  // of `user`
  SecretPlace token = {};
  std::string file = {};  // a JSON Web Token and its seed, as `nsc` writes them
};

// The stream, if the sink makes it: in files, refusing what does not fit any more. One that is
// there already must be the same.
struct NatsStreamDraft {
  bool declare = false;  // false: it must be there
  int replicas = 1;      // 3, in a cluster
  int64_t max_bytes = int64_t{1} << 30;
  absl::Duration max_age = absl::Hours(24 * 7);
  int64_t max_messages = 0;  // 0: no limit
  // How long the server knows an event that it has already: as long as the longest retry.
  absl::Duration duplicate_window = absl::Minutes(2);
};

struct NatsOptions {
  std::string name = "nats";  // of the sink: [a-z0-9-]+
  std::string servers;        // "host[:port],host[:port]": of one cluster
  NatsCredentials credentials = {};
  TlsFiles tls = {};
  std::string stream = "nexus";  // of JetStream, which takes all that is published
  std::string subject = "nexus.evt.<category>.<type>.<stream>";  // address_pattern.h
  MessageFormat format = {};
  NatsStreamDraft draft = {};
  size_t in_flight_max = 4'000;  // published and not acknowledged
  // Of one stream on their way at once. 0: runs, each event of which the server takes only right
  // behind the one before. More than 1 needs no run, and lets events arrive before an earlier one
  // of their stream that was refused.
  size_t per_stream_max = 0;
  size_t queue_events_max = 20'000;
  size_t queue_bytes_max = 128 << 20;
  absl::Duration ack_timeout = absl::Seconds(2);
  absl::Duration connect_timeout = absl::Seconds(5);
  absl::Duration write_timeout = absl::Seconds(5);
  absl::Duration ping_interval = absl::Seconds(5);  // two without an answer: the server is gone
  absl::Duration backoff_base = absl::Milliseconds(50);
  absl::Duration backoff_max = absl::Seconds(1);
};

// CONFIGURATION_INVALID, naming the option.
absl::Status Check(const NatsOptions& options);

// "nats://host:port" or "tls://host:port", of options that were checked.
struct NatsServerAddress {
  std::string url;
  std::string host;
};
std::vector<NatsServerAddress> ServersOf(const NatsOptions& options);

// Whether a subscription to `filter`, with '*' and '>', gets what is published to `subject`.
bool SubjectMatches(absl::string_view filter, absl::string_view subject);

}  // namespace nexus::sink

#pragma once

// The stream of JetStream that takes what is published: found, or made.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sink/nats/nats_options.h"
#include "sink/nats/nats_session.h"

namespace nexus::sink {

// kUnavailable says what is missing, or differs from what should be made: JetStream itself (core
// NATS delivers at most once), the stream, its acknowledgements.
absl::Status PrepareStream(const NatsSession& session, const NatsOptions& options);

// The subjects that it listens to. kNotFound: it is not there (any more).
absl::StatusOr<std::vector<std::string>> SubjectsOfStream(const NatsSession& session,
                                                          const std::string& stream);

}  // namespace nexus::sink

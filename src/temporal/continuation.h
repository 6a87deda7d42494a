#pragma once

// How far a query has come, as text that a client sends back: the partial state and where it was
// made. Sealed by a key of this process, so that nobody is shown a state that the log does not
// have; a restart makes it worthless.
//
// Thread-safe.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/secret_source.h"
#include "temporal/past_bound.h"
#include "temporal/past_query.h"

namespace nexus::temporal {

struct PastProgress {
  std::optional<PastBound> from;
  PastBound to;
  std::optional<PastEvent> last;  // folded; nothing: none is
  std::string state;
  bool from_reached = false;            // then the next two are set
  std::optional<PastEvent> from_event;  // the last at `from`
  std::string from_state = {};
  uint64_t events_between = 0;
  std::optional<Revision> snapshot_revision = {};

  friend bool operator==(const PastProgress&, const PastProgress&) = default;
};

class Continuations {
 public:
  explicit Continuations(SecretSource& secrets);

  // For the query and client that `owner` tells from all others. LIMIT_EXCEEDED if the states in it
  // are too large to be sent back.
  absl::StatusOr<std::string> Seal(const PastProgress& progress, absl::string_view owner) const;

  // MALFORMED_PAGE_TOKEN if it was not sealed here for this owner.
  absl::StatusOr<PastProgress> Open(absl::string_view continuation, absl::string_view owner) const;

 private:
  std::string key_;
};

}  // namespace nexus::temporal

#pragma once

// What was published to JetStream and is not acknowledged, and since when. Not thread-safe.

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sink/outbound/outbox.h"

namespace nexus::sink {

class Flights {
 public:
  // Times do not run backwards.
  void Add(Outbox::Ticket ticket, std::string subject, absl::Duration now);

  // The subject; empty: it does not fly any more.
  std::string Land(Outbox::Ticket ticket);

  // Takes out all that have flown since `limit` or before.
  std::vector<Outbox::Ticket> TakeLate(absl::Duration limit);
  // Takes out all whose subject `matches`.
  std::vector<Outbox::Ticket> TakeIf(absl::FunctionRef<bool(absl::string_view)> matches);

  size_t size() const { return subjects_.size(); }
  void Clear();

 private:
  struct Departure {
    absl::Duration at;
    Outbox::Ticket ticket;
  };

  absl::flat_hash_map<Outbox::Ticket, std::string> subjects_;
  std::deque<Departure> departures_;  // also of some that have landed
};

}  // namespace nexus::sink

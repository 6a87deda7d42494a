#pragma once

// How far something is: a bar on a terminal, else a line every 10 s. On standard error.
// Not thread-safe.

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "nexus/core/clock.h"

namespace nexus::cli {

class Progress {
 public:
  // `total` bytes; 0: not known.
  Progress(std::ostream& err, bool terminal, uint64_t total, const Clock& clock);

  // `done` of `total` bytes, `events` so far. Prints if it is time to.
  void Update(uint64_t done, uint64_t events);
  // Ends the bar's line.
  void End();

 private:
  std::string Line(uint64_t done, uint64_t events) const;

  std::ostream& err_;
  const bool terminal_;
  const uint64_t total_;
  const Clock& clock_;
  const absl::Duration begin_;
  absl::Duration next_;
  bool bar_shown_ = false;
};

}  // namespace nexus::cli

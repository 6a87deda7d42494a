#pragma once

// Tells operators what rules of the policies found: a metric by rule and mode, and a line of the
// log for what does not refuse yet, rate-limited.
//
// Thread-safe. Bounded: beyond a number of rules the rest is counted as one.

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "engine/draft.h"
#include "nexus/core/clock.h"
#include "nexus/core/rule_modes.h"
#include "nexus/port/metrics.h"
#include "nexus/port/policy_decider.h"
#include "telemetry/log.h"

namespace nexus::engine {

class RuleNotices {
 public:
  struct Options {
    absl::Duration line_every = absl::Seconds(10);  // of one rule and mode
    size_t rules_max = 512;
  };

  // All must outlive this.
  RuleNotices(MetricsRegistry& metrics, telemetry::Logger& logger, const Clock& clock,
              Options options);
  RuleNotices(MetricsRegistry& metrics, telemetry::Logger& logger, const Clock& clock)
      : RuleNotices(metrics, logger, clock, Options()) {}

  // Of an answer that policy::Enforce() has been through.
  void Tell(absl::string_view operation, const PolicyAnswer& answer, const Caller& caller);

 private:
  struct Seen {
    Counter* count = nullptr;
    absl::Duration next_line = absl::ZeroDuration();
    uint64_t untold = 0;  // since the last line
  };

  Seen& Count(absl::string_view operation, absl::string_view rule, RuleMode mode)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellOutcome(absl::string_view operation, const RuleOutcome& outcome, const Caller& caller);

  MetricsRegistry& metrics_;
  telemetry::Logger& logger_;
  const Clock& clock_;
  const Options options_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Seen> seen_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::engine

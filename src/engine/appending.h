#pragma once

// What the sources of the engine share about appends: one on its way, and what is counted.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "nexus/core/errors.h"

namespace nexus::engine {

inline constexpr std::array kAppendBuckets = {.0001, .00025, .0005, .001, .0025, .005, .01,
                                              .025,  .05,    .1,    .25,  .5,    1.0,  5.0};

// One append on its way. Shared by the callbacks of its stages.
struct Engine::Appending {
  CommitDraft draft;
  Caller caller;
  std::shared_ptr<AppendOrder> order;  // of its pipeline; none for single appends
  AppendOrder::Ticket ticket = 0;
  AdmissionGate::Place place;
  Done<CommitReceipt> done;
  absl::Duration begun;
  absl::Duration decided;
  size_t events = 0;
  size_t bytes = 0;
  std::vector<AppendWarning> warnings;
  bool of_command = false;
  bool may_be_known = false;  // brings ids that an accepted commit may have
  bool proposed = false;
};

struct Engine::Metrics {
  explicit Metrics(MetricsRegistry& registry) : registry_(registry) {
    // Known results appear at 0 from the start, so that a rate over them is never without data.
    for (const ErrorReason reason :
         {ErrorReason::kSchemaViolation, ErrorReason::kPolicyDenied, ErrorReason::kAccessDenied,
          ErrorReason::kRateLimited, ErrorReason::kUndeclaredField, ErrorReason::kPolicyUnavailable,
          ErrorReason::kRevisionConflict, ErrorReason::kAppendConditionFailed,
          ErrorReason::kEventIdTaken, ErrorReason::kSchemaNotRegistered, ErrorReason::kOverloaded,
          ErrorReason::kDiskFull, ErrorReason::kOutcomeUnknown}) {
      Result(ReasonName(reason));
    }
  }

  // By reason: a fixed set.
  Counter& Result(absl::string_view result) {
    return registry_.GetCounter("nexus_appends_total", "Commits answered, by result.",
                                {{"result", std::string(result)}});
  }
  Counter& Undeclared(const char* action) {
    return registry_.GetCounter("nexus_undeclared_field_events_total",
                                "Events in commits that were judged and have fields that their "
                                "schema does not declare, by what their subject does: warn, "
                                "reject.",
                                {{"action", action}});
  }
  Counter& Conditional(const char* checked) {
    return registry_.GetCounter("nexus_append_conditional_total",
                                "Commits with append conditions, by where these were looked up "
                                "before the proposal: memory, or log (it was read).",
                                {{"checked", checked}});
  }
  Counter& Dropped(const char* why) {
    return registry_.GetCounter(
        "nexus_append_dropped_total",
        "Commits that were turned away or dropped under load, by why: full "
        "(no place), wait (it would have been too late), share (of its "
        "client), late (it was, and nothing had been written), gone (so had "
        "its client, while the commit was held back).",
        {{"why", why}});
  }
  void TurnedAway(AdmissionGate::Decision why) {
    if (why == AdmissionGate::Decision::kFull) full.Add(1);
    if (why == AdmissionGate::Decision::kLate) wait.Add(1);
    if (why == AdmissionGate::Decision::kShare) share.Add(1);
  }
  Histogram& Phase(const char* phase) {
    return registry_.GetHistogram("nexus_append_duration_seconds",
                                  "Time of an append by phase: decide (schema and policy), commit "
                                  "(order, write, sync).",
                                  {{"phase", phase}}, kAppendBuckets);
  }

  MetricsRegistry& registry_;
  Counter& ok = Result("OK");
  Counter& repeated = Result("REPEATED");
  Counter& events = registry_.GetCounter("nexus_events_appended_total", "Events stored.", {});
  Counter& bytes =
      registry_.GetCounter("nexus_append_bytes_total", "Bytes of event data stored.", {});
  Counter& undeclared_warned = Undeclared("warn");
  Counter& undeclared_rejected = Undeclared("reject");
  Counter& full = Dropped("full");
  Counter& wait = Dropped("wait");
  Counter& share = Dropped("share");
  Counter& late = Dropped("late");
  Counter& gone = Dropped("gone");
  Counter& paced = registry_.GetCounter("nexus_append_paced_total",
                                        "Commits that were held back because a route lags.", {});
  Counter& checked_in_memory = Conditional("memory");
  Counter& checked_in_log = Conditional("log");
  Histogram& decide = Phase("decide");
  Histogram& commit = Phase("commit");
};

}  // namespace nexus::engine

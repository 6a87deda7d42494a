#pragma once

// No policy at all: everything is admitted. For benchmarks and for those who govern by schema only;
// the daemon says so aloud when it starts.
//
// Thread-safe.

#include "nexus/port/policy_decider.h"

namespace nexus::policy {

class OpenDecider : public PolicyDecider {
 public:
  // Written on every event as its policy revision.
  static constexpr char kRevision[] = "none";

  void Decide(PolicyQuestion, absl::Duration, Done done) override {
    PolicyAnswer answer;
    answer.allow = true;
    answer.permitted = true;
    answer.revision = kRevision;
    done(std::move(answer));
  }

  PolicyState State() override {
    PolicyState state;
    state.ready = true;
    state.revision = kRevision;
    state.engine = "none: every commit is admitted";
    return state;
  }

  bool asks() const override { return false; }
};

}  // namespace nexus::policy

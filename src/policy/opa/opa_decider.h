#pragma once

// Asks an OPA over HTTP/1.1, on a Unix socket or TCP: one thread, a few keep-alive connections, and
// one request for all questions that wait (docs/reference/policy-input.md, "How questions travel").
//
// Fails closed: see nexus/port/policy_decider.h. The cause is in the error's metadata under
// "policy_failure" (policy/failure.h lists the words). Before the first probe has answered,
// questions wait for it; after failures in a row they fail at once until a probe succeeds.
// Thread-safe.

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "nexus/core/clock.h"
#include "nexus/port/policy_decider.h"
#include "policy/opa/decider_state.h"
#include "policy/opa/endpoint.h"
#include "policy/opa/engine_lane.h"
#include "policy/opa/wake_event.h"

namespace nexus::policy {

struct OpaDeciderOptions {
  std::string address;  // as Endpoint::Parse() takes it
  std::string ca_file;  // likewise
  std::string engine;   // for State(); empty: "opa at <address>"
  // Of those that policies need not decide (policy/operations.h): the ones that are asked.
  std::set<std::string, std::less<>> operations;
  size_t connections = 2;
  DeciderLimits limits;
  LaneOptions lane;
};

class OpaDecider : public PolicyDecider {
 public:
  // Starts the thread and the first probe; does not wait for it. CONFIGURATION_INVALID if the
  // address is malformed or its host is not known. `clock` must outlive the decider; its
  // Monotonic() must run at the pace of real time.
  static absl::StatusOr<std::unique_ptr<OpaDecider>> Create(const OpaDeciderOptions& options,
                                                            const Clock& clock);

  // Fails what still waits.
  ~OpaDecider() override;

  void Decide(PolicyQuestion question, absl::Duration timeout, Done done) override;
  PolicyState State() override;
  bool Decides(absl::string_view operation) override;

 private:
  OpaDecider(const OpaDeciderOptions& options, Endpoint endpoint, const Clock& clock);
  void Run();
  void StartWork(absl::Duration now);
  void Wait();

  const OpaDeciderOptions options_;
  const Endpoint endpoint_;
  const Clock& clock_;
  // Self-synchronised.
  DeciderState state_;
  WakeEvent wake_;
  // The thread's own.
  std::vector<EngineLane> lanes_;
  std::thread thread_;
};

}  // namespace nexus::policy

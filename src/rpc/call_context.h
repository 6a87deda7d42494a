#pragma once

// What every service needs: the engine, who calls, and what to count.
//
// Thread-safe; the parts must outlive the server.

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/draft.h"
#include "engine/engine.h"
#include "identity/access/access_registry.h"
#include "identity/authentication/authenticator.h"
#include "identity/limits/rate_limiter.h"
#include "nexus/core/clock.h"
#include "nexus/port/metrics.h"
#include "rpc/call_metrics.h"
#include "rpc/transport/server_call.h"

namespace nexus::rpc {

struct ServiceParts {
  engine::Engine& engine;
  const identity::Authenticator& authenticator;
  CallMetrics& metrics;
  identity::RateLimiter* limiter = nullptr;    // nullptr: nobody is limited
  identity::AccessRegistry* access = nullptr;  // nullptr: there is nothing to administer
  uint64_t bulk_read_events = 0;               // a read of so many is written down; 0: none is
};

// What a call without a deadline gets, and a commit of a call that goes on for longer.
inline constexpr absl::Duration kDefaultTimeout = absl::Seconds(10);

// Who calls, if the call may begin: UNAUTHENTICATED for bad credentials, ACCESS_DENIED,
// RATE_LIMITED, MALFORMED_REQUEST for a malformed traceparent. Calls without a deadline get
// `default_timeout`.
absl::StatusOr<engine::Caller> CallerOf(const ServerCall& call, const ServiceParts& parts,
                                        absl::Duration default_timeout = kDefaultTimeout);

// The caller of a commit that has just come in on a streaming call: its time begins now and ends
// with the call's at the latest.
engine::Caller CallerOfCommit(const engine::Caller& call, const Clock& clock);

}  // namespace nexus::rpc

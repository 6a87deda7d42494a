#pragma once

// What an engine is built of.

#include <cstddef>

#include "engine/admission.h"
#include "engine/admission_gate.h"
#include "follow/head_signal.h"
#include "identity/limits/open_subscriptions.h"
#include "identity/limits/rate_limiter.h"
#include "index/filtered_reader.h"
#include "log/recent_events.h"
#include "nexus/core/clock.h"
#include "nexus/core/id_source.h"
#include "nexus/core/limits.h"
#include "nexus/port/audit_ledger.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/log_backend.h"
#include "nexus/port/metrics.h"
#include "nexus/port/policy_decider.h"
#include "nexus/port/schema_validator.h"
#include "nexus/port/upcaster.h"
#include "route/pace/append_pace.h"
#include "schema/schema_registry.h"
#include "telemetry/log.h"

namespace nexus::engine {

struct EngineParts {
  LogBackend& log;
  EventReader& reader;
  schema::SchemaRegistry& schemas;
  SchemaValidator& validator;
  PolicyDecider& policy;
  follow::HeadSignal& head;
  Executor& workers;
  Clock& clock;
  IdSource& ids;
  MetricsRegistry& metrics;
  telemetry::Logger& logger;
  index::FilteredReader& filtered;
  // The newest events of `log` in memory, for append conditions; nullptr: they are read.
  const log::RecentEvents* recent = nullptr;
  // What each client may ask for; nullptr: nobody is limited.
  identity::RateLimiter* limiter = nullptr;
  identity::OpenSubscriptions* subscriptions = nullptr;
  // Of refusals and of what administrators do; nullptr: nobody writes it down.
  AuditLedger* ledger = nullptr;
  // Declared steps between versions of events; nullptr: there are none.
  Upcaster* upcaster = nullptr;
  // How long appends wait for routes that lag; nullptr: for none.
  const route::AppendPace* pace = nullptr;
};

struct EngineOptions {
  Limits limits;
  Admission::Options admission;
  AdmissionGate::Options gate;
  // Commits larger than this are checked on a worker: a network thread has others to serve.
  size_t inline_bytes_max = 64 << 10;
};

}  // namespace nexus::engine

#pragma once

// Queries of the past: admits them, has them answered, and writes down who asked for what.
// docs/reference/temporal-queries.md.
//
// Thread-safe. The parts must outlive it; Stop() before they end.

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "domain/domain_state.h"
#include "engine/engine.h"
#include "nexus/core/secret_source.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/json_reader.h"
#include "script/script_engine.h"
#include "temporal/continuation.h"
#include "temporal/past_query.h"
#include "temporal/temporal_worker.h"

namespace nexus::temporal {

struct TemporalQueriesParts {
  engine::Engine& engine;
  EventReader& reader;
  script::ScriptEngine& scripts;
  JsonReader& json;
  SecretSource& secrets;
  // What is declared now; cheap.
  std::function<std::shared_ptr<const domain::DomainState>()> domains;
  PastSnapshots snapshots = {};
};

class TemporalQueries {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<PastAnswer>)>;

  TemporalQueries(const TemporalQueriesParts& parts, const TemporalWorkerOptions& options);

  // `done` runs once, on any thread. Errors: QueryService of nexus/v1/query.proto.
  void Ask(PastQuery query, engine::Caller caller, Done done);

  void Stop() { worker_.Stop(); }

 private:
  Done Watched(const PastQuery& query, const engine::Caller& caller, Done done);

  const TemporalQueriesParts parts_;
  const Continuations continuations_;
  Histogram& seconds_;
  Counter& events_;
  TemporalWorker worker_;
};

}  // namespace nexus::temporal

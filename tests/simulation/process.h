#pragma once

// One life of the daemon's core on a simulated disk: log, head signal, index, registry, engine.

#include <memory>

#include "engine/engine.h"
#include "fake/recording_metrics.h"
#include "follow/head_signal.h"
#include "index/filtered_reader.h"
#include "index/indexer.h"
#include "nexus/port/policy_decider.h"
#include "policy/operations.h"
#include "schema/json/compat/json_schema_comparer.h"
#include "schema/json/json_schema_validator.h"
#include "schema/json/simd_json_reader.h"
#include "schema/schema_registry.h"
#include "simulation/event_loop.h"
#include "simulation/simulated_log.h"
#include "storage/memory/memory_event_index.h"
#include "telemetry/log.h"

namespace nexus::simulation {

// Allows; late, denying or away now and then.
class SimulatedPolicy : public PolicyDecider {
 public:
  SimulatedPolicy(Executor& executor, Chance& chance) : executor_(executor), chance_(chance) {}

  void Decide(PolicyQuestion question, absl::Duration timeout, Done done) override;
  PolicyState State() override { return {true, "rev", "simulated", ""}; }
  // Reads are free: what is read is not what can go wrong here.
  bool Decides(absl::string_view operation) override { return !policy::IsOptional(operation); }

 private:
  absl::StatusOr<PolicyAnswer> Answer();

  Executor& executor_;
  Chance& chance_;
};

class SilentLogger : public telemetry::Logger {
 public:
  bool Enabled(telemetry::Level) const override { return false; }

 protected:
  void Write(telemetry::Level, absl::string_view, absl::Span<const telemetry::LogField>) override {}
};

class Process {
 public:
  Process(EventLoop& loop, EventLoop::Owner owner, Chance& chance, SimulatedClock& clock,
          SimulatedStore& store, Planted planted);
  // Nothing of it is answered any more.
  ~Process();

  SimulatedLog& log() { return log_; }
  engine::Engine& engine() { return *engine_; }

 private:
  SimulatedExecutor executor_;
  SimulatedIds ids_;
  SimulatedLog log_;
  follow::HeadSignal head_;
  SimulatedPolicy policy_;
  fake::RecordingMetrics metrics_;
  storage::MemoryEventIndex index_;  // built again in each life
  index::FilteredReader filtered_;
  index::Indexer indexer_;
  SilentLogger logger_;
  schema::JsonSchemaValidator validator_;
  schema::JsonSchemaComparer comparer_;
  const schema::SchemaLanguages languages_ =
      schema::SchemaLanguages().Add(SchemaFormat::kJsonSchema, validator_, comparer_);
  schema::SimdJsonReader json_;
  schema::SchemaRegistry registry_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace nexus::simulation

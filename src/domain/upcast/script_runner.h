#pragma once

// Runs the declared steps of domains on a script context. A module is loaded once for each version
// of a domain and thrown away when it misbehaved.
//
// Belongs to the thread of the context, and goes before it.

#include <cstddef>
#include <list>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "domain/domain_state.h"
#include "domain/upcast/upcaster_code.h"
#include "nexus/port/metrics.h"
#include "nexus/port/upcaster.h"
#include "script/script_engine.h"

namespace nexus::domain {

// What upcasts are counted by. Thread-safe.
struct UpcastMetrics {
  explicit UpcastMetrics(MetricsRegistry& registry);

  Counter& runs;
  Counter& failures;
  Histogram& pages;  // seconds of the processor
};

// One upcaster, as a step.
struct ScriptStep : DeclaredStep {
  explicit ScriptStep(UpcasterRecord what);
  const UpcasterRecord record;
};

std::unique_ptr<DeclaredSteps> StepsOf(const DomainState& state);

class ScriptRunner : public UpcastRunner {
 public:
  // All that is borrowed must outlive it. `metrics` null: nobody counts.
  ScriptRunner(script::ScriptContext& context, const script::CallLimits& limits,
               const UpcastMetrics* metrics);
  ~ScriptRunner() override;

  // A page may take the time of two calls and a millisecond an event: one event that loops leaves
  // some for the others. What comes after that is refused without being run.
  void Begin(size_t events) override;
  // `step` is a ScriptStep.
  absl::StatusOr<std::string> Run(const DeclaredStep& step, const RecordedEvent& event) override;

 private:
  absl::StatusOr<UpcasterCode*> CodeOf(const UpcasterRecord& record);
  void TellPage();

  script::ScriptContext& context_;
  const script::CallLimits limits_;
  const UpcastMetrics* const metrics_;
  std::list<std::unique_ptr<UpcasterCode>> codes_;  // the one used last in front
  absl::Duration allowed_;                          // of this page, still
  absl::Duration used_;                             // by it
};

}  // namespace nexus::domain

#include "simulation/process.h"

#include <utility>

namespace nexus::simulation {
namespace {

// Small, so that reads and conditions meet an index that has come half of the way.
index::IndexerOptions SmallSteps() {
  index::IndexerOptions options;
  options.batch.events_max = 8;
  options.events_min = 4;
  options.delay_max = absl::Milliseconds(2);
  options.retry_after = absl::Milliseconds(1);
  return options;
}

}  // namespace

void SimulatedPolicy::Decide(PolicyQuestion, absl::Duration, Done done) {
  if (!chance_.Buggify("slow policy")) return done(Answer());
  executor_.RunAfter(absl::Microseconds(chance_.Between(50, 3'000)),
                     [this, done = std::move(done)]() mutable { done(Answer()); });
}

absl::StatusOr<PolicyAnswer> SimulatedPolicy::Answer() {
  if (chance_.Buggify("policy is away")) {
    return MakeError(ErrorReason::kPolicyUnavailable, "the policy engine is away");
  }
  if (chance_.Buggify("policy denies")) return PolicyAnswer{false, {{"rule", "no"}}, "rev"};
  return PolicyAnswer{true, {}, "rev"};
}

Process::Process(EventLoop& loop, EventLoop::Owner owner, Chance& chance, SimulatedClock& clock,
                 SimulatedStore& store, Planted planted)
    : executor_(loop, owner, chance),
      ids_(chance),
      log_(store, executor_, chance, planted),
      head_(executor_, log_.Head()),
      policy_(executor_, chance),
      filtered_({log_, log_, index_}),
      indexer_({index_, log_, head_, executor_, metrics_}, SmallSteps()),
      registry_({log_, log_, languages_, json_, executor_, clock, ids_}, Limits()) {
  log_.SetHeadListener([this](Position head) { head_.Publish(head); });
  engine::EngineOptions options;
  options.admission.optional_categories = {"hot", "own"};
  if (chance.BuggifyRun("tiny gate")) options.gate.commits_max = 2;
  engine_ = engine::Engine::Create({log_, log_, registry_, validator_, policy_, head_, executor_,
                                    clock, ids_, metrics_, logger_, filtered_},
                                   options)
                .value();
  indexer_.Start();
}

Process::~Process() { log_.Abandon(); }

}  // namespace nexus::simulation

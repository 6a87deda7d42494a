// What being let in costs a commit: the gate and the limits, alone and by several threads.

#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <string>

#include "engine/admission_gate.h"
#include "identity/limits/rate_limiter.h"
#include "nexus/core/system_clock.h"
#include "telemetry/prometheus/prometheus_registry.h"

namespace nexus {
namespace {

// In, and out again as if stored. The two looks at the clock are the engine's own anyway.
void GateLetsIn(benchmark::State& state) {
  static engine::AdmissionGate gate({});
  absl::Duration now = absl::Seconds(1);
  const auto client = static_cast<size_t>(state.thread_index());
  for (auto _ : state) {
    now += absl::Microseconds(1);
    const engine::AdmissionGate::Entry entry = gate.Enter(
        {.bytes = 256, .client = client, .now = now, .deadline = now + absl::Seconds(1)});
    entry.place.Leave(now, true);
    benchmark::DoNotOptimize(entry);
  }
}
BENCHMARK(GateLetsIn)->ThreadRange(1, 2);

// With a queue inside, so that the wait is estimated and shares are compared.
void GateTurnsAway(benchmark::State& state) {
  engine::AdmissionGate gate({});
  absl::Duration now = absl::Seconds(1);
  std::vector<engine::AdmissionGate::Entry> queue;
  for (int i = 0; i < 1'000; ++i) {
    queue.push_back(gate.Enter({.bytes = 256, .client = 1, .now = now}));
  }
  now += absl::Seconds(1);
  for (auto _ : state) {
    const engine::AdmissionGate::Entry entry = gate.Enter(
        {.bytes = 256, .client = 2, .now = now, .deadline = now + absl::Milliseconds(10)});
    if (entry.decision == engine::AdmissionGate::Decision::kIn) state.SkipWithError("let in");
    benchmark::DoNotOptimize(entry);
  }
}
BENCHMARK(GateTurnsAway);

class Limiter {
 public:
  Limiter(bool all_limited, bool by_role) : plans_(PlansOf(all_limited, by_role)) {}

  absl::Status Take(absl::string_view name) {
    const std::array<identity::Cost, 4> costs = {{{identity::LimitKind::kRequests, 1},
                                                  {identity::LimitKind::kEvents, 1},
                                                  {identity::LimitKind::kBytes, 256},
                                                  {identity::LimitKind::kStreams, 1}}};
    return limiter_.Take({name, roles_}, costs);
  }

 private:
  static identity::LimitPlansOptions PlansOf(bool all_limited, bool by_role) {
    identity::LimitPlansOptions options;
    if (all_limited) {
      for (identity::Rate& rate : options.of_all.rates) rate = {1e12, 1e12};
    }
    if (by_role) options.of_roles.emplace("importer", options.of_all);
    return options;
  }

  SystemClock clock_;
  telemetry::PrometheusRegistry metrics_;
  const identity::LimitPlans plans_;
  identity::RateLimiter limiter_{{}, plans_, clock_, metrics_};
  const std::vector<std::string> roles_ = {"reader", "importer"};
};

// As configured by default: nothing that an append is charged for is limited.
void LimitsOfDefault(benchmark::State& state) {
  static Limiter limiter(false, false);
  for (auto _ : state) benchmark::DoNotOptimize(limiter.Take("orders-service"));
}
BENCHMARK(LimitsOfDefault);

void LimitsOfEverything(benchmark::State& state) {
  static Limiter limiter(true, false);
  const std::string name = absl::StrCat("orders-service-", state.thread_index());
  for (auto _ : state) benchmark::DoNotOptimize(limiter.Take(name));
}
BENCHMARK(LimitsOfEverything)->ThreadRange(1, 2);

void LimitsOfARole(benchmark::State& state) {
  static Limiter limiter(true, true);
  for (auto _ : state) benchmark::DoNotOptimize(limiter.Take("orders-service"));
}
BENCHMARK(LimitsOfARole);

}  // namespace
}  // namespace nexus

BENCHMARK_MAIN();

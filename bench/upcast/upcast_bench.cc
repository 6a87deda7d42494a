// What an upcaster costs for each event, on one thread.
//
// Run: a step on a runner of this thread, as a command's thread has one; by the bytes of the data.
// Handed: the same for pages of 1,024 events, handed to the threads that readers use.

#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/no_metrics.h"
#include "domain/upcast/script_upcaster.h"
#include "nexus/core/system_clock.h"
#include "schema/json/simd_json_reader.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::domain {
namespace {

constexpr char kStep[] = R"js(
export function upcast({ data: { customer, lines, ...rest } }) {
  return {
    data: {
      ...rest,
      customerId: customer,
      lines: lines.map(({ price, ...line }) => ({ ...line, price: Math.round(price * 100) })),
    },
  };
}
)js";

constexpr char kDeclaration[] = R"({"apiVersion":"nexus/v1","kind":"Upcaster",
  "metadata":{"name":"cents"},"spec":{"script":"cents.js","type":"Placed","from":1}})";

std::shared_ptr<const DomainState> State() {
  auto package = std::make_shared<DomainPackage>();
  package->name = "bench";
  package->declarations = {{"cents.yaml", kDeclaration}};
  package->files = {{"cents.js", kStep}};
  std::map<std::string, DomainRecord> domains;
  domains["bench"].package = std::move(package);
  schema::SimdJsonReader json;
  return *DomainState::Build(std::move(domains), json);
}

// With so many lines.
std::string Data(int64_t lines) {
  std::string data = R"({"id":"o-1","customer":"ann","at":"2026-01-31T12:00:00Z","lines":[)";
  for (int64_t i = 0; i < lines; ++i) {
    absl::StrAppend(&data, i > 0 ? "," : "", R"({"sku":"tea-)", i, R"(","count":2,"price":4.5})");
  }
  return data + "]}";
}

RecordedEvent EventOf(const std::string& data) {
  RecordedEvent event;
  event.type = "Placed";
  event.data = data;
  return event;
}

void Run(benchmark::State& state) {
  SystemClock clock;
  const auto engine = *script::SpiderMonkeyEngine::Create(clock);
  const auto context = *engine->NewContext({.heap_bytes_max = 128 << 20});
  ScriptRunner runner(*context, {}, nullptr);
  const auto steps = StepsOf(*State());
  const DeclaredStep& step = *steps->Find("Placed", 1);
  const std::string data = Data(state.range(0));
  const RecordedEvent event = EventOf(data);
  for (auto _ : state) {
    runner.Begin(1);
    benchmark::DoNotOptimize(runner.Run(step, event).value());
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
  state.counters["data_bytes"] = static_cast<double>(data.size());
}
BENCHMARK(Run)->Arg(1)->Arg(10)->Arg(100);

void Handed(benchmark::State& state) {
  constexpr int kPage = 1'024;
  SystemClock clock;
  cli::NoMetrics metrics;
  const auto engine = *script::SpiderMonkeyEngine::Create(clock);
  const auto declared = State();
  ScriptUpcaster upcaster({*engine, metrics, [&] { return declared; }}, {});
  const std::string data = Data(state.range(0));
  const RecordedEvent event = EventOf(data);
  for (auto _ : state) {
    const auto steps = upcaster.Steps();
    const absl::Status with = upcaster.With([&](UpcastRunner& runner) {
      runner.Begin(kPage);
      for (int i = 0; i < kPage; ++i) {
        benchmark::DoNotOptimize(runner.Run(*steps->Find("Placed", 1), event).value());
      }
    });
    if (!with.ok()) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * kPage);
}
BENCHMARK(Handed)->Arg(1)->Arg(10)->UseRealTime();

}  // namespace
}  // namespace nexus::domain

BENCHMARK_MAIN();

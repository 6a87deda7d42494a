// What an aggregate in JavaScript costs, on one thread.
//
// Fold: events a call, as one JSON array, on a state that stays in the engine; `Frozen` freezes the
// state after each event, all the way down. Decide: a command and a context as JSON, the result as
// JSON. Load: a module with its realm; `rss_kib` is what the process grows by for each that is
// kept.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "nexus/core/system_clock.h"
#include "script/spidermonkey/held_memory.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::script {
namespace {

constexpr char kOrder[] = R"js(
export const initial = {status: 'none', lines: 0, total: 0, last: null};

export function evolve(state, event) {
  switch (event.type) {
    case 'OrderPlaced':
      return {...state, status: 'placed', customer: event.data.customer};
    case 'LineAdded':
      return {...state, lines: state.lines + 1,
              total: state.total + event.data.count * event.data.price,
              last: {sku: event.data.sku, at: event.recorded}};
    case 'OrderShipped':
      return {...state, status: 'shipped'};
    default:
      return state;
  }
}

export function decide(state, command, ctx) {
  if (state.status !== 'placed') return {reject: {reason: 'NotPlaced', details: state}};
  return {events: [{type: 'LineAdded', data: {sku: command.sku, count: command.count,
                                              price: command.price, line: ctx.newId}}]};
}
)js";

constexpr char kEntry[] = R"js(
import {initial, evolve, decide} from './order.js';
export {initial, evolve, decide};

const {freeze, isFrozen} = Object;
const deepFreeze = (value) => {
  if (typeof value !== 'object' || value === null || isFrozen(value)) return value;
  freeze(value);
  for (const key in value) deepFreeze(value[key]);
  return value;
};

export const fold = (state, events) => {
  for (const event of events) state = evolve(state, event);
  return state;
};
export const foldFrozen = (state, events) => {
  for (const event of events) state = deepFreeze(evolve(state, event));
  return state;
};
export const read = (events) => null;
)js";

std::string Event(size_t number) {
  if (number == 0) {
    return R"({"type":"OrderPlaced","revision":0,"position":1,)"
           R"("recorded":"2026-03-01T12:00:00.000Z","data":{"customer":"customer-4711"}})";
  }
  return absl::StrCat(R"({"type":"LineAdded","revision":)", number, R"(,"position":)",
                      1'000'000 + 7 * number, R"(,"recorded":"2026-03-01T12:00:0)", number % 10,
                      R"(.123Z","data":{"sku":"sku-)", 1000 + number % 9000, R"(","count":)",
                      1 + number % 9, R"(,"price":)", 100 + number % 5000, "}}");
}

std::string Events(size_t count) {
  std::string text = "[";
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&text, i == 0 ? "" : ",", Event(i));
  return text + "]";
}

[[noreturn]] void Die(const absl::Status& why) {
  std::fprintf(stderr, "script_bench: %s\n", std::string(why.message()).c_str());
  std::exit(1);
}

// A busy machine may leave it waiting.
CallLimits Patient() {
  CallLimits limits;
  limits.time_max = absl::Seconds(10);
  return limits;
}

template <typename T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok()) Die(result.status());
  return *std::move(result);
}

class Domain {
 public:
  Domain() : engine_(Must(SpiderMonkeyEngine::Create(clock_))) {
    ContextLimits limits;
    limits.heap_bytes_max = 256 << 20;
    context_ = Must(engine_->NewContext(limits));
    module_ = Load();
  }

  std::unique_ptr<ScriptModule> Load() const {
    return Must(
        context_->Load({{"entry.js", kEntry}, {"order.js", kOrder}}, "entry.js", Patient()));
  }

  ScriptContext& context() const { return *context_; }
  ScriptModule& module() const { return *module_; }

 private:
  SystemClock clock_;
  std::unique_ptr<SpiderMonkeyEngine> engine_;
  std::unique_ptr<ScriptContext> context_;
  std::unique_ptr<ScriptModule> module_;
};

void FoldBy(benchmark::State& state, absl::string_view function) {
  const Domain domain;
  const auto count = static_cast<size_t>(state.range(0));
  const std::string events = Events(count);
  const ScriptFunction fold = Must(domain.module().Find(function));
  const auto initial = Must(domain.module().Get("initial"));
  for (auto _ : state) {
    benchmark::DoNotOptimize(Must(domain.module().Call(fold, {initial.get(), events}, Patient())));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["event_bytes"] = static_cast<double>(events.size()) / static_cast<double>(count);
}

void Fold(benchmark::State& state) { FoldBy(state, "fold"); }
void FoldFrozen(benchmark::State& state) { FoldBy(state, "foldFrozen"); }
BENCHMARK(Fold)->Arg(1)->Arg(10)->Arg(100)->Arg(1'000);
BENCHMARK(FoldFrozen)->Arg(1)->Arg(10)->Arg(100)->Arg(1'000);

// Hands the same events over, and does nothing with them.
void ReadEvents(benchmark::State& state) {
  const Domain domain;
  const std::string events = Events(static_cast<size_t>(state.range(0)));
  const ScriptFunction read = Must(domain.module().Find("read"));
  for (auto _ : state) {
    benchmark::DoNotOptimize(Must(domain.module().Call(read, {events}, Patient())));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ReadEvents)->Arg(1)->Arg(100)->Arg(1'000);

// One event a call, each on the state that the last one gave.
void Evolve(benchmark::State& state) {
  const Domain domain;
  const std::string event = Event(1);
  const ScriptFunction evolve = Must(domain.module().Find("evolve"));
  auto kept = Must(domain.module().Get("initial"));
  for (auto _ : state) kept = Must(domain.module().Call(evolve, {kept.get(), event}, Patient()));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Evolve);

void Decide(benchmark::State& state) {
  const Domain domain;
  const ScriptFunction fold = Must(domain.module().Find("fold"));
  const ScriptFunction decide = Must(domain.module().Find("decide"));
  const auto initial = Must(domain.module().Get("initial"));
  const auto kept = Must(domain.module().Call(fold, {initial.get(), Events(10)}, Patient()));
  const absl::string_view command =
      R"({"orderId":"order-42","sku":"sku-7","count":2,"price":1999})";
  const absl::string_view context =
      R"({"now":"2026-03-01T12:00:00.000Z","newId":"018f2b7e-7d2a-7c1e-9f00-0242ac120002"})";
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        Must(domain.module().CallForJson(decide, {kept.get(), command, context}, Patient())));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Decide);

// A state of so many kilobytes.
void WriteState(benchmark::State& state) {
  const Domain domain;
  const ScriptFunction evolve = Must(domain.module().Find("evolve"));
  std::string event = R"({"type":"OrderPlaced","data":{"customer":)";
  absl::StrAppend(&event, Events(static_cast<size_t>(state.range(0)) * 7), "}}");
  const auto initial = Must(domain.module().Get("initial"));
  const auto kept = Must(domain.module().Call(evolve, {initial.get(), event}, Patient()));
  size_t bytes = 0;
  for (auto _ : state) bytes += Must(domain.module().ToJson(*kept, Patient())).size();
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}
BENCHMARK(WriteState)->Arg(1)->Arg(100);

void LoadModule(benchmark::State& state) {
  const Domain domain;
  for (auto _ : state) benchmark::DoNotOptimize(domain.Load());
}
BENCHMARK(LoadModule)->Unit(benchmark::kMillisecond);

void KeepModules(benchmark::State& state) {
  const Domain domain;
  std::vector<std::unique_ptr<ScriptModule>> kept;
  const size_t before = HeldAfterCollection(domain.context());
  for (auto _ : state) kept.push_back(domain.Load());
  state.counters["held_kib"] = static_cast<double>(HeldAfterCollection(domain.context()) - before) /
                               static_cast<double>(kept.size()) / 1024;
}
BENCHMARK(KeepModules)->Iterations(100)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nexus::script

BENCHMARK_MAIN();

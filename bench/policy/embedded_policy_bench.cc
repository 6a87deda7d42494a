// What a decision of the embedded engine costs, on one thread.
//
//   embedded_policy_bench BUNDLE [decisions=200000]
//
// BUNDLE is what `nexusctl policy build bench/policy/roles` writes. Prints one JSON object, times
// in microseconds: `evaluated` is one decision about a commit of one event, by the whole input;
// `small` the same of hardly more than the policy reads; `batch` a commit of 100 events of 100
// kinds, by event; `projected` and `projected_batch` the first and the third of what a decider
// gives to the module, the making of it included; `cached` a decision that is known, asked through
// the decider; `asked` questions that differ in the stream alone, from asking to the answer;
// `missed` the same without a cache, over the decider's queue and thread.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "nexus/core/system_clock.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/policy_input.h"
#include "policy/wasm/decider_worker.h"
#include "policy/wasm/decision_keys.h"
#include "policy/wasm/embedded_decider.h"
#include "script/spidermonkey/spidermonkey_engine.h"
#include "telemetry/prometheus/prometheus_registry.h"

namespace nexus::policy {
namespace {

constexpr char kSmall[] =
    R"({"operation":"append","principal":{"name":"billing","roles":["writer"]},)"
    R"("streams":[{"system":false}],"events":[{"category":"order",)"
    R"("schema":{"registered":true,"required":true},"metadata":{},)"
    R"("routing":{"criticality":"low"}}]})";

std::string Input(size_t stream, size_t events) {
  Commit commit;
  commit.streams.push_back({StreamName::Literal(absl::StrCat("order-", stream)), {}});
  for (size_t i = 0; i < events; ++i) {
    Event event;
    event.type = events == 1 ? "OrderPlaced" : absl::StrCat("Type", i);
    event.content_type = "application/json";
    event.data = std::string(256, 'x');
    event.metadata = {{"owner", "team-orders"}};
    event.routing.criticality = Criticality::kHigh;
    commit.events.push_back({0, event});
  }
  PrincipalFacts principal;
  principal.name = "billing";
  principal.authenticated = true;
  principal.method = "token";
  principal.roles = {"writer"};
  return AppendInput(commit, principal,
                     std::vector<SchemaFacts>(events, SchemaFacts{true, 3, true}), {});
}

struct Times {
  double p50 = 0;
  double p99 = 0;
};

class Bench {
 public:
  Bench(WasmBundle bundle, size_t decisions)
      : bundle_(std::move(bundle)),
        decisions_(decisions),
        engine_(*script::SpiderMonkeyEngine::Create(clock_)) {}

  int Run() {
    const Times evaluated = Evaluate(Input(1, 1), decisions_);
    const Times small = Evaluate(kSmall, decisions_);
    Times batch = Evaluate(Input(1, 100), decisions_ / 50);
    const Times projected = Project(Input(1, 1), decisions_);
    Times projected_batch = Project(Input(1, 100), decisions_ / 50);
    projected_batch.p50 /= 100;
    projected_batch.p99 /= 100;
    const Times cached = Ask(1);
    const Times asked = Ask(0);
    EmbeddedDeciderOptions uncached;
    uncached.cache_bytes_max = 0;
    const Times missed = Ask(0, uncached);
    std::printf("{\"input_bytes\": %zu", Input(1, 1).size());
    Print("evaluated", evaluated);
    Print("small", small);
    batch.p50 /= 100;
    batch.p99 /= 100;
    Print("batch_per_event", batch);
    Print("projected", projected);
    Print("projected_batch_per_event", projected_batch);
    Print("cached", cached);
    Print("asked", asked);
    Print("missed", missed);
    std::printf(", \"errors\": %zu}\n", errors_);
    return errors_ == 0 ? 0 : 1;
  }

 private:
  static void Print(const char* name, const Times& times) {
    std::printf(", \"%s\": {\"p50\": %.2f, \"p99\": %.2f}", name, times.p50, times.p99);
  }

  Times Sorted(std::vector<double> micros) const {
    micros.erase(micros.begin(), micros.begin() + static_cast<std::ptrdiff_t>(micros.size() / 5));
    std::sort(micros.begin(), micros.end());
    return {micros[micros.size() / 2], micros[micros.size() * 99 / 100]};
  }

  template <typename Step>
  Times Measure(size_t count, Step step) {
    std::vector<double> micros(count);
    for (size_t i = 0; i < count; ++i) {
      const absl::Duration start = clock_.Monotonic();
      step(i);
      micros[i] = absl::ToDoubleMicroseconds(clock_.Monotonic() - start);
    }
    return Sorted(std::move(micros));
  }

  std::shared_ptr<const WasmProgram> Program() {
    const auto context = *engine_->NewContext({});
    return *WasmProgram::Load(*context, bundle_, {});
  }

  Times Evaluate(const std::string& input, size_t count) {
    const std::shared_ptr<const WasmProgram> program = Program();
    const auto worker = *DeciderWorker::Create(*engine_);
    if (!worker->Use(program).ok()) ++errors_;
    return Measure(count, [&](size_t) {
      const auto answer = worker->Decide("append", input, absl::Seconds(1));
      if (!answer.ok() || !answer->answer.allow) ++errors_;
    });
  }

  Times Project(std::string input, size_t count) {
    const std::shared_ptr<const WasmProgram> program = Program();
    const auto worker = *DeciderWorker::Create(*engine_);
    if (!worker->Use(program).ok()) ++errors_;
    const WasmProgram::Operation& operation = *program->Find("append");
    return Measure(count, [&](size_t) {
      const std::string key = DecisionKeys("append", operation, input).Unformatted();
      const auto answer =
          worker->Decide("append", DecisionKeys::InputIn(key, "append"), absl::Seconds(1));
      if (!answer.ok() || !answer->answer.allow || answer->formatted) ++errors_;
    });
  }

  // Of so many different questions, one after the other; 0: all of them differ.
  Times Ask(size_t distinct, const EmbeddedDeciderOptions& options = {}) {
    telemetry::PrometheusRegistry metrics;
    const auto decider = *EmbeddedDecider::Create(bundle_, options, *engine_, clock_, metrics);
    std::vector<std::string> inputs;
    const size_t count = distinct == 0 ? std::min<size_t>(decisions_, 20'000) : decisions_;
    for (size_t i = 0; i < (distinct == 0 ? count : distinct); ++i) inputs.push_back(Input(i, 1));
    return Measure(count, [&](size_t i) {
      absl::Notification answered;
      PolicyQuestion question{"append", inputs[i % inputs.size()]};
      decider->Decide(std::move(question), absl::Seconds(1),
                      [&](absl::StatusOr<PolicyAnswer> answer) {
                        if (!answer.ok() || !answer->allow) ++errors_;
                        answered.Notify();
                      });
      answered.WaitForNotification();
    });
  }

  const WasmBundle bundle_;
  const size_t decisions_;
  SystemClock clock_;
  std::unique_ptr<script::SpiderMonkeyEngine> engine_;
  size_t errors_ = 0;
};

}  // namespace
}  // namespace nexus::policy

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: embedded_policy_bench BUNDLE [decisions]\n");
    return 2;
  }
  auto bundle = nexus::policy::LoadWasmBundle(argv[1]);
  if (!bundle.ok()) {
    std::fprintf(stderr, "%s\n", std::string(bundle.status().message()).c_str());
    return 1;
  }
  const size_t decisions = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 200'000;
  return nexus::policy::Bench(*std::move(bundle), decisions).Run();
}

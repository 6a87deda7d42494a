// What it costs to judge an event: by the weights, and by a model of the largest size.

#include <benchmark/benchmark.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "route/declaration/criticality.h"

namespace nexus::route {
namespace {

// An order of 300 bytes with the metadata that services set.
struct Typical {
  std::string data = std::string(300, 'x');
  RecordedEvent event;

  Typical() {
    event.stream = "order-018f2b7e-7d2a-7c1e-9f00-0242ac120002";
    event.type = "order.payment-captured";
    event.data = data;
    event.routing.business_impact = 0.5;
    event.metadata = {{"channel", "web"},
                      {"customer-tier", "gold"},
                      {"region", "eu-central-1"},
                      {"request-id", "018f2b7e-7d2a-7c1e-9f00-0242ac120002"},
                      {"service", "payment-gateway"}};
  }
};

CriticalityModelPtr LargestModel() {
  ModelWeights weights;
  weights.intercept = -kOne;
  weights.size = 100'000;
  for (int i = 0; i < 1'000; ++i) weights.types[absl::StrCat("order.type-", i)] = i;
  for (int i = 0; i < 1'000; ++i) weights.categories[absl::StrCat("category", i)] = i;
  weights.types["order.payment-captured"] = kOne;
  weights.categories["order"] = kOne;
  for (const char* key : {"channel", "customer-tier", "region", "service"}) {
    MetadataWeights& metadata = weights.metadata[key];
    for (int i = 0; i < 500; ++i) metadata.values[absl::StrCat("value-", i)] = i;
    metadata.present = 1;
  }
  weights.metadata["customer-tier"].values["gold"] = kOne;
  weights.metadata["region"].values["eu-central-1"] = kOne;
  return std::make_shared<CriticalityModel>(std::move(weights), ModelOrigin());
}

void JudgeBy(benchmark::State& state, const CriticalityRules& rules) {
  const Typical typical;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Judge(rules, typical.event));
    benchmark::ClobberMemory();
  }
}

void ByWeights(benchmark::State& state) { JudgeBy(state, CriticalityRules()); }
BENCHMARK(ByWeights);

void ByModel(benchmark::State& state) {
  CriticalityRules rules;
  rules.model = LargestModel();
  state.counters["features"] = static_cast<double>(rules.model->feature_count());
  JudgeBy(state, rules);
}
BENCHMARK(ByModel);

}  // namespace
}  // namespace nexus::route

BENCHMARK_MAIN();

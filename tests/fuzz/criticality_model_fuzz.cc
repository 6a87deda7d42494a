// A model file, and the data of an event: what is taken is written as the same model, and what is
// explained of an event adds up to its score.

#include <string>

#include "fuzz/fuzz_input.h"
#include "nexus/core/errors.h"
#include "route/declaration/criticality_model.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::route {
namespace {

using fuzz::Require;

void ScoreOnce(const CriticalityModel& model, absl::string_view data) {
  RecordedEvent event;
  event.stream = "order-1";
  event.type = "order.paid";
  event.data = data;
  event.metadata = {{"region", "eu"}, {"tier", "gold"}};
  Millionths sum = 0;
  for (const ModelTerm& term : model.Explain(event)) sum += term.contribution;
  Require(sum == model.LogOdds(event), "contributions add up");
  const double score = model.Score(event);
  Require(score >= 0 && score <= 1, "a score is a probability");
}

void TryOnce(absl::string_view text, absl::string_view data) {
  schema::SimdJsonReader json;
  const auto model = ParseModel(text, json);
  if (!model.ok()) {
    Require(ReasonOf(model.status()) == ErrorReason::kMalformedRequest, "a fault has its reason");
    return;
  }
  const std::string written = ModelText(**model);
  const auto again = ParseModel(written, json);
  Require(again.ok() && ModelText(**again) == written, "a model reads back", written);
  ScoreOnce(**model, data);
}

}  // namespace
}  // namespace nexus::route

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [text, of_event] = nexus::fuzz::Split<2>(data, size);
  nexus::route::TryOnce(text, of_event);
  return 0;
}

// Two Avro schemas and bytes: what a verdict of compatible promises to be readable is, what the
// resolver gives is a datum of the reader, and a schema is compatible with itself.

#include <string>

#include "fuzz/bounded_avro.h"
#include "fuzz/compare_fuzz.h"
#include "nexus/core/errors.h"
#include "schema/avro/avro_evolver.h"
#include "schema/avro/avro_schema_validator.h"
#include "schema/avro/compat/avro_comparer.h"
#include "schema/avro/compiled_avro_schema.h"

namespace nexus::schema {
namespace {

using fuzz::Require;

// What `after` makes of data that are valid under `before`.
void CheckReading(const CompiledSchema& before, const CompiledSchema& after, bool compatible,
                  absl::string_view data) {
  const auto reading = after.Reading(before);
  if (!reading.ok()) return;
  const auto readable = (*reading)->Validate(data, 1);
  if (!readable.ok()) {
    Require(ReasonOf(readable.status()) == ErrorReason::kLimitExceeded, "the work is bounded");
    return;
  }
  Require(!compatible || readable->empty(), "compatible means that it can be read");
  const auto evolved = AvroEvolver().Evolve(data, before, after);
  if (!evolved.ok()) {
    Require(!readable->empty() || ReasonOf(evolved.status()) == ErrorReason::kLimitExceeded,
            "what can be read can be converted:", evolved.status().message());
    return;
  }
  Require(readable->empty(), "what cannot be read is not converted");
  const auto violations = after.Validate(*evolved, 1);
  Require(!violations.ok() || violations->empty(), "what was converted is valid");
}

void TryOnce(absl::string_view before_text, absl::string_view after_text, absl::string_view data) {
  AvroSchemaValidator validator(fuzz::BoundedAvro());
  ResolutionLimits limits;
  limits.steps_max = 100'000;
  AvroComparer comparer(limits);
  const auto versions = fuzz::CheckedVersions(validator, comparer, before_text, after_text);
  if (!versions.has_value()) return;
  const auto& [before, after] = *versions;
  const bool compatible = fuzz::JudgedBackward(comparer, *before, *after).compatible();
  const auto violations = before->Validate(data, 1);
  if (!violations.ok() || !violations->empty()) return;
  CheckReading(*before, *after, compatible, data);
}

}  // namespace
}  // namespace nexus::schema

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [before, after, datum] = nexus::fuzz::Split<3>(data, size);
  nexus::schema::TryOnce(before, after, datum);
  return 0;
}

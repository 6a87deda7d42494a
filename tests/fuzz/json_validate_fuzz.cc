// A schema and a document: the fast evaluation says what the exhaustive one says, and each
// violation lies in the document; what is no JSON is refused with its place.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/fuzz_input.h"
#include "nexus/core/errors.h"
#include "schema/json/compiled_json_schema.h"
#include "schema/json/json_document.h"
#include "schema/json/json_schema_validator.h"

namespace nexus::schema {
namespace {

using fuzz::Require;

JsonSchemaOptions Options() {
  JsonSchemaOptions options;
  options.assert_formats = true;
  options.steps_max = 100'000;  // so that a hostile input is not a slow one
  return options;
}

void CheckAgreement(const CompiledJsonSchema& schema, JsonElement root) {
  const auto all = schema.Judge(root, 20);
  if (!all.ok()) {
    Require(ReasonOf(all.status()) == ErrorReason::kLimitExceeded, "the work is bounded");
    return;
  }
  const auto first = schema.Judge(root, 1);
  Require(first.ok() && first->empty() == all->empty(), "one violation is looked for as many are");
  for (const Violation& violation : *all) {
    Require(root.at_pointer(violation.pointer).error() == simdjson::SUCCESS,
            "a violation lies in the document:", violation.pointer);
  }
  if (!schema.has_fast()) return;
  if (schema.AcceptsFast(root)) {
    Require(all->empty(), "what the fast evaluation takes is valid");
  } else if (all->empty()) {
    // Each counts its own steps, so near the limit one of them may give up before the other.
    const JsonSchemaOptions plenty;
    const EvaluationLimits limits{2 * plenty.nesting_max, plenty.steps_max};
    Require(FastRun(schema.program(), limits, root).Accepts(*CompileFast(schema.program())),
            "what is valid the fast evaluation takes");
  }
}

std::vector<std::string> PointersOf(const std::vector<Violation>& fields) {
  std::vector<std::string> pointers;
  for (const Violation& field : fields) pointers.push_back(field.pointer);
  std::sort(pointers.begin(), pointers.end());
  return pointers;
}

void CheckUndeclared(const CompiledJsonSchema& schema, JsonElement root) {
  constexpr size_t kAll = 100'000;
  const auto slow = schema.InspectExhaustively(root, 20, kAll);
  if (!slow.ok()) return;  // outgrew its limits
  for (const Violation& field : slow->undeclared) {
    Require(root.at_pointer(field.pointer).error() == simdjson::SUCCESS,
            "an undeclared field lies in the document:", field.pointer);
  }
  if (!schema.AcceptsFast(root)) return;
  const auto fast = schema.UndeclaredFast(root, kAll);
  if (!fast.ok()) return;
  Require(PointersOf(*fast) == PointersOf(slow->undeclared),
          "both evaluations find the same undeclared fields");
}

void TryOnce(absl::string_view definition, absl::string_view data) {
  const auto compiled = JsonSchemaValidator(Options()).Compile(definition);
  if (!compiled.ok()) return;
  const auto& schema = dynamic_cast<const CompiledJsonSchema&>(**compiled);
  const auto document = JsonDocument::Parse(data, Options().json_depth_max);
  const auto violations = schema.Validate(data, 20);
  if (!document.ok()) {
    Require(ReasonOf(violations.status()) == ErrorReason::kMalformedJson,
            "what cannot be parsed is refused");
    const auto details = DetailsOf(document.status());
    Require(!details.metadata.empty(),
            "whoever looks for the fault finds it:", document.status().message());
    return;
  }
  CheckAgreement(schema, (*document)->root());
  CheckUndeclared(schema, (*document)->root());
}

}  // namespace
}  // namespace nexus::schema

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [definition, document] = nexus::fuzz::Split<2>(data, size);
  nexus::schema::TryOnce(definition, document);
  return 0;
}

// A transform and a document: what is left is one JSON document, the same each time, without what
// is dropped; a refusal holds nothing of the data.

#include <string>

#include "absl/strings/match.h"
#include "fuzz/fuzz_input.h"
#include "nexus/core/errors.h"
#include "route/transform/projection.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::route {
namespace {

using fuzz::Require;

// Members right below the root are looked for by another reader.
void CheckDropped(const TransformDeclaration& declaration, const std::string& left,
                  JsonReader& json) {
  const auto members = json.ReadObject(left);
  if (!members.ok() || !declaration.rename.empty()) return;
  for (const std::string& pointer : declaration.drop) {
    std::vector<std::string> segments;
    Require(ParsePointer(pointer, segments), "a declared pointer is one");
    if (segments.size() != 1) continue;
    Require(segments[0] == "*" ? members->empty() : !members->contains(segments[0]),
            "what is dropped is gone", left);
  }
}

void TryOnce(absl::string_view transform, absl::string_view document) {
  schema::SimdJsonReader json;
  TransformDeclaration declaration;
  if (!ParseTransform(std::string(transform), json, declaration).ok()) return;
  TransformDeclaration again;
  Require(ParseTransform(TransformText(declaration), json, again).ok() && again == declaration,
          "a transform reads back");
  const auto tree = BuildPointerTree(declaration);
  const auto left = Project(document, *tree, {"0123456789abcdef", ""});
  if (!left.ok()) {
    Require(ReasonOf(left.status()) == ErrorReason::kSchemaViolation, "a refusal has its reason");
    return;
  }
  Require(Project(document, *tree, {"0123456789abcdef", ""}) == left, "it is the same each time");
  // The reader has bounds of its own.
  if (!json.Canonical(document).ok()) return;
  Require(json.Canonical(*left).ok(), "what is left is JSON", *left);
  CheckDropped(declaration, *left, json);
}

}  // namespace
}  // namespace nexus::route

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [transform, document] = nexus::fuzz::Split<2>(data, size);
  nexus::route::TryOnce(transform, document);
  return 0;
}

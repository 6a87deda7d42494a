// Two Protobuf schemas and bytes: what a verdict of compatible promises to be understood is, and a
// schema is compatible with itself.

#include <google/protobuf/stubs/logging.h>

#include <string>

#include "fuzz/compare_fuzz.h"
#include "schema/protobuf/compat/protobuf_comparer.h"
#include "schema/protobuf/compiled_protobuf_schema.h"
#include "schema/protobuf/protobuf_validator.h"

namespace nexus::schema {
namespace {

using fuzz::Require;

void CheckUnderstood(absl::string_view after_text, absl::string_view data) {
  const auto after = ProtobufValidator().Compile(after_text);
  Require(after.ok(), "what compiled compiles");
  const auto violations = (*after)->Validate(data, 100);
  Require(violations.ok(), "bytes are judged");
  for (const Violation& violation : *violations) {
    // A number that is not declared is kept among the unknown fields.
    Require(violation.keyword == "enum", "compatible means that it is understood:",
            absl::StrCat(violation.keyword, " at ", violation.pointer));
  }
}

void TryOnce(absl::string_view before_text, absl::string_view after_text, absl::string_view data) {
  const google::protobuf::LogSilencer silencer;
  ProtobufValidator validator;
  ProtobufComparer comparer;
  const auto versions = fuzz::CheckedVersions(validator, comparer, before_text, after_text);
  if (!versions.has_value()) return;
  const auto& [before, after] = *versions;
  const bool compatible = fuzz::JudgedBackward(comparer, *before, *after).compatible();
  const auto findings = before->Inspect(data, 1, 1);
  Require(findings.ok(), "bytes are judged");
  // A field that nobody declared may get any type.
  if (!compatible || !findings->violations.empty() || !findings->undeclared.empty()) return;
  CheckUnderstood(after_text, data);
}

}  // namespace
}  // namespace nexus::schema

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [before, after, bytes] = nexus::fuzz::Split<3>(data, size);
  nexus::schema::TryOnce(before, after, bytes);
  return 0;
}

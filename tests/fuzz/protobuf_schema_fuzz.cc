// The loader of Protobuf schemas, as text and as a descriptor: anything is a schema or is refused
// with a reason; text and descriptor that are given back compile, and to the same canonical form.

#include <google/protobuf/stubs/logging.h>

#include <memory>
#include <string>

#include "fuzz/fuzz_input.h"
#include "nexus/core/errors.h"
#include "schema/protobuf/compiled_protobuf_schema.h"
#include "schema/protobuf/protobuf_validator.h"

namespace nexus::schema {
namespace {

using fuzz::Require;

void CheckReturned(ProtobufValidator& validator, const std::string& form, absl::string_view given) {
  const auto again = validator.Compile(given);
  Require(again.ok(), "what is given back compiles:", given);
  Require(dynamic_cast<const CompiledProtobufSchema&>(**again).Canonical() == form,
          "what is given back means the same:", given);
}

void TryOnce(absl::string_view definition) {
  const google::protobuf::LogSilencer silencer;
  ProtobufValidator validator;
  const auto compiled = validator.Compile(definition);
  const auto canonical = validator.Canonical(definition);
  if (!compiled.ok()) {
    Require(ReasonOf(compiled.status()) == ErrorReason::kSchemaInvalid,
            "a schema is refused as one:", compiled.status().message());
    return;
  }
  Require(canonical.ok(), "a schema has a canonical form");
  const auto& schema = dynamic_cast<const CompiledProtobufSchema&>(**compiled);
  const std::string form = schema.Canonical();
  CheckReturned(validator, form, schema.Text());
  CheckReturned(validator, form, schema.Serialized());
}

}  // namespace
}  // namespace nexus::schema

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [definition] = nexus::fuzz::Split<1>(data, size);
  nexus::schema::TryOnce(definition);
  return 0;
}

// A Protobuf schema and bytes: what our check of the wire takes, libprotobuf parses, and the other
// readers of the same bytes agree with it.

#include <google/protobuf/dynamic_message.h>
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

void CheckAccepted(const CompiledProtobufSchema& schema, absl::string_view data) {
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<google::protobuf::Message> message(
      factory.GetPrototype(schema.file().message_type(0))->New());
  Require(message->ParseFromArray(data.data(), static_cast<int>(data.size())),
          "what is valid libprotobuf parses");
  // An Any of an unknown type or a time out of range has no JSON: then the reason says so.
  const auto json = schema.ToJson(data, JsonNames::kOriginal);
  Require(json.ok() || ReasonOf(json.status()) == ErrorReason::kSchemaViolation,
          "what is valid has JSON or a reason:", json.status().message());
  const auto known = schema.WithoutUnknownFields(data);
  Require(known.ok(), "what is valid can be written without unknown fields");
  const auto violations = schema.Validate(*known, 10);
  Require(violations.ok() && violations->empty(), "and is still valid then");
}

void TryOnce(absl::string_view definition, absl::string_view data) {
  const google::protobuf::LogSilencer silencer;
  const auto compiled = ProtobufValidator().Compile(definition);
  if (!compiled.ok()) return;
  const auto& schema = dynamic_cast<const CompiledProtobufSchema&>(**compiled);
  const auto violations = schema.Validate(data, 10);
  Require(violations.ok() && violations->size() <= 10, "bytes are judged");
  const auto first = schema.Validate(data, 1);
  Require(first->empty() == violations->empty(), "one violation is looked for as many are");
  const auto findings = schema.Inspect(data, 10, 10);
  Require(findings.ok() && findings->violations.empty() == violations->empty(),
          "looking for undeclared fields changes no verdict");
  if (schema.file().message_type_count() == 0) return;
  if (violations->empty()) {
    CheckAccepted(schema, data);
  } else {
    Require(!schema.ToJson(data, JsonNames::kOriginal).ok(), "what is not valid has no JSON");
  }
}

}  // namespace
}  // namespace nexus::schema

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [definition, bytes] = nexus::fuzz::Split<2>(data, size);
  nexus::schema::TryOnce(definition, bytes);
  return 0;
}

#include "schema/protobuf/protobuf_evolver.h"

#include "nexus/core/errors.h"
#include "schema/protobuf/compiled_protobuf_schema.h"

namespace nexus::schema {

absl::StatusOr<std::string> ProtobufEvolver::Evolve(absl::string_view data, const CompiledSchema&,
                                                    const CompiledSchema& to) {
  const auto* schema = dynamic_cast<const CompiledProtobufSchema*>(&to);
  if (schema == nullptr) {
    return MakeError(ErrorReason::kInternal, "a schema is not one of Protobuf");
  }
  return schema->WithoutUnknownFields(data);
}

}  // namespace nexus::schema

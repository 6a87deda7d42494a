#pragma once

#include <memory>
#include <string>

#include "schema/protobuf/compiled_protobuf_schema.h"
#include "schema/protobuf/protobuf_validator.h"

namespace nexus::schema {

// Null if it is refused.
inline std::shared_ptr<const CompiledProtobufSchema> Compiled(const SchemaSource& source,
                                                              ProtobufOptions options = {}) {
  const auto schema = ProtobufValidator(options).Compile(source);
  if (!schema.ok()) return nullptr;
  return std::static_pointer_cast<const CompiledProtobufSchema>(*schema);
}

}  // namespace nexus::schema

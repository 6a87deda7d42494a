#pragma once

// The SchemaEvolver port for Protobuf: the bytes are read with the other version, and the fields
// that it does not declare are left out. Defaults need no bytes.

#include "nexus/port/schema_evolver.h"

namespace nexus::schema {

class ProtobufEvolver : public SchemaEvolver {
 public:
  // As the port says. Of the first message of the file.
  absl::StatusOr<std::string> Evolve(absl::string_view data, const CompiledSchema& from,
                                     const CompiledSchema& to) override;
};

}  // namespace nexus::schema

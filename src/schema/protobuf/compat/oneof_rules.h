#pragma once

#include <google/protobuf/descriptor.h>

#include "schema/protobuf/compat/element_text.h"
#include "schema/protobuf/compat/protobuf_findings.h"

namespace nexus::schema {

// What becomes of the oneofs of a message: two fields that could both be set must not exclude each
// other, and a oneof that stays keeps its fields.
void CheckOneofs(const google::protobuf::Descriptor& from, const google::protobuf::Descriptor& to,
                 const ElementPaths& paths, ProtobufFindings& findings);

}  // namespace nexus::schema

#pragma once

#include <google/protobuf/descriptor.h>

#include "schema/protobuf/compat/element_text.h"
#include "schema/protobuf/compat/protobuf_findings.h"

namespace nexus::schema {

// The rules of the policy NEXUS about the values of one enum. `forward`: readers of the earlier
// version must understand what is new.
void CheckEnumValues(const google::protobuf::EnumDescriptor& from,
                     const google::protobuf::EnumDescriptor& to, bool forward,
                     const ElementPaths& paths, ProtobufFindings& findings);

// Values of `to` that `earlier` had under another name and `latest` did not have. `latest` may be
// null.
void CheckReturnedValues(const google::protobuf::EnumDescriptor& earlier,
                         const google::protobuf::EnumDescriptor* latest,
                         const google::protobuf::EnumDescriptor& to, const ElementPaths& paths,
                         ProtobufFindings& findings);

}  // namespace nexus::schema

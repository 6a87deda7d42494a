#pragma once

// The rules of the policy NEXUS about declarations: what is new, gone, back, renamed or of another
// type, whatever the mode.

#include <google/protobuf/descriptor.h>

#include <vector>

#include "nexus/core/compatibility.h"

namespace nexus::schema {

struct DeclarationQuestion {
  CompatibilityFlags flags;
  bool forward = false;  // whether the mode asks about readers of the earlier version
};

// What `to` does with the declarations of `latest`, the version before it.
std::vector<CompatibilityFinding> CheckDeclarations(const google::protobuf::FileDescriptor& latest,
                                                    const google::protobuf::FileDescriptor& to,
                                                    const DeclarationQuestion& question);

// Fields and enum values of `to` that `earlier` had otherwise and `latest` did not have.
std::vector<CompatibilityFinding> CheckReturns(const google::protobuf::FileDescriptor& earlier,
                                               const google::protobuf::FileDescriptor& latest,
                                               const google::protobuf::FileDescriptor& to);

}  // namespace nexus::schema

#pragma once

// Whether a reader that has the schema `to` understands what was written by `from`: what every
// policy asks, with the names that Confluent's registry has for the answers.

#include <google/protobuf/descriptor.h>

#include <vector>

#include "nexus/core/compatibility.h"

namespace nexus::schema {

struct ReaderQuestion {
  // What Confluent's registry lets pass although some messages do not parse, or become others.
  bool lenient = false;
  // A type that only `from` has may be one that readers never see.
  bool types_may_vanish = false;
};

// `old_value` is of `from`, `new_value` of `to`. Versions and fixes are left to the caller.
std::vector<CompatibilityFinding> CheckReader(const google::protobuf::FileDescriptor& from,
                                              const google::protobuf::FileDescriptor& to,
                                              const ReaderQuestion& question);

}  // namespace nexus::schema

#pragma once

// The options of nexus/schema/v1/annotations.proto.

#include "absl/status/statusor.h"
#include "nexus/core/data_class.h"

namespace google::protobuf {
class Descriptor;
class DescriptorPool;
}  // namespace google::protobuf

namespace nexus::schema {

inline constexpr char kAnnotationsFile[] = "nexus/schema/v1/annotations.proto";

// SCHEMA_INVALID if a field of the pool's files that `event` leads to has a class that is none.
// Every way from `event` (null: there is none) to a field that is annotated, by the names of
// fields; "*" is any element. A way that comes back to a message ends there, and the list is not
// complete.
absl::StatusOr<ClassifiedFields> ListClassifiedFields(const google::protobuf::DescriptorPool& pool,
                                                      const google::protobuf::Descriptor* event);

}  // namespace nexus::schema

#pragma once

// Counts what a file descriptor declares, before a pool builds it: libprotobuf compares reserved
// and extension ranges with each other and with every field.

#include <google/protobuf/descriptor.pb.h>

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "schema/protobuf/protobuf_options.h"

namespace nexus::schema {

struct DescriptorSize {
  size_t messages = 0;
  size_t fields = 0;
  size_t ranges = 0;
  size_t nesting = 0;

  // Adds what `file` declares. SCHEMA_INVALID if that is more than `options` allow.
  absl::Status Add(const google::protobuf::FileDescriptorProto& file, absl::string_view name,
                   const ProtobufOptions& options);
};

// Whether an option is still text, as it is nowhere in what a compiler has written.
bool HasUninterpretedOption(const google::protobuf::Message& descriptor);

}  // namespace nexus::schema

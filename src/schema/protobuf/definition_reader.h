#pragma once

// Turns a definition, in whatever form it was registered, into file descriptors.

#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.pb.h>

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "schema/protobuf/protobuf_options.h"

namespace nexus::schema {

// One file on its way into a pool: not linked with its imports yet.
struct DefinitionFile {
  google::protobuf::FileDescriptorProto proto;
  google::protobuf::compiler::SourceLocationTable locations;  // empty for a serialized one
  // Columns of the first line are told without what was put before the text.
  int first_line_shift = 0;
};

// Last the file itself, before it those that a FileDescriptorSet brought along. The proto of a text
// has no name; that of a serialized one has the name that it came with. SCHEMA_INVALID if it is
// neither .proto text nor base64 of a FileDescriptorProto or FileDescriptorSet, or exceeds a limit
// that must hold before libprotobuf looks at it. Errors name the file by `name`.
absl::StatusOr<std::vector<std::unique_ptr<DefinitionFile>>> ReadDefinition(
    absl::string_view definition, absl::string_view name, const ProtobufOptions& options);

}  // namespace nexus::schema

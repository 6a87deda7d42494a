#pragma once

// The linked files of one schema: its own and all that it imports, in a pool of their own.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "nexus/port/schema_source.h"
#include "schema/protobuf/protobuf_options.h"

namespace nexus::schema {

enum class Imports {
  kRequired,
  kOptional,  // one that is not there leaves its types unknown
};

struct SchemaFiles {
  SchemaFiles() : factory(&pool) {}

  google::protobuf::DescriptorPool pool;
  // Builds message types when they are first asked for, under a lock of its own; hence mutable.
  mutable google::protobuf::DynamicMessageFactory factory;
  const google::protobuf::FileDescriptor* main = nullptr;
  google::protobuf::FileDescriptorProto written;  // what `main` was linked from; kOptional only
};

// SCHEMA_INVALID with every error that was found, up to a bound.
absl::StatusOr<std::unique_ptr<SchemaFiles>> LinkFiles(const SchemaSource& source, Imports imports,
                                                       const ProtobufOptions& options);

// Whether `name` is one of google/protobuf/*.proto that come with libprotobuf, or the file of our
// own annotations.
bool IsWellKnownFile(absl::string_view name);

}  // namespace nexus::schema

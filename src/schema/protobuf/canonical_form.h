#pragma once

// One descriptor for all definitions that mean the same, and one text for one descriptor.

#include <google/protobuf/descriptor.pb.h>

#include <string>

namespace nexus::schema {

// Puts what has no order in order (fields by number, imports, reserved ranges, enums and services
// by name) and leaves out what says nothing (the file's name, comments, a json_name that follows
// from the field's name). Messages keep their order: the first is the event, and frames count them.
void Normalize(google::protobuf::FileDescriptorProto& file);

// .proto text of a normalized file. An option that only an import could explain is a comment.
std::string CanonicalText(const google::protobuf::FileDescriptorProto& file);

}  // namespace nexus::schema

#pragma once

// One descriptor for all definitions that mean the same, and one text for one descriptor.

#include <google/protobuf/descriptor.pb.h>

#include <string>

namespace nexus::schema {

// Puts what has no order in order (fields by number, imports, reserved ranges, enums and services
// by name) and leaves out what says nothing (the file's name, comments, a json_name that follows
// from the field's name). Messages keep their order: the first is the event, and frames count them.
void Normalize(google::protobuf::FileDescriptorProto& file);

// Gives fields of `linked` the defaults that stand in `written`, the file that it was linked from:
// of an enum that comes from a missing import, linking forgets them.
void KeepDefaults(const google::protobuf::FileDescriptorProto& written,
                  google::protobuf::FileDescriptorProto& linked);

// .proto text of a normalized file. An option that only an import could explain is a comment.
std::string CanonicalText(const google::protobuf::FileDescriptorProto& file);

}  // namespace nexus::schema

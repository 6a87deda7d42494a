#pragma once

// The messages and enums that two versions of a schema have in common, by full name.

#include <google/protobuf/descriptor.h>

#include <utility>
#include <vector>

namespace nexus::schema {

struct TypePairs {
  using Message = google::protobuf::Descriptor;
  using Enum = google::protobuf::EnumDescriptor;

  // Of the first file, and those of its imports that fields of both versions lead to. Each once,
  // however the types refer to each other.
  std::vector<std::pair<const Message*, const Message*>> messages;
  std::vector<std::pair<const Enum*, const Enum*>> enums;
  // Of the first file alone. Entries of maps are no messages of their own.
  std::vector<const Message*> removed_messages;
  std::vector<const Enum*> removed_enums;
};

TypePairs PairTypes(const google::protobuf::FileDescriptor& from,
                    const google::protobuf::FileDescriptor& to);

}  // namespace nexus::schema

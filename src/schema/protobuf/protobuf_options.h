#pragma once

#include <cstddef>

namespace nexus::schema {

struct ProtobufOptions {
  size_t depth_max = 64;                     // of messages inside one another in data
  size_t definition_bytes_max = 512 * 1024;  // of one file, as it was given
  size_t references_max = 200;               // files beside the schema itself
  size_t files_bytes_max = 4 * 1024 * 1024;  // of all files together
  size_t nesting_max = 32;                   // of brackets in a text, of messages in a descriptor
  // In all files together, as the next two. libprotobuf builds types inside one another by
  // recursion: a chain of so many takes less than 3 MB of a thread's stack.
  size_t messages_max = 5'000;
  size_t fields_max = 50'000;        // and enum values, extensions and methods
  size_t ranges_max = 2'000;         // reserved numbers and names, extension ranges
  size_t errors_max = 20;            // told about one definition
  size_t json_bytes_max = 16 << 20;  // of one message shown as JSON
};

}  // namespace nexus::schema

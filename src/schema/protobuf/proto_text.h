#pragma once

// What must be known of a .proto text before libprotobuf parses it.

#include <cstddef>

#include "absl/strings/string_view.h"

namespace nexus::schema {

struct ProtoTextOutline {
  // The most brackets of any kind that are open at one place. libprotobuf's parser recurses by
  // them.
  size_t nesting = 0;
  int deepest_line = 0;  // from 0
  // Whether the first word is `syntax`. libprotobuf logs a line about each file that has none.
  bool begins_with_syntax = false;
};

// Reads strings and comments as libprotobuf's tokenizer does.
ProtoTextOutline OutlineOf(absl::string_view text);

}  // namespace nexus::schema

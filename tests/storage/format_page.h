#pragma once

// The worked examples of docs/storage-format.md.

#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/ascii.h"

namespace nexus::storage {

// The hexadecimal digits of the block that begins with the line `opening`, such as "```hex"; what
// stands behind a '#' is a comment.
inline std::string DocumentedHex(const std::string& opening) {
  std::ifstream in(std::string(getenv("NEXUS_SOURCE_DIR")) + "/docs/storage-format.md");
  std::string hex;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line == opening) {
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      for (const char c : line.substr(0, line.find('#'))) {
        if (absl::ascii_isxdigit(static_cast<unsigned char>(c))) hex.push_back(c);
      }
    }
  }
  return hex;
}

}  // namespace nexus::storage

#pragma once

// YAML as JSON: each document of a text becomes one JSON text, and every value in it knows its
// line.
//
// YAML 1.2's core schema, strictly: what stands in quotes or in a block (| and >) is text, and so
// is whatever is neither a number, true, false nor null. What JSON cannot say, or what readers of
// YAML disagree about, is refused: a key twice, 007, .inf, merge keys, tags of one's own.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::cli {

struct YamlFault {
  uint64_t line = 0;  // 0: of the whole text
  std::string message;
};

struct YamlDocument {
  std::string json;
  // By JSON pointer; "" is the document.
  std::map<std::string, uint64_t> lines;

  // Of the value at `pointer`, or else of the nearest that it is in.
  uint64_t LineOf(absl::string_view pointer) const;
};

// Empty documents are left out. What is wrong is added to `faults`; then the result is of no use.
std::vector<YamlDocument> ReadYaml(const std::string& text, std::vector<YamlFault>& faults);

}  // namespace nexus::cli

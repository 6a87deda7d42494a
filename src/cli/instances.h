#pragma once

// The documents that a command line names: a file each, or a line each.

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::cli {

constexpr size_t kInstanceLineBytesMax = 16 << 20;

struct Instance {
  absl::string_view file;  // as the command line names it
  uint64_t line = 0;       // from 1; 0: the file is one document
  absl::string_view data;
  bool is_cut = false;  // the line is longer than kInstanceLineBytesMax
};

struct InstanceFiles {
  std::vector<std::string> files;  // "-" is standard input
  bool lines = false;              // every file holds a document a line
  bool lines_by_name = true;       // those do that end in .jsonl or .ndjson
};

// Calls `take` with each document; blank lines are none. Ends where it says false or an error.
// NOT_FOUND and so on if a file cannot be read. Memory is that of one document.
absl::Status ForEachInstance(const InstanceFiles& from, std::istream& in,
                             absl::FunctionRef<absl::StatusOr<bool>(const Instance&)> take);

}  // namespace nexus::cli

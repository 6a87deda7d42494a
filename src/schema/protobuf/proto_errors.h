#pragma once

// Collects what is wrong with a definition, with its place, up to a bound. Not thread-safe.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "nexus/core/errors.h"

namespace nexus::schema {

class ProtoErrors {
 public:
  // `file` is the name by which the definition is imported; empty: the schema itself.
  ProtoErrors(absl::string_view file, size_t errors_max) : file_(file), errors_max_(errors_max) {}

  // Lines and columns count from 0, as libprotobuf's do; a negative line is no place.
  void Add(int line, int column, absl::string_view message);
  // A place named otherwise, as an element of a serialized descriptor is.
  void AddAt(absl::string_view place, absl::string_view message);

  bool empty() const { return count_ == 0; }
  // SCHEMA_INVALID with one violation for each error that was kept.
  absl::Status ToStatus() const;

 private:
  const std::string file_;
  const size_t errors_max_;
  size_t count_ = 0;
  std::vector<Violation> violations_;
};

// The same for one error.
absl::Status ProtoInvalid(absl::string_view file, absl::string_view message);

}  // namespace nexus::schema

#pragma once

// The data of a commit's events as JSON values, for policies. Data that are JSON are borrowed as
// they were written, and were parsed when they were validated; those of other formats are rendered
// here, within a bound. Not thread-safe.

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "nexus/core/schema_format.h"
#include "nexus/port/schema_validator.h"

namespace nexus::engine {

class JsonViews {
 public:
  // Not `wanted`: nothing is rendered and there are no views. `bytes_max`: of all that is rendered.
  JsonViews(bool wanted, size_t bytes_max) : wanted_(wanted), bytes_left_(bytes_max) {}

  // Of the next event: none, or of data that `schema` found valid. `data` must live as long as
  // this. SCHEMA_VIOLATION if they have no JSON form; LIMIT_EXCEEDED.
  void AddNone();
  absl::Status Add(const CompiledSchema& schema, SchemaFormat format, absl::string_view data);

  // One for each event, empty where there is none; empty altogether if not wanted.
  absl::Span<const absl::string_view> views() const { return views_; }

 private:
  const bool wanted_;
  size_t bytes_left_;
  std::vector<absl::string_view> views_;
  std::deque<std::string> rendered_;
};

}  // namespace nexus::engine

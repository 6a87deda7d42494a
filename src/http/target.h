#pragma once

// The target of an HTTP request, taken apart.

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::http {

// What `path` has below its first `skipped` bytes, percent-decoded: "/subjects/a%2Fb" is
// {"subjects", "a/b"}. A slash at the end makes no segment. A broken escape stays as it is.
std::vector<std::string> SegmentsOf(absl::string_view path, size_t skipped);

// The parameters of a query, percent-decoded ("+" is a space). Of one that comes twice the last.
class Parameters {
 public:
  explicit Parameters(absl::string_view query);

  // "true", whatever the case.
  bool Flag(absl::string_view name) const;
  // Empty if it is absent.
  std::string Text(absl::string_view name) const;
  // `otherwise` if it is absent or no number.
  int64_t Number(absl::string_view name, int64_t otherwise) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace nexus::http

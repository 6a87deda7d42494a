#pragma once

// What is wrong in several places, as one error.
//
// Not thread-safe.

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "nexus/core/errors.h"

namespace nexus::declaration {

// Adds what is wrong in one place to what is wrong in others: a violation each, with `path`.
class FaultList {
 public:
  void Add(const std::string& path, const absl::Status& status);
  // Adds what is a list of such itself, as it is.
  void Join(const absl::Status& status);
  // OK, or all of them, with the reason of the first.
  absl::Status ToStatus() const;

 private:
  void Take(absl::string_view text, ErrorDetails details);

  ErrorDetails details_;
  std::string text_;
};

}  // namespace nexus::declaration

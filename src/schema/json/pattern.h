#pragma once

// Regular expressions of schemas: ECMA 262 as people write it, run by RE2 in linear time.
//
// Translated: \uXXXX, \u{...}, \cX, \s (with the Unicode spaces), named groups, long names of
// Unicode properties. Look-around and back-references do not exist in RE2 and are refused.

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::schema {

// Thread-safe, immutable.
class Pattern {
 public:
  virtual ~Pattern() = default;

  // Whether the expression matches anywhere in `text` (UTF-8).
  virtual bool Matches(std::string_view text) const = 0;

  // kInvalidArgument with RE2's reason.
  static absl::StatusOr<std::shared_ptr<const Pattern>> Compile(absl::string_view source);
};

}  // namespace nexus::schema

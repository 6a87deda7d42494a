#pragma once

// Just enough of RFC 3986 to find a schema inside its own document: split, resolve, decode.

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::schema {

// A reference split at its '#'.
struct UriParts {
  std::string absolute;  // without '#' and what follows
  std::string fragment;  // percent-decoded
};

// `reference` seen from `base` (an absolute URI, or empty for a document without a name).
// kInvalidArgument if a percent escape is broken.
absl::StatusOr<UriParts> ResolveUri(absl::string_view base, absl::string_view reference);

}  // namespace nexus::schema

#pragma once

// One pass over a JSON document that leaves of it what a transform says.

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "route/transform/pointer_tree.h"

namespace nexus::route {

inline constexpr int kTransformDepthMax = 256;

// What pseudonyms are made with.
struct Pseudonyms {
  std::string key;
  // Instead of pseudonyms, this text: for who looks at a transform and has no key. Empty: none.
  std::string placeholder;
};

// The document after `tree`, on one line; all that stays keeps its bytes. Where a pointer that
// hides something cannot be followed, since the document has another form there, it is refused:
// what should be hidden may stand elsewhere. SCHEMA_VIOLATION, which never holds data.
absl::StatusOr<std::string> Project(absl::string_view data, const PointerNode& tree,
                                    const Pseudonyms& pseudonyms);

}  // namespace nexus::route

#pragma once

// What routes would send of a stored event, made here: whoever may read the event may see it, and
// pseudonyms need a secret that only the server has.

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "nexus/client/client.h"

namespace nexus::cli {

struct TransformPreview {
  std::string transform;  // its digest
  std::string data;       // as it goes out, with a word in place of pseudonyms
  std::string refusal;    // why it does not; then `data` is empty
};

// By the route's name, for those that have a transform. `declarations`: of routes, by name.
// Reads the event unless no route has one; the error of that read.
absl::StatusOr<std::map<std::string, TransformPreview>> PreviewTransforms(
    client::Client& client, uint64_t position,
    const std::map<std::string, std::string>& declarations);

}  // namespace nexus::cli

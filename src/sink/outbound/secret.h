#pragma once

// A secret that a sink shows to its broker, by where it is kept. Read at each use, so that a new
// one comes into use with the next connection. No error holds any part of it.

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::sink {

// One of the two, or neither: there is no secret.
struct SecretPlace {
  std::string file = {};         // its text, without white space at both ends
  std::string environment = {};  // the name of a variable

  bool empty() const { return file.empty() && environment.empty(); }
};

// CONFIGURATION_INVALID if both are given. `key` names the option in messages.
absl::Status CheckSecretPlace(const SecretPlace& place, absl::string_view key);

// "" for an empty place. NOT_READY, which names the place, if nothing is there: it may come.
absl::StatusOr<std::string> ReadSecret(const SecretPlace& place);

}  // namespace nexus::sink

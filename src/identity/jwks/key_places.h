#pragma once

// Key sets from where the configuration says they are.

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "identity/jwks/key_refresher.h"

namespace nexus::identity {

// The whole of a regular file of at most kJwkSetBytesMax.
KeyRefresher::Fetch KeysFromFile(std::string path);

struct KeyUrl {
  std::string url;
  std::string ca_file = {};  // empty: what the system trusts
  absl::Duration timeout = absl::Seconds(5);
};

// By GET, with libcurl: no redirects, no proxy, nothing over kJwkSetBytesMax. The URL must have
// passed fetch::CheckTrustworthyUrl.
KeyRefresher::Fetch KeysFromUrl(KeyUrl source);

}  // namespace nexus::identity

#pragma once

// Who calls, as the server believes it.

#include <optional>
#include <string>
#include <vector>

#include "nexus/core/position.h"

namespace nexus::identity {

struct Principal {
  std::string name = "anonymous";
  std::string method = "none";  // "none", "token" (configuration), "api-token", "jwt", "mtls"
  bool authenticated = false;
  // Roles that it has everywhere, and groups that role bindings may name.
  std::vector<std::string> roles = {};
  std::string token_id = {};              // of an API token; its scope narrows what the roles allow
  std::optional<Timestamp> expires = {};  // of a JSON Web Token, the allowed skew included
};

}  // namespace nexus::identity

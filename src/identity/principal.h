#pragma once

// Who calls. Until identities have a service of their own, a principal is `anonymous` or the owner
// of a token from the configuration.

#include <string>
#include <vector>

namespace nexus::identity {

struct Principal {
  std::string name = "anonymous";
  std::string method = "none";  // "none", "token"
  bool authenticated = false;
  std::vector<std::string> roles;
};

}  // namespace nexus::identity

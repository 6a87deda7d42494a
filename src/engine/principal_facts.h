#pragma once

// Who asks, in the words of the policy input.

#include "identity/principal.h"
#include "policy/policy_input.h"

namespace nexus::engine {

inline policy::PrincipalFacts FactsOf(const identity::Principal& principal) {
  return {principal.name, principal.authenticated, principal.method, principal.roles};
}

}  // namespace nexus::engine

#pragma once

// Applies the rungs of the ladder to an answer: off, shadow, warn, deny, with a share of the
// traffic. The same for every engine, behind their caches. Pure.

#include <cstdint>

#include "absl/strings/string_view.h"
#include "nexus/port/policy_decider.h"

namespace nexus::policy {

// Takes the denials of rules that may not deny yet out of `answer`, and tells those of shadow and
// warn as its outcomes. Allowed is what is left without a denial, if the policy's `allow` says yes
// by itself: a policy that makes `allow` depend on `deny` goes on refusing.
void Enforce(absl::string_view operation, uint64_t share_key, PolicyAnswer& answer);

}  // namespace nexus::policy

#include "policy/enforcement.h"

#include <utility>

namespace nexus::policy {

void Enforce(absl::string_view operation, uint64_t share_key, PolicyAnswer& answer) {
  if (answer.modes == nullptr || answer.denials.empty()) return;
  std::vector<PolicyDenial> denials;
  for (PolicyDenial& denial : answer.denials) {
    const RuleMode mode = answer.modes->ModeOf(operation, denial.rule, share_key);
    if (mode == RuleMode::kDeny) {
      denials.push_back(std::move(denial));
    } else if (mode != RuleMode::kOff) {
      answer.outcomes.push_back({std::move(denial.rule), std::move(denial.message), mode});
    }
  }
  answer.denials = std::move(denials);
  answer.allow = answer.permitted && answer.denials.empty();
}

}  // namespace nexus::policy

#include "identity/limits/limit_plans.h"

#include <algorithm>

namespace nexus::identity {
namespace {

bool AnyLimited(const Rates& rates) {
  return std::any_of(rates.begin(), rates.end(), [](const Rate& rate) { return rate.limited(); });
}

Rate MoreGenerous(const Rate& a, const Rate& b) {
  if (!a.limited() || !b.limited()) return {};
  return a.per_second >= b.per_second ? a : b;
}

ClientLimits MoreGenerous(const ClientLimits& a, const ClientLimits& b) {
  ClientLimits both;
  for (size_t kind = 0; kind < kLimitKinds; ++kind) {
    both.rates[kind] = MoreGenerous(a.rates[kind], b.rates[kind]);
  }
  const bool unlimited = a.subscriptions_open_max == 0 || b.subscriptions_open_max == 0;
  both.subscriptions_open_max =
      unlimited ? 0 : std::max(a.subscriptions_open_max, b.subscriptions_open_max);
  return both;
}

}  // namespace

LimitPlans::Plan::Plan(const ClientLimits& from) : limits(from) {
  for (size_t kind = 0; kind < kLimitKinds; ++kind) gcra[kind] = Gcra(from.rates[kind]);
}

LimitPlans::LimitPlans(const LimitPlansOptions& options)
    : of_all_(options.of_all), limits_rates_(AnyLimited(options.of_all.rates)) {
  const auto take = [this](const auto& from, auto& to) {
    for (const auto& [name, limits] : from) {
      to.emplace(name, Plan(limits));
      limits_rates_ = limits_rates_ || AnyLimited(limits.rates);
    }
  };
  take(options.of_principals, of_principals_);
  take(options.of_roles, of_roles_);
}

const LimitPlans::Plan& LimitPlans::Of(const LimitedClient& client,
                                       std::optional<Plan>& room) const {
  if (!of_principals_.empty()) {
    const auto own = of_principals_.find(client.name);
    if (own != of_principals_.end()) return own->second;
  }
  if (of_roles_.empty()) return of_all_;
  const Plan* found = nullptr;
  for (const std::string& role : client.roles) {
    const auto of_role = of_roles_.find(role);
    if (of_role == of_roles_.end()) continue;
    if (found == nullptr) {
      found = &of_role->second;
      continue;
    }
    found = &room.emplace(MoreGenerous(found->limits, of_role->second.limits));
  }
  return found == nullptr ? of_all_ : *found;
}

}  // namespace nexus::identity

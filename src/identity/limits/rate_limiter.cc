#include "identity/limits/rate_limiter.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "identity/limits/refusals.h"
#include "nexus/core/errors.h"

namespace nexus::identity {
namespace {

constexpr int64_t kLookInterval = 100'000'000;  // nanoseconds

}  // namespace

RateLimiter::RateLimiter(const RateLimiterOptions& options, const LimitPlans& plans,
                         const Clock& clock, MetricsRegistry& metrics)
    : plans_(plans),
      clock_(clock),
      accounts_max_(std::max<size_t>(1, options.principals_max / options.shards)) {
  for (size_t kind = 0; kind < kLimitKinds; ++kind) {
    refused_[kind] = &RefusalCounter(metrics, LimitKindName(static_cast<LimitKind>(kind)));
  }
  for (size_t i = 0; i < options.shards; ++i) shards_.push_back(std::make_unique<Shard>());
}

absl::Status RateLimiter::Take(const LimitedClient& client, absl::Span<const Cost> costs) {
  if (!plans_.limits_rates()) return absl::OkStatus();
  std::optional<LimitPlans::Plan> room;
  const LimitPlans::Plan& plan = plans_.Of(client, room);
  const bool free = std::none_of(costs.begin(), costs.end(), [&plan](const Cost& cost) {
    return cost.amount > 0 && plan.gcra[static_cast<size_t>(cost.kind)].limited();
  });
  if (free) return absl::OkStatus();
  const int64_t now = absl::ToInt64Nanoseconds(clock_.Monotonic());
  Shard& shard = *shards_[absl::HashOf(client.name) & (shards_.size() - 1)];
  const Cost* worst = nullptr;
  int64_t longest = 0;
  {
    absl::MutexLock lock(&shard.mutex);
    Account& account = AccountOf(shard, client.name, now);
    Account after = account;
    // A kind may be named twice: the second is judged after the first.
    for (const Cost& cost : costs) {
      const size_t kind = static_cast<size_t>(cost.kind);
      const int64_t wait = plan.gcra[kind].WaitFor(after[kind], now, cost.amount);
      if (wait > longest) {
        longest = wait;
        worst = &cost;
      }
      after[kind] = plan.gcra[kind].Take(after[kind], now, cost.amount);
    }
    if (worst == nullptr) account = after;
  }
  if (worst == nullptr) return absl::OkStatus();
  const size_t kind = static_cast<size_t>(worst->kind);
  refused_[kind]->Add(1);
  return Refusal(*worst, plan.limits.rates[kind], longest);
}

std::optional<uint64_t> RateLimiter::Left(const LimitedClient& client, LimitKind kind) const {
  const size_t index = static_cast<size_t>(kind);
  std::optional<LimitPlans::Plan> room;
  const Gcra& gcra = plans_.Of(client, room).gcra[index];
  if (!gcra.limited()) return std::nullopt;
  const int64_t now = absl::ToInt64Nanoseconds(clock_.Monotonic());
  const Shard& shard = *shards_[absl::HashOf(client.name) & (shards_.size() - 1)];
  absl::MutexLock lock(&shard.mutex);
  const auto found = shard.accounts.find(client.name);
  if (found != shard.accounts.end()) return gcra.Left(found->second[index], now);
  const bool is_full = shard.accounts.size() >= accounts_max_;
  return gcra.Left(is_full ? shard.shared[index] : 0, now);
}

RateLimiter::Account& RateLimiter::AccountOf(Shard& shard, absl::string_view principal,
                                             int64_t now) const {
  const auto found = shard.accounts.find(principal);
  if (found != shard.accounts.end()) return found->second;
  if (shard.accounts.size() >= accounts_max_) ForgetWhoOwesNothing(shard, now);
  if (shard.accounts.size() >= accounts_max_) return shard.shared;
  return shard.accounts.emplace(std::string(principal), Account{}).first->second;
}

// Not for every newcomer: a look at all of them takes its time.
void RateLimiter::ForgetWhoOwesNothing(Shard& shard, int64_t now) {
  if (now < shard.next_look) return;
  shard.next_look = now + kLookInterval;
  absl::erase_if(shard.accounts, [now](const auto& entry) {
    return std::all_of(entry.second.begin(), entry.second.end(),
                       [now](int64_t arrival) { return arrival <= now; });
  });
}

absl::Status RateLimiter::Refusal(const Cost& cost, const Rate& rate, int64_t wait) {
  const absl::string_view name = LimitKindName(cost.kind);
  ErrorDetails details;
  details.reason = ErrorReason::kRateLimited;
  details.metadata = {{"limit", std::string(name)},
                      {"per_second", absl::StrCat(rate.per_second)},
                      {"burst", absl::StrCat(rate.burst)}};
  // Up to the next microsecond: who waits as long as it says must pass.
  details.retry_after = absl::Ceil(absl::Nanoseconds(wait), absl::Microseconds(1));
  return MakeError(absl::StrCat("the limit of ", name, " for this principal is used up (",
                                rate.per_second, " a second, ", rate.burst, " at once)"),
                   details);
}

size_t RateLimiter::size() const {
  size_t total = 0;
  for (const auto& shard : shards_) {
    absl::MutexLock lock(&shard->mutex);
    total += shard->accounts.size();
  }
  return total;
}

}  // namespace nexus::identity

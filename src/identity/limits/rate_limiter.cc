#include "identity/limits/rate_limiter.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::identity {
namespace {

bool AnyLimited(const Rates& rates) {
  return std::any_of(rates.begin(), rates.end(), [](const Rate& rate) { return rate.limited(); });
}

}  // namespace

RateLimiter::RateLimiter(const RateLimiterOptions& options, const Clock& clock)
    : options_(options),
      clock_(clock),
      limited_(AnyLimited(options.rates)),
      accounts_max_(std::max<size_t>(1, options.principals_max / options.shards)) {
  for (size_t kind = 0; kind < kLimitKinds; ++kind) gcra_[kind] = Gcra(options.rates[kind]);
  for (size_t i = 0; i < options.shards; ++i) shards_.push_back(std::make_unique<Shard>());
}

absl::Status RateLimiter::Take(absl::string_view principal, absl::Span<const Cost> costs) {
  if (!limited_) return absl::OkStatus();
  const int64_t now = absl::ToInt64Nanoseconds(clock_.Monotonic());
  Shard& shard = *shards_[absl::HashOf(principal) & (shards_.size() - 1)];
  const Cost* worst = nullptr;
  int64_t longest = 0;
  {
    absl::MutexLock lock(&shard.mutex);
    Account& account = AccountOf(shard, principal, now);
    Account after = account;
    // A kind may be named twice: the second is judged after the first.
    for (const Cost& cost : costs) {
      const size_t kind = static_cast<size_t>(cost.kind);
      const int64_t wait = gcra_[kind].WaitFor(after[kind], now, cost.amount);
      if (wait > longest) {
        longest = wait;
        worst = &cost;
      }
      after[kind] = gcra_[kind].Take(after[kind], now, cost.amount);
    }
    if (worst == nullptr) account = after;
  }
  return worst == nullptr ? absl::OkStatus() : Refusal(*worst, longest);
}

std::optional<uint64_t> RateLimiter::Left(absl::string_view principal, LimitKind kind) const {
  const size_t index = static_cast<size_t>(kind);
  if (!gcra_[index].limited()) return std::nullopt;
  const int64_t now = absl::ToInt64Nanoseconds(clock_.Monotonic());
  const Shard& shard = *shards_[absl::HashOf(principal) & (shards_.size() - 1)];
  absl::MutexLock lock(&shard.mutex);
  const auto found = shard.accounts.find(principal);
  return gcra_[index].Left(found == shard.accounts.end() ? 0 : found->second[index], now);
}

RateLimiter::Account& RateLimiter::AccountOf(Shard& shard, absl::string_view principal,
                                             int64_t now) const {
  const auto found = shard.accounts.find(principal);
  if (found != shard.accounts.end()) return found->second;
  if (shard.accounts.size() >= accounts_max_) ForgetWhoOwesNothing(shard, now);
  if (shard.accounts.size() >= accounts_max_) return shard.shared;
  return shard.accounts.emplace(std::string(principal), Account{}).first->second;
}

void RateLimiter::ForgetWhoOwesNothing(Shard& shard, int64_t now) {
  absl::erase_if(shard.accounts, [now](const auto& entry) {
    return std::all_of(entry.second.begin(), entry.second.end(),
                       [now](int64_t arrival) { return arrival <= now; });
  });
}

absl::Status RateLimiter::Refusal(const Cost& cost, int64_t wait) const {
  const absl::string_view name = LimitKindName(cost.kind);
  const Rate& rate = options_.rates[static_cast<size_t>(cost.kind)];
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

#pragma once

// How much each client may ask for.
//
// Asked before any work is done, so it is quick: one lock of many, one lookup; no allocation for a
// principal that has been seen before. Bounded: principals that owe nothing are forgotten, which
// loses nothing; when too many owe something, newcomers share one account a shard.
//
// Thread-safe.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "identity/limits/limit_kind.h"
#include "identity/limits/limit_plans.h"
#include "nexus/core/clock.h"
#include "nexus/port/metrics.h"

namespace nexus::identity {

struct RateLimiterOptions {
  size_t principals_max = 65'536;
  size_t shards = 64;  // a power of two
};

struct Cost {
  LimitKind kind;
  uint64_t amount = 1;
};

class RateLimiter {
 public:
  // All must outlive this.
  RateLimiter(const RateLimiterOptions& options, const LimitPlans& plans, const Clock& clock,
              MetricsRegistry& metrics);

  // Takes all of `costs` or nothing. RATE_LIMITED with the kind and the time to wait (RetryInfo).
  absl::Status Take(const LimitedClient& client, absl::Span<const Cost> costs);
  absl::Status Take(const LimitedClient& client, LimitKind kind, uint64_t amount = 1) {
    return Take(client, {Cost{kind, amount}});
  }
  absl::Status Take(absl::string_view name, LimitKind kind, uint64_t amount = 1) {
    return Take(LimitedClient{name}, kind, amount);
  }

  // How much of it the client has left at this moment; nothing: it is not limited.
  std::optional<uint64_t> Left(const LimitedClient& client, LimitKind kind) const;

  // Principals that are remembered.
  size_t size() const;

 private:
  using Account = std::array<int64_t, kLimitKinds>;  // arrival times

  struct Shard {
    mutable absl::Mutex mutex;
    absl::flat_hash_map<std::string, Account> accounts ABSL_GUARDED_BY(mutex);
    Account shared ABSL_GUARDED_BY(mutex) = {};    // of all for whom there is no room
    int64_t next_look ABSL_GUARDED_BY(mutex) = 0;  // for accounts to forget
  };

  Account& AccountOf(Shard& shard, absl::string_view principal, int64_t now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  static void ForgetWhoOwesNothing(Shard& shard, int64_t now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  static absl::Status Refusal(const Cost& cost, const Rate& rate, int64_t wait);

  const LimitPlans& plans_;
  const Clock& clock_;
  const size_t accounts_max_;  // of a shard
  std::array<Counter*, kLimitKinds> refused_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace nexus::identity

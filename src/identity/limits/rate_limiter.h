#pragma once

// How much each principal may ask for.
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
#include "identity/limits/gcra.h"
#include "identity/limits/limit_kind.h"
#include "nexus/core/clock.h"

namespace nexus::identity {

struct RateLimiterOptions {
  Rates rates = DefaultRates();
  size_t principals_max = 65'536;
  size_t shards = 64;  // a power of two
};

struct Cost {
  LimitKind kind;
  uint64_t amount = 1;
};

class RateLimiter {
 public:
  // `clock` must outlive this.
  RateLimiter(const RateLimiterOptions& options, const Clock& clock);

  // Takes all of `costs` or nothing. RATE_LIMITED with the kind and the time to wait (RetryInfo).
  absl::Status Take(absl::string_view principal, absl::Span<const Cost> costs);
  absl::Status Take(absl::string_view principal, LimitKind kind, uint64_t amount = 1) {
    return Take(principal, {Cost{kind, amount}});
  }

  // How much of it the principal has left at this moment; nothing: it is not limited.
  std::optional<uint64_t> Left(absl::string_view principal, LimitKind kind) const;

  // Whether anything is limited at all.
  bool limited() const { return limited_; }
  // Principals that are remembered.
  size_t size() const;

 private:
  using Account = std::array<int64_t, kLimitKinds>;  // arrival times

  struct Shard {
    mutable absl::Mutex mutex;
    absl::flat_hash_map<std::string, Account> accounts ABSL_GUARDED_BY(mutex);
    Account shared ABSL_GUARDED_BY(mutex) = {};  // of all for whom there is no room
  };

  Account& AccountOf(Shard& shard, absl::string_view principal, int64_t now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  static void ForgetWhoOwesNothing(Shard& shard, int64_t now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  absl::Status Refusal(const Cost& cost, int64_t wait) const;

  const RateLimiterOptions options_;
  const Clock& clock_;
  const bool limited_;
  const size_t accounts_max_;  // of a shard
  std::array<Gcra, kLimitKinds> gcra_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace nexus::identity

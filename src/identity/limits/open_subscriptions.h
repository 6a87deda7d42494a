#pragma once

// How many subscriptions each client has open at once.
//
// Remembers only who has one, so it is bounded by what is open. Thread-safe.

#include <cstdint>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "identity/limits/limit_plans.h"
#include "nexus/port/metrics.h"

namespace nexus::identity {

class OpenSubscriptions {
 public:
  // One that is open; closed when destroyed. What counts it must outlive it.
  class Lease {
   public:
    Lease() = default;
    Lease(OpenSubscriptions* counts, std::string client)
        : counts_(counts), client_(std::move(client)) {}
    Lease(Lease&& other) noexcept
        : counts_(std::exchange(other.counts_, nullptr)), client_(std::move(other.client_)) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(counts_, other.counts_);
      std::swap(client_, other.client_);
      return *this;
    }
    ~Lease() {
      if (counts_ != nullptr) counts_->Close(client_);
    }

   private:
    OpenSubscriptions* counts_ = nullptr;
    std::string client_;
  };

  // Both must outlive this.
  OpenSubscriptions(const LimitPlans& plans, MetricsRegistry& metrics);

  // RATE_LIMITED with the limit `open_subscriptions` and a time to wait.
  absl::StatusOr<Lease> Open(const LimitedClient& client);

  // Clients that have one open.
  size_t clients() const;

 private:
  void Close(const std::string& client);

  const LimitPlans& plans_;
  Counter& refused_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, uint64_t> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::identity

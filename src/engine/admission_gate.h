#pragma once

// Bounds what is on its way into the log, so that a flood costs refusals and not memory.
//
// Thread-safe and lock-free.

#include <atomic>
#include <cstddef>
#include <utility>

#include "absl/status/statusor.h"

namespace nexus::engine {

class AdmissionGate {
 public:
  struct Options {
    size_t commits_max = 8'192;
    size_t bytes_max = 64 << 20;
  };

  // A place behind the gate; leaves when destroyed. The gate must outlive it.
  class Place {
   public:
    Place() = default;
    Place(AdmissionGate* gate, size_t bytes) : gate_(gate), bytes_(bytes) {}
    Place(Place&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)), bytes_(other.bytes_) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(gate_, other.gate_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Place();

   private:
    AdmissionGate* gate_ = nullptr;
    size_t bytes_ = 0;
  };

  explicit AdmissionGate(Options options) : options_(options) {}

  // OVERLOADED with a retry delay when the bound is reached, DRAINING after Close().
  absl::StatusOr<Place> Enter(size_t bytes);

  // Lets nobody in any more.
  void Close() { closed_.store(true, std::memory_order_release); }

  size_t commits() const { return commits_.load(std::memory_order_acquire); }

 private:
  const Options options_;
  std::atomic<bool> closed_{false};
  std::atomic<size_t> commits_{0};
  std::atomic<size_t> bytes_{0};
};

}  // namespace nexus::engine

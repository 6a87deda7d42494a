#pragma once

// Who has how many of the places, roughly: clients are told apart by a hash, and two that share a
// number are taken for one.
//
// Thread-safe, lock-free, of one size for any number of clients.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace nexus::engine {

class ClientShares {
 public:
  // Takes one place; how many this client has with it.
  uint32_t Take(size_t client) {
    const uint32_t had = Places(client).fetch_add(1, std::memory_order_relaxed);
    if (had == 0) clients_.fetch_add(1, std::memory_order_relaxed);
    return had + 1;
  }
  void Give(size_t client) {
    if (Places(client).fetch_sub(1, std::memory_order_relaxed) == 1) {
      clients_.fetch_sub(1, std::memory_order_relaxed);
    }
  }

  // What each would have if those `taken` were dealt out evenly, to `more` clients as well.
  size_t EvenShare(size_t taken, uint32_t more = 0) const {
    const uint32_t clients = clients_.load(std::memory_order_relaxed) + more;
    return clients <= 1 ? taken : taken / clients;
  }

 private:
  static constexpr size_t kNumbers = 512;

  std::atomic<uint32_t>& Places(size_t client) { return places_[client % kNumbers]; }

  std::array<std::atomic<uint32_t>, kNumbers> places_{};
  std::atomic<uint32_t> clients_{0};
};

}  // namespace nexus::engine

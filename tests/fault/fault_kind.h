#pragma once

// What can happen to a delivery, and in which order a seed has it happen.

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::fault {

enum class FaultKind {
  kDaemonKilled,
  kBrokerKilled,
  kBothKilled,
  kBrokerRestarted,  // in order
  kBrokerPaused,
  kBrokerFull,  // it refuses all that comes
  kConnectionsReset,
  kBlackholed,
  kHalfOpen,  // the broker's side of each connection is gone without a word
  kAckLost,   // it has stored what it was sent, and its word does not arrive
};
inline constexpr size_t kFaultKinds = 10;

inline constexpr std::array<absl::string_view, kFaultKinds> kFaultNames = {
    "nexusd killed", "broker killed",     "both killed", "broker restarted", "broker paused",
    "broker full",   "connections reset", "blackholed",  "half open",        "ack lost"};

inline absl::string_view NameOf(FaultKind kind) { return kFaultNames[static_cast<size_t>(kind)]; }

// All kinds once in an order of chance, then again in another.
class FaultDeck {
 public:
  explicit FaultDeck(uint64_t seed) : random_(seed) {}

  FaultKind Draw() {
    if (left_.empty()) {
      for (size_t i = 0; i < kFaultKinds; ++i) left_.push_back(static_cast<FaultKind>(i));
      for (size_t i = kFaultKinds - 1; i > 0; --i) std::swap(left_[i], left_[random_() % (i + 1)]);
    }
    const FaultKind kind = left_.back();
    left_.pop_back();
    return kind;
  }

 private:
  std::mt19937_64 random_;
  std::vector<FaultKind> left_;
};

}  // namespace nexus::fault

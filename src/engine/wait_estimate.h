#pragma once

// How long a commit that comes now would take to be stored, from how long others took.
//
// What a queue costs shows in the quickest of those that left it lately: one slow commit says
// nothing about the next, but when even the quickest took long, all will. It is never extrapolated
// to more than were there then: group commit makes many no slower than few. So the estimate errs on
// the side of letting in, and what comes too late after all is dropped further inside.
//
// Thread-safe, lock-free, allocates nothing. Approximate where threads race.

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace nexus::engine {

class WaitEstimate {
 public:
  // Everybody has left before: what was learnt about a queue says nothing about none.
  void Emptied(absl::Duration now) {
    alive_.store(Micros(now), std::memory_order_relaxed);
    if (published_.load(std::memory_order_relaxed) == kNothing &&
        quickest_.load(std::memory_order_relaxed) == kNothing) {
      return;
    }
    published_.store(kNothing, std::memory_order_relaxed);
    quickest_.store(kNothing, std::memory_order_relaxed);
  }

  // One has left that was not stored: it says nothing but that there is no standstill.
  void Left(absl::Duration now) { alive_.store(Micros(now), std::memory_order_relaxed); }

  // One that came as the `inside`-th has been stored, `took` later.
  void Served(absl::Duration now, absl::Duration took, uint64_t inside) {
    const int64_t at = Micros(now);
    alive_.store(at, std::memory_order_relaxed);
    const uint64_t sample = Pack(Micros(took), inside);
    int64_t begun = window_begun_.load(std::memory_order_relaxed);
    if (at - begun >= kWindowMicros &&
        window_begun_.compare_exchange_strong(begun, at, std::memory_order_relaxed)) {
      const uint64_t closed = quickest_.exchange(sample, std::memory_order_relaxed);
      published_.store(closed == kNothing ? sample : closed, std::memory_order_relaxed);
      return;
    }
    uint64_t seen = quickest_.load(std::memory_order_relaxed);
    while (sample < seen &&
           !quickest_.compare_exchange_weak(seen, sample, std::memory_order_relaxed)) {
    }
  }

  // For one that comes as the `inside`-th.
  absl::Duration Expect(absl::Duration now, uint64_t inside) const {
    // Nobody has left for so long: it may well last as long again.
    const int64_t silent = Micros(now) - alive_.load(std::memory_order_relaxed);
    const uint64_t known = published_.load(std::memory_order_relaxed);
    int64_t expected = 0;
    if (known != kNothing) {
      const auto took = static_cast<double>(known >> kInsideBits);
      const uint64_t then = std::max<uint64_t>(known & kInsideMax, 1);
      const uint64_t alike = std::max(then, kAlike);
      const double share = inside < then ? static_cast<double>(inside) / static_cast<double>(then)
                           : inside > alike
                               ? static_cast<double>(inside) / static_cast<double>(alike)
                               : 1;
      expected = static_cast<int64_t>(std::min(took * share, static_cast<double>(kMicrosMax)));
    }
    return absl::Microseconds(std::max(expected, silent));
  }

 private:
  static constexpr int64_t kWindowMicros = 100'000;
  static constexpr uint64_t kAlike = 64;
  // A time and a number in one word, the time in front: the smaller word is the quicker one.
  static constexpr int kInsideBits = 24;
  static constexpr uint64_t kInsideMax = (uint64_t{1} << kInsideBits) - 1;
  static constexpr int64_t kMicrosMax = (int64_t{1} << (63 - kInsideBits)) - 1;
  static constexpr uint64_t kNothing = ~uint64_t{0};

  static int64_t Micros(absl::Duration time) { return absl::ToInt64Microseconds(time); }
  static uint64_t Pack(int64_t micros, uint64_t inside) {
    const auto time = static_cast<uint64_t>(std::clamp<int64_t>(micros, 0, kMicrosMax));
    return time << kInsideBits | std::min(inside, kInsideMax);
  }

  std::atomic<int64_t> alive_{0};  // when one left last, or the first came
  std::atomic<int64_t> window_begun_{0};
  std::atomic<uint64_t> quickest_{kNothing};   // of the window under way
  std::atomic<uint64_t> published_{kNothing};  // of the one before
};

}  // namespace nexus::engine

#pragma once

// Bounds what is on its way into the log, so that a flood costs refusals and not memory; and turns
// away what could not be stored before its deadline, so that a flood costs no work either.
//
// Thread-safe and lock-free; nothing is allocated for a decision.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/client_shares.h"
#include "engine/wait_estimate.h"

namespace nexus::engine {

class AdmissionGate {
 public:
  struct Options {
    size_t commits_max = 8'192;
    size_t bytes_max = 64 << 20;
  };

  // Whoever asks to be let in.
  struct Visitor {
    size_t bytes = 0;
    size_t client = 0;  // a hash of who it is
    absl::Duration now;
    absl::Duration deadline = absl::InfiniteDuration();  // both of one monotonic clock
  };

  enum class Decision : uint8_t {
    kIn = 0,
    kClosed,  // DRAINING
    kFull,    // the places or the bytes are taken
    kLate,    // it would be stored after its deadline
    kShare,   // its client has more than its share while others do without
  };

  // A place behind the gate; leaves when destroyed. The gate must outlive it.
  class Place {
   public:
    Place() = default;
    Place(AdmissionGate* gate, const Visitor& visitor, size_t inside)
        : gate_(gate),
          bytes_(visitor.bytes),
          client_(visitor.client),
          entered_(visitor.now),
          inside_(inside) {}
    Place(Place&& other) noexcept { *this = std::move(other); }
    Place& operator=(Place&& other) noexcept {
      std::swap(gate_, other.gate_);
      std::swap(bytes_, other.bytes_);
      std::swap(client_, other.client_);
      std::swap(entered_, other.entered_);
      std::swap(inside_, other.inside_);
      return *this;
    }
    ~Place();

    // It waits for something else than the log: it keeps its place, but is in nobody's way, and the
    // gate learns nothing from how long that takes. Then it comes in anew.
    void Hold() const {
      if (gate_ != nullptr) gate_->held_.fetch_add(1, std::memory_order_acq_rel);
    }
    void Resume(absl::Duration now);

    // Before it goes: the gate learns how long the log takes, or at least that somebody leaves.
    void Leave(absl::Duration now, bool from_log) const {
      if (gate_ == nullptr) return;
      if (from_log) {
        gate_->wait_.Served(now, now - entered_, inside_);
      } else {
        gate_->wait_.Left(now);
      }
    }

   private:
    AdmissionGate* gate_ = nullptr;
    size_t bytes_ = 0;
    size_t client_ = 0;
    absl::Duration entered_;
    size_t inside_ = 0;  // with it, when it entered
  };

  struct Entry {
    Decision decision = Decision::kIn;
    Place place = {};                            // only if it is in
    absl::Duration wait = absl::ZeroDuration();  // expected
  };

  explicit AdmissionGate(Options options) : options_(options) {}

  Entry Enter(const Visitor& visitor);

  // Lets nobody in any more.
  void Close() { closed_.store(true, std::memory_order_release); }

  size_t commits() const { return commits_.load(std::memory_order_acquire); }

  // What a client is told: OVERLOADED or DRAINING, with a delay. Nothing was written.
  static absl::Status Refusal(const Entry& entry);

 private:
  // So few are no queue: they are let in whatever the estimate says, and with them the evidence
  // for the next one.
  static constexpr size_t kAlwaysIn = 8;

  // How many of `inside` are on their way.
  size_t Moving(size_t inside) const;
  Decision Decide(const Visitor& visitor, size_t inside, size_t held, size_t of_client,
                  absl::Duration wait);
  // Its client has to do without although it has no more than its share.
  void Press(const Visitor& visitor, absl::Duration wait);
  // How much time another client has that had to do without; infinite: there is none.
  absl::Duration TimeOfOthers(const Visitor& visitor) const;

  const Options options_;
  std::atomic<bool> closed_{false};
  std::atomic<size_t> commits_{0};
  std::atomic<size_t> held_{0};  // of them
  std::atomic<size_t> bytes_{0};
  // The last client that had to do without: until when that counts and how much time it had
  // (microseconds), and which it was.
  std::atomic<int64_t> pressed_until_{0};
  std::atomic<int64_t> pressed_time_{0};
  std::atomic<size_t> pressed_by_{0};
  WaitEstimate wait_;
  ClientShares shares_;
};

// What is told of a commit that was dropped behind the gate, because its deadline has passed or
// could not be met any more: OVERLOADED with a delay. It was not written.
absl::Status DroppedLate();

// What is told of a call for which no worker is free: OVERLOADED with a delay. Nothing was done.
absl::Status WorkersFull();

}  // namespace nexus::engine

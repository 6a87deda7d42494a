#include "engine/admission_gate.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::engine {
namespace {

constexpr absl::Duration kRetryAfterMin = absl::Milliseconds(100);
constexpr absl::Duration kRetryAfterMax = absl::Seconds(5);

absl::Duration RetryAfter(absl::Duration wait) {
  return std::clamp(wait, kRetryAfterMin, kRetryAfterMax);
}

absl::Status Overloaded(absl::string_view message, absl::Duration wait) {
  return MakeError(ErrorReason::kOverloaded, message, RetryAfter(wait));
}

int64_t Micros(absl::Duration time) { return absl::ToInt64Microseconds(time); }

}  // namespace

AdmissionGate::Place::~Place() {
  if (gate_ == nullptr) return;
  gate_->shares_.Give(client_);
  gate_->bytes_.fetch_sub(bytes_, std::memory_order_acq_rel);
  gate_->commits_.fetch_sub(1, std::memory_order_acq_rel);
}

void AdmissionGate::Place::Resume(absl::Duration now) {
  if (gate_ == nullptr) return;
  gate_->held_.fetch_sub(1, std::memory_order_acq_rel);
  entered_ = now;
  inside_ = gate_->Moving(gate_->commits());
  if (inside_ == 1) gate_->wait_.Emptied(now);
}

size_t AdmissionGate::Moving(size_t inside) const {
  const size_t held = held_.load(std::memory_order_acquire);
  return inside > held ? inside - held : 1;
}

AdmissionGate::Entry AdmissionGate::Enter(const Visitor& visitor) {
  // Counted before the look at `closed_`: a drain that sees zero after Close() has seen everyone.
  const size_t inside = commits_.fetch_add(1, std::memory_order_acq_rel) + 1;
  const size_t held = bytes_.fetch_add(visitor.bytes, std::memory_order_acq_rel) + visitor.bytes;
  const size_t of_client = shares_.Take(visitor.client);
  const size_t moving = Moving(inside);
  Place place(this, visitor, moving);
  if (moving == 1) wait_.Emptied(visitor.now);
  Entry entry;
  if (moving > kAlwaysIn) entry.wait = wait_.Expect(visitor.now, moving);
  entry.decision = Decide(visitor, inside, held, of_client, entry.wait);
  if (entry.decision == Decision::kIn) entry.place = std::move(place);
  return entry;
}

AdmissionGate::Decision AdmissionGate::Decide(const Visitor& visitor, size_t inside, size_t held,
                                              size_t of_client, absl::Duration wait) {
  if (closed_.load(std::memory_order_acquire)) return Decision::kClosed;
  // A deadline that has passed already is not the queue's fault, and told by whoever looks first.
  const absl::Duration left = visitor.deadline - visitor.now;
  const absl::Duration others = TimeOfOthers(visitor);
  const bool pressed = others < absl::InfiniteDuration();
  const bool over_share =
      of_client > std::max(kAlwaysIn, shares_.EvenShare(inside, /*more=*/pressed ? 1 : 0));
  const bool full = inside > options_.commits_max || (held > options_.bytes_max && inside > 1);
  // A quarter of the time is for what the estimate does not know: the way back, the next moment.
  if (full || wait > left - left / 4) {
    if (!over_share) Press(visitor, wait);
    return full ? Decision::kFull : Decision::kLate;
  }
  if (!over_share) return Decision::kIn;
  const bool crowded = wait > std::min(left, others) / 2 || inside > options_.commits_max / 2 ||
                       held > options_.bytes_max / 2;
  return crowded ? Decision::kShare : Decision::kIn;
}

void AdmissionGate::Press(const Visitor& visitor, absl::Duration wait) {
  // As long as it is told to stay away, and a moment in which to come back.
  const absl::Duration until = visitor.now + RetryAfter(wait) + kRetryAfterMin;
  pressed_by_.store(visitor.client, std::memory_order_relaxed);
  pressed_time_.store(Micros(visitor.deadline - visitor.now), std::memory_order_relaxed);
  pressed_until_.store(Micros(until), std::memory_order_relaxed);
}

absl::Duration AdmissionGate::TimeOfOthers(const Visitor& visitor) const {
  if (Micros(visitor.now) >= pressed_until_.load(std::memory_order_relaxed) ||
      pressed_by_.load(std::memory_order_relaxed) == visitor.client) {
    return absl::InfiniteDuration();
  }
  return absl::Microseconds(pressed_time_.load(std::memory_order_relaxed));
}

absl::Status AdmissionGate::Refusal(const Entry& entry) {
  switch (entry.decision) {
    case Decision::kIn:
      return absl::OkStatus();
    case Decision::kClosed:
      return MakeError(ErrorReason::kDraining, "the server is shutting down; nothing was written",
                       absl::Seconds(1));
    case Decision::kFull:
      return Overloaded("too many appends are under way; nothing was written", entry.wait);
    case Decision::kLate:
      if (entry.wait <= absl::ZeroDuration()) return DroppedLate();
      return Overloaded(
          absl::StrCat("an append takes about ", absl::ToInt64Milliseconds(entry.wait),
                       " ms now, longer than the deadline allows; nothing was "
                       "written"),
          entry.wait);
    case Decision::kShare:
      return Overloaded(
          "this client has more than its share of the appends under way while others "
          "wait; nothing was written",
          entry.wait);
  }
  return absl::OkStatus();
}

absl::Status DroppedLate() {
  return Overloaded(
      "the append waited until its deadline could not be met any more; nothing was written",
      kRetryAfterMin);
}

absl::Status WorkersFull() {
  return MakeError(ErrorReason::kOverloaded,
                   "too many calls are waiting for a worker; nothing was done",
                   absl::Milliseconds(100));
}

}  // namespace nexus::engine

#include "engine/admission_gate.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::engine {

AdmissionGate::Place::~Place() {
  if (gate_ == nullptr) return;
  gate_->bytes_.fetch_sub(bytes_, std::memory_order_acq_rel);
  gate_->commits_.fetch_sub(1, std::memory_order_acq_rel);
}

absl::StatusOr<AdmissionGate::Place> AdmissionGate::Enter(size_t bytes) {
  // Counted before the look at `closed_`: a drain that sees zero after Close() has seen everyone.
  const size_t commits = commits_.fetch_add(1, std::memory_order_acq_rel) + 1;
  const size_t held = bytes_.fetch_add(bytes, std::memory_order_acq_rel) + bytes;
  Place place(this, bytes);
  ErrorDetails details;
  if (closed_.load(std::memory_order_acquire)) {
    details.reason = ErrorReason::kDraining;
    details.retry_after = absl::Seconds(1);
    return MakeError("the server is shutting down; nothing was written", details);
  }
  if (commits > options_.commits_max || (held > options_.bytes_max && commits > 1)) {
    details.reason = ErrorReason::kOverloaded;
    details.retry_after = absl::Milliseconds(100);
    return MakeError(absl::StrCat("too many appends are under way (", commits, " commits, ", held,
                                  " bytes); nothing was written"),
                     details);
  }
  return place;
}

}  // namespace nexus::engine

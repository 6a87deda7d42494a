#include "sink/rabbitmq/unconfirmed.h"

#include <algorithm>
#include <utility>

namespace nexus::sink {

void Unconfirmed::Add(Publication publication) {
  slots_.push_back({std::move(publication)});
  ++size_;
}

void Unconfirmed::Confirm(uint64_t tag, bool multiple,
                          absl::FunctionRef<void(uint64_t, const Publication&)> take) {
  const uint64_t end = std::min(tag + 1, first_tag_ + slots_.size());
  for (uint64_t i = multiple ? first_tag_ : std::max(tag, first_tag_); i < end; ++i) {
    Slot& slot = slots_[i - first_tag_];
    if (std::exchange(slot.done, true)) continue;
    --size_;
    take(i, slot.publication);
  }
  PopDone();
}

bool Unconfirmed::MarkReturned(absl::string_view message_id) {
  for (Slot& slot : slots_) {
    if (slot.done || slot.publication.returned) continue;
    if (slot.publication.message_id != message_id) continue;
    slot.publication.returned = true;
    return true;
  }
  return false;
}

std::optional<Publication> Unconfirmed::TakeFirst(
    absl::FunctionRef<bool(const Publication&)> matches) {
  for (Slot& slot : slots_) {
    if (slot.done || !matches(slot.publication)) continue;
    slot.done = true;
    --size_;
    Publication taken = std::move(slot.publication);
    PopDone();
    return taken;
  }
  return std::nullopt;
}

std::optional<absl::Duration> Unconfirmed::oldest() const {
  if (slots_.empty()) return std::nullopt;
  return slots_.front().publication.at;
}

void Unconfirmed::PopDone() {
  while (!slots_.empty() && slots_.front().done) {
    slots_.pop_front();
    ++first_tag_;
  }
}

}  // namespace nexus::sink

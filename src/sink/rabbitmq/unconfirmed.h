#pragma once

// What was published on one channel and is not confirmed: delivery tags count from 1, a confirm
// names one or all up to one, in any order. Not thread-safe.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sink/outbound/outbox.h"

namespace nexus::sink {

struct Publication {
  Outbox::Ticket ticket = 0;
  std::string message_id;
  std::string routing_key;
  size_t bytes = 0;  // of the body
  absl::Duration at;
  bool returned = false;  // nobody was bound to its key: no confirm is believed
};

class Unconfirmed {
 public:
  // Its tag follows from the order of these calls.
  void Add(Publication publication);

  // Takes out what a confirm names, in order. Tags that are not waited for are passed over.
  void Confirm(uint64_t tag, bool multiple,
               absl::FunctionRef<void(uint64_t tag, const Publication&)> take);

  // The message that was returned, before it is confirmed. False: none of that id is here.
  bool MarkReturned(absl::string_view message_id);

  // Takes out the first that `matches`.
  std::optional<Publication> TakeFirst(absl::FunctionRef<bool(const Publication&)> matches);

  size_t size() const { return size_; }
  // When the oldest was published.
  std::optional<absl::Duration> oldest() const;

 private:
  struct Slot {
    Publication publication;
    bool done = false;
  };
  void PopDone();

  std::deque<Slot> slots_;  // by tag; the first is not done
  uint64_t first_tag_ = 1;
  size_t size_ = 0;
};

}  // namespace nexus::sink

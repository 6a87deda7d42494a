#pragma once

// Outbox: what a sink has taken and not answered, for sinks that send on a thread of their own.
//
// Events wait here, in the order in which they came, until that thread takes them, and stay until
// it has answered them: exactly once each. What waits behind a failed event of its stream is not
// sent but answered with kAborted (StreamOrder); what has been taken is the sink's business.
//
// Thread-safe. Answers run without a lock, on the thread that brings them.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/port/sink.h"
#include "sink/outbound/stream_order.h"

namespace nexus::sink {

class Outbox {
 public:
  struct Options {
    size_t events_max = 20'000;
    size_t bytes_max = 128 << 20;
    // More than one event of a stream may be here at a time.
    bool streams_in_order = false;
  };
  using Ticket = uint64_t;
  struct Item {
    Ticket ticket = 0;
    OutboundEvent event;
  };

  // `wake` is called when there is something to take after there was nothing; it must not block.
  Outbox(Options options, std::function<void()> wake);
  // Nothing may be left in it.
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // It is closed at first. `why` is a fault of the sink: kUnavailable.
  void Open();
  // From now on answers all that comes with `why`, and all that has not been taken; what is on its
  // way stays.
  void CloseIntake(const absl::Status& why);
  // Also answers what is on its way.
  void Close(const absl::Status& why);
  // Answers all that is here, and goes on.
  void GiveBackAll(const absl::Status& why);

  // Takes the event, or answers it: kUnavailable if it is closed or full, kAborted if it comes too
  // early behind one that failed.
  void Add(OutboundEvent event, Sink::Delivered done);

  // The same, and the event is on its way at once: nothing if it was answered. For a thread that
  // may send itself.
  std::optional<Item> AddTaken(OutboundEvent event, Sink::Delivered done);

  // The next that may go, which is on its way from now on. Its batch is held on to until the
  // answer.
  std::optional<Item> Take();
  // Nothing happens if it was answered meanwhile.
  void Answer(Ticket ticket, absl::StatusOr<Coordinate> outcome);

  bool HasReady() const;
  // Waits until everything was answered. False: not within `timeout`.
  bool AwaitEmpty(absl::Duration timeout);

 private:
  struct Entry {
    OutboundEvent event;
    Sink::Delivered done;
    bool taken = false;
  };
  using Answers = std::vector<std::pair<Sink::Delivered, absl::StatusOr<Coordinate>>>;

  absl::Status WhyNot(const RecordedEvent& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Ticket Put(OutboundEvent event, Sink::Delivered done, bool taken)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Refuse(const absl::Status& why, Sink::Delivered done) ABSL_LOCKS_EXCLUDED(mutex_);
  Sink::Delivered Remove(Ticket ticket, bool failed) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  enum class Which { kAll, kNotTaken };
  Answers RemoveAll(Which which, const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run(Answers answers) ABSL_LOCKS_EXCLUDED(mutex_);

  const Options options_;
  const std::function<void()> wake_;

  mutable absl::Mutex mutex_;
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);              // OK: open
  std::map<Ticket, Entry> entries_ ABSL_GUARDED_BY(mutex_);  // in the order in which they came
  std::deque<Ticket> ready_ ABSL_GUARDED_BY(mutex_);
  Ticket next_ ABSL_GUARDED_BY(mutex_) = 1;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  StreamOrder order_ ABSL_GUARDED_BY(mutex_);
  size_t answering_ ABSL_GUARDED_BY(mutex_) = 0;  // removed, and their answer still runs
};

}  // namespace nexus::sink

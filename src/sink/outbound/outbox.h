#pragma once

// Outbox: what a sink has taken and not answered, for sinks that send on a thread of their own.
//
// Events wait here until that thread takes them, and stay until it has answered them: exactly once
// each. The order of a stream is kept whatever fails: a stream may be let out one event at a time;
// what waits behind an event that failed is given back with it; and an event that comes although an
// earlier one of its stream is still to come again (it was handed over while that one failed) is
// given back too.
//
// Thread-safe. Answers run without a lock, on the thread that brings them.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/port/sink.h"

namespace nexus::sink {

class Outbox {
 public:
  struct Options {
    size_t events_max = 20'000;
    size_t bytes_max = 128 << 20;
    // Of one stream on their way at once. More than 1 is faster where few streams carry much, and
    // lets events arrive before an earlier one of their stream that was refused. 0: any number.
    size_t per_stream_max = 1;
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

  // Takes the event, or answers it: kUnavailable if it is closed, full or out of turn.
  void Add(OutboundEvent event, Sink::Delivered done);

  // The next that may go, which is on its way from now on. Its batch is held on to until the
  // answer.
  std::optional<Item> Take();
  // Nothing happens if it was answered meanwhile.
  void Answer(Ticket ticket, absl::StatusOr<Coordinate> outcome);

  bool HasReady() const;
  // Waits until everything was answered. False: not within `timeout`.
  bool AwaitEmpty(absl::Duration timeout);

 private:
  enum class State { kWaiting, kReady, kOnItsWay };
  struct Entry {
    OutboundEvent event;
    Sink::Delivered done;
    State state = State::kReady;
  };
  struct Stream {
    size_t out = 0;              // ready or on their way
    std::deque<Ticket> waiting;  // behind those
  };
  using Answers = std::vector<std::pair<Sink::Delivered, absl::StatusOr<Coordinate>>>;

  absl::Status WhyNot(const RecordedEvent& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Put(OutboundEvent event, Sink::Delivered done) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Sink::Delivered Remove(Ticket ticket) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LetNextOut(absl::string_view stream) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void HoldBack(const RecordedEvent& failed) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GiveBackWaiting(absl::string_view stream, Answers& answers)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  enum class Which { kAll, kNotTaken };
  Answers RemoveAll(Which which, const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run(Answers answers) ABSL_LOCKS_EXCLUDED(mutex_);

  const Options options_;
  const std::function<void()> wake_;

  mutable absl::Mutex mutex_;
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);              // OK: open
  std::map<Ticket, Entry> entries_ ABSL_GUARDED_BY(mutex_);  // in the order in which they came
  absl::flat_hash_map<std::string, Stream> streams_ ABSL_GUARDED_BY(mutex_);
  std::deque<Ticket> ready_ ABSL_GUARDED_BY(mutex_);
  // Streams whose event at this position failed and has not come again.
  absl::flat_hash_map<std::string, Position> held_ ABSL_GUARDED_BY(mutex_);
  Ticket next_ ABSL_GUARDED_BY(mutex_) = 1;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t answering_ ABSL_GUARDED_BY(mutex_) = 0;  // removed, and their answer still runs
};

}  // namespace nexus::sink

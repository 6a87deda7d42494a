#pragma once

// PublishRun: behind which message the next event of the same stream has to come.
//
// JetStream refuses single messages (its limits, no leader for a moment) and takes the next, so a
// second event of a stream must not be on its way unless the server is told to take it only behind
// the first: by the id of the last message that the JetStream stream has
// (Nats-Expected-Last-Msg-Id). That holds for events that are published one right after the other.
// Whoever else publishes to the JetStream stream breaks a run now and then; nothing is out of order
// then, but the rest of the run goes again, so there are no runs for a while.
//
// Landed(), Broke() and max() may be called by any thread; all else by one at a time.

#include <atomic>
#include <cstddef>
#include <string>

#include "absl/time/time.h"
#include "nexus/core/clock.h"
#include "nexus/core/event.h"
#include "sink/outbound/outbox.h"

namespace nexus::sink {

class PublishRun {
 public:
  // `clock` must outlive it.
  explicit PublishRun(const Clock& clock) : clock_(clock) {}

  // The id of the message that `event` has to come behind; empty: it may come behind any.
  std::string Before(const RecordedEvent& event) const;
  // It is on its way.
  void Published(const RecordedEvent& event, Outbox::Ticket ticket);
  // What was published with `ticket` is not the last message of the JetStream stream: it was not
  // taken, or it had been there before.
  void Forget(Outbox::Ticket ticket);
  // Of a new session.
  void Clear();

  // It was taken, as the last message.
  void Landed(Outbox::Ticket ticket) { landed_.store(ticket, std::memory_order_release); }
  // Something was not taken because it did not come behind what it should.
  void Broke();

  // How many events of a stream may be on their way now.
  size_t max() const;

 private:
  const Clock& clock_;
  // Of what was published last.
  std::string stream_;
  EventId id_;
  Position position_;
  Outbox::Ticket ticket_ = 0;  // 0: of nothing

  std::atomic<Outbox::Ticket> landed_{0};
  std::atomic<int64_t> none_until_nanos_{0};  // of the monotonic clock
};

}  // namespace nexus::sink

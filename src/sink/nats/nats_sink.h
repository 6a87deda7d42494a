#pragma once

// NatsSink: messages to a stream of JetStream, acknowledged by the server.
//
// One thread connects and publishes, up to a window; another reads acknowledgements and watches the
// time. A message without an answer in time is answered kUnavailable and comes again from the
// router; the server knows it by the event's id and takes it once. A session that is lost is
// replaced, for as long as it takes, and what was on its way comes again. Events of one stream that
// come one behind the other go without waiting for each other (PublishRun).
//
// The coordinate is the stream and the sequence in it. Thread-safe.

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "nexus/core/clock.h"
#include "nexus/port/sink.h"
#include "sink/nats/flights.h"
#include "sink/nats/nats_options.h"
#include "sink/nats/nats_session.h"
#include "sink/nats/publish_run.h"
#include "sink/outbound/address_pattern.h"
#include "sink/outbound/outbox.h"

namespace nexus::sink {

class NatsSink : public Sink {
 public:
  // CONFIGURATION_INVALID for options that make no sense. Needs no server and does not wait for
  // one. `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<NatsSink>> Open(NatsOptions options, const Clock& clock);

  // Answers what is on its way with kUnavailable.
  ~NatsSink() override;

  absl::string_view Name() const override { return options_.name; }
  size_t PerStreamMax() const override;
  bool OnlyInRuns() const override { return options_.per_stream_max == 0; }
  void Deliver(OutboundEvent event, Delivered done) override;
  absl::Status Flush(absl::Duration timeout) override;
  absl::Status Health() override;

  // How often it has connected.
  uint64_t connections() const { return connections_.load(); }
  // Events that the server had already.
  uint64_t duplicates() const { return duplicates_.load(); }

 private:
  NatsSink(NatsOptions options, AddressPattern subject, const Clock& clock);

  void Work();
  absl::StatusOr<std::unique_ptr<NatsSession>> Connect(size_t attempt);
  absl::Status Serve(NatsSession& session) ABSL_LOCKS_EXCLUDED(mutex_);
  void PublishSome(NatsSession& session) ABSL_LOCKS_EXCLUDED(publish_mutex_, mutex_);
  // False: there is no room, or nothing to publish.
  bool PublishNext(NatsSession& session) ABSL_LOCKS_EXCLUDED(publish_mutex_, mutex_);
  // Nothing of it if it has to wait its turn.
  bool PublishAtOnce(NatsSession& session, OutboundEvent& event, Delivered& done)
      ABSL_LOCKS_EXCLUDED(publish_mutex_, mutex_);
  void Publish(NatsSession& session, const Outbox::Item& item)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(publish_mutex_) ABSL_LOCKS_EXCLUDED(mutex_);

  // The other thread.
  void ReadReplies(NatsSession& session) ABSL_LOCKS_EXCLUDED(mutex_);
  // The subject of what was on its way; "": it is no more.
  std::string Land(Outbox::Ticket ticket);
  void TakeAck(const NatsReply& reply);
  // It was published and is not the last that the server took.
  void Fail(Outbox::Ticket ticket, const absl::Status& why) ABSL_LOCKS_EXCLUDED(publish_mutex_);
  void Heed(NatsSession& session, const NatsReply& reply) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status WhyNobody(NatsSession& session, const std::string& subject);
  void GiveUpLate() ABSL_LOCKS_EXCLUDED(mutex_);
  void GiveUpForbidden(const NatsSession& session) ABSL_LOCKS_EXCLUDED(mutex_);

  void Lose(const absl::Status& why) ABSL_LOCKS_EXCLUDED(mutex_);
  bool Pause(absl::Duration pause) ABSL_LOCKS_EXCLUDED(mutex_);
  void SetHealth(const absl::Status& health) ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasRoom() ABSL_LOCKS_EXCLUDED(mutex_);
  bool CanPublish() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const NatsOptions options_;
  const AddressPattern subject_;
  const Clock& clock_;
  std::atomic<uint64_t> connections_{0};
  std::atomic<uint64_t> duplicates_{0};

  // What the stream listens to and when that was asked for; used by the thread that reads.
  absl::StatusOr<std::vector<std::string>> listens_ = std::vector<std::string>();
  absl::Duration asked_ = -absl::InfiniteDuration();
  absl::Duration looked_ = -absl::InfiniteDuration();

  // Held while something is taken from the outbox and published, so that both have one order.
  absl::Mutex publish_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  PublishRun run_;  // see there what needs the mutex

  absl::Mutex mutex_;
  Flights flights_ ABSL_GUARDED_BY(mutex_);
  absl::Status lost_ ABSL_GUARDED_BY(mutex_);  // why the session ends; OK: it does not
  absl::Status health_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  Outbox outbox_;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace nexus::sink

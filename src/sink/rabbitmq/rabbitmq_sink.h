#pragma once

// RabbitMqSink: persistent messages to an exchange of RabbitMQ, confirmed by the broker.
//
// One thread owns the connection: it publishes up to a window, reads confirms, and connects again
// when the connection is lost, for as long as it takes; what was not confirmed is answered
// kUnavailable and comes again from the router. A message that nobody is bound to comes back and is
// refused as NOT_FOUND, although the broker confirms it. While the broker blocks publishers (low on
// memory or disk) what is on its way stays and nothing new is taken.
//
// Where all queues are declared here and take everything, many events of a stream are on their way
// at a time. If one of them refuses an event nevertheless (somebody has limited it), it is one at a
// time from then on.
//
// The coordinate is the exchange and the delivery tag of the confirm. Tags count from 1 on each
// connection: they order what one connection delivered, and the broker itself keeps none.
// Thread-safe.

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "nexus/core/clock.h"
#include "nexus/port/sink.h"
#include "sink/outbound/address_pattern.h"
#include "sink/outbound/outbox.h"
#include "sink/rabbitmq/rabbitmq_connection.h"
#include "sink/rabbitmq/rabbitmq_options.h"
#include "sink/rabbitmq/send_watchdog.h"
#include "sink/rabbitmq/unconfirmed.h"

namespace nexus::sink {

class RabbitMqSink : public Sink {
 public:
  // CONFIGURATION_INVALID for options that make no sense. Needs no broker and does not wait for
  // one. `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<RabbitMqSink>> Open(RabbitMqOptions options,
                                                            const Clock& clock);

  // Answers what is on its way with kUnavailable.
  ~RabbitMqSink() override;

  absl::string_view Name() const override { return options_.name; }
  size_t PerStreamMax() const override { return per_stream_max_.load(std::memory_order_relaxed); }
  void Deliver(OutboundEvent event, Delivered done) override;
  absl::Status Flush(absl::Duration timeout) override;
  absl::Status Health() override;

  // How often it has connected.
  uint64_t connections() const { return connections_.load(); }

 private:
  RabbitMqSink(RabbitMqOptions options, AddressPattern routing_key, const Clock& clock, int wake);

  void Work();
  absl::StatusOr<std::unique_ptr<RabbitMqConnection>> Connect(size_t attempt);
  absl::Status Serve(RabbitMqConnection& connection);
  absl::Status ReadNotices(RabbitMqConnection& connection);
  absl::Status Heed(const Notice& notice);
  void Heed(const Confirmed& confirmed);
  absl::Status Heed(const Closed& closed);
  // Whether more could be published at once.
  absl::StatusOr<bool> PublishSome(RabbitMqConnection& connection);
  absl::Status Publish(RabbitMqConnection& connection, const Outbox::Item& item);
  absl::Status WhyNot(absl::string_view routing_key, const Message& message) const;
  absl::Status LookForSilence() const;
  void Wait(int fd) const;
  void Wake() const;
  // False: the sink closes.
  bool Pause(absl::Duration pause) ABSL_LOCKS_EXCLUDED(mutex_);
  bool stopping() ABSL_LOCKS_EXCLUDED(mutex_);
  void SetHealth(const absl::Status& health) ABSL_LOCKS_EXCLUDED(mutex_);

  const RabbitMqOptions options_;
  const AddressPattern routing_key_;
  const Clock& clock_;
  const int wake_;  // readable when there is something to do
  Outbox outbox_;
  SendWatchdog watchdog_;
  std::atomic<uint64_t> connections_{0};
  std::atomic<size_t> per_stream_max_;

  // Of the connection that serves; used by the thread only.
  Unconfirmed unconfirmed_;
  bool blocked_ = false;
  // Of a value, as the broker said when it refused a larger one; 0: it said nothing.
  size_t broker_bytes_max_ = 0;
  bool closed_for_size_ = false;

  absl::Mutex mutex_;
  absl::Status health_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::atomic<std::thread::id> worker_;  // who runs Work()
  std::thread thread_;                   // last: it uses the rest
};

}  // namespace nexus::sink

#pragma once

// One instance of the client library's producer, for one topic. It lives until its first fatal
// error; then another takes its place.
//
// Produce() may be called by any thread, Poll() and Purge() by one. Reports come out of Poll().

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/port/sink.h"
#include "route/cloud_event.h"
#include "route/value_format.h"
#include "sink/kafka/kafka_properties.h"

namespace nexus::sink {

enum class TopicState { kUnknown, kThere, kMissing, kForbidden };

class KafkaProducer {
 public:
  // CONFIGURATION_INVALID if the library does not take a property. Needs no broker.
  static absl::StatusOr<std::unique_ptr<KafkaProducer>> Create(const KafkaProperties& properties,
                                                               const std::string& topic);

  // Drops what is queued: Purge() and Poll() first.
  ~KafkaProducer();
  KafkaProducer(const KafkaProducer&) = delete;
  KafkaProducer& operator=(const KafkaProducer&) = delete;

  // Queues the event under `key`, and `attributes` and what `frame` has as headers.
  // OK: `done` was taken and runs in a later Poll(). An error: `done` was not taken.
  absl::Status Produce(const RecordedEvent& event, absl::string_view key,
                       const route::CloudAttributes& attributes, const route::ValueFrame& frame,
                       Sink::Delivered& done);

  // Runs reports, waiting up to `wait` for the first. Wake() ends the wait.
  void Poll(absl::Duration wait);
  void Wake();

  // Gives up everything that is queued or on its way: the reports come out of Poll(), as failed.
  void Purge();

  // Taken by Produce() and not reported yet.
  size_t pending() const { return pending_.load(); }
  // Nothing works any more; make another.
  bool fatal() const { return fatal_.load(); }
  // All connections are down. Cleared by the next success.
  bool down() const { return down_.load(); }
  // A broker has acknowledged something.
  bool proved() const { return proved_.load(); }
  // What the library complained of last: refused credentials, a certificate, a connection. Empty
  // after the next success.
  std::string Trouble() ABSL_LOCKS_EXCLUDED(mutex_);

  // Asks a broker about the topic, which also makes the first event to it fast.
  TopicState FindTopic(absl::Duration timeout);

  rd_kafka_t* handle() { return kafka_; }

 private:
  KafkaProducer() = default;

  static void OnReport(rd_kafka_t* kafka, const rd_kafka_message_t* message, void* self);
  static void OnError(rd_kafka_t* kafka, int error, const char* reason, void* self);
  void SetTrouble(absl::string_view words) ABSL_LOCKS_EXCLUDED(mutex_);

  rd_kafka_t* kafka_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
  rd_kafka_queue_t* queue_ = nullptr;
  std::atomic<size_t> pending_{0};
  std::atomic<bool> fatal_{false};
  std::atomic<bool> down_{false};
  std::atomic<bool> proved_{false};

  absl::Mutex mutex_;
  std::string trouble_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::sink

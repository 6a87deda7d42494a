#pragma once

// KafkaSink: CloudEvents in binary mode on a Kafka topic, keyed by stream.
//
// The idempotent producer keeps the order under retries and waits for a broker that is away as long
// as it takes, at the start too; the router bounds what waits. A fatal error of the client library
// is routine: everything that was on its way is answered kUnavailable, a new producer takes over,
// and the router delivers again. Thread-safe.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "nexus/port/sink.h"
#include "sink/kafka/held_streams.h"
#include "sink/kafka/kafka_options.h"

namespace nexus::sink {

class KafkaProducer;

class KafkaSink : public Sink {
 public:
  // CONFIGURATION_INVALID for options that make no sense. Needs no broker and does not wait for
  // one.
  static absl::StatusOr<std::unique_ptr<KafkaSink>> Open(KafkaOptions options);

  // Answers what is on its way with kUnavailable.
  ~KafkaSink() override;

  absl::string_view Name() const override { return options_.name; }
  void Deliver(OutboundEvent event, Delivered done) override;
  absl::Status Flush(absl::Duration timeout) override;
  absl::Status Health() override;

  // How often a fatal error made a new producer necessary.
  uint64_t rebuilds();

  // Makes the producer fail as if the broker had lost its state.
  void ProvokeFatalErrorForTest();

 private:
  enum class Topic { kUnknown, kThere, kMissing, kForbidden };

  KafkaSink(KafkaOptions options, std::shared_ptr<KafkaProducer> producer);

  std::shared_ptr<KafkaProducer> Producer();
  absl::Status TryProduce(const OutboundEvent& outbound, Delivered& report);
  void Hold(const RecordedEvent& event);
  void OnReport(const absl::Status& status);
  void Work();
  void LookAtTopic(KafkaProducer& producer);
  void Empty(KafkaProducer& producer);
  absl::Status WhyNotThere() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status BeingReplaced() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<KafkaProducer> Replace(std::shared_ptr<KafkaProducer> broken);

  const KafkaOptions options_;

  absl::Mutex mutex_;
  // Null: a new one is being made. Replaced by the thread only, which holds on to it too.
  std::shared_ptr<KafkaProducer> producer_ ABSL_GUARDED_BY(mutex_);
  HeldStreams held_ ABSL_GUARDED_BY(mutex_);
  size_t taken_ ABSL_GUARDED_BY(mutex_) = 0;  // deliveries that are not answered
  bool purge_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Topic topic_ ABSL_GUARDED_BY(mutex_) = Topic::kUnknown;
  absl::Status topic_error_ ABSL_GUARDED_BY(mutex_);  // why it could not be made
  std::string trouble_ ABSL_GUARDED_BY(mutex_);       // of the last producer that was replaced
  uint64_t rebuilds_ ABSL_GUARDED_BY(mutex_) = 0;

  bool proved_ = true;  // of the thread: the last producer worked before it broke

  std::thread thread_;  // last: it uses the rest
};

}  // namespace nexus::sink

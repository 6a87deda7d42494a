#include "sink/kafka/kafka_sink.h"

#include <librdkafka/rdkafka.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "concurrency/thread_name.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "route/cloud_event.h"
#include "sink/kafka/kafka_producer.h"
#include "sink/kafka/kafka_properties.h"
#include "sink/kafka/kafka_topic.h"

namespace nexus::sink {
namespace {

// Reports end the wait, so these bound only how soon the rest of the loop has its turn.
constexpr absl::Duration kPollWhenWell = absl::Seconds(1);
constexpr absl::Duration kPollWhenNot = absl::Milliseconds(100);
constexpr absl::Duration kLook = absl::Milliseconds(500);
constexpr absl::Duration kCreate = absl::Seconds(5);
constexpr absl::Duration kPurge = absl::Seconds(10);
constexpr absl::Duration kCreateAgain = absl::Seconds(1);

absl::Status Unavailable(absl::string_view message) {
  return MakeError(ErrorReason::kNotReady, message);
}

}  // namespace

absl::StatusOr<std::unique_ptr<KafkaSink>> KafkaSink::Open(KafkaOptions options) {
  NEXUS_ASSIGN_OR_RETURN(const KafkaProperties properties, KafkaPropertiesFor(options));
  NEXUS_ASSIGN_OR_RETURN(std::shared_ptr<KafkaProducer> producer,
                         KafkaProducer::Create(properties, options.topic));
  return std::unique_ptr<KafkaSink>(new KafkaSink(std::move(options), std::move(producer)));
}

KafkaSink::KafkaSink(KafkaOptions options, std::shared_ptr<KafkaProducer> producer)
    : options_(std::move(options)), producer_(std::move(producer)), thread_([this] { Work(); }) {}

KafkaSink::~KafkaSink() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (producer_) producer_->Wake();
  }
  thread_.join();
}

void KafkaSink::Deliver(OutboundEvent event, Delivered done) {
  Delivered report = [this, batch = event.batch, recorded = event.event,
                      done = std::move(done)](absl::StatusOr<Coordinate> coordinate) mutable {
    const absl::Status status = coordinate.status();
    // Before the answer, which makes it come again.
    if (absl::IsUnavailable(status)) Hold(*recorded);
    done(std::move(coordinate));
    done = nullptr;
    batch.reset();
    OnReport(status);
  };
  const absl::Status refused = TryProduce(event, report);
  if (!refused.ok()) report(refused);
}

// Takes `report` if it is OK.
absl::Status KafkaSink::TryProduce(const OutboundEvent& outbound, Delivered& report) {
  const RecordedEvent& event = *outbound.event;
  const absl::StatusOr<route::ValueFrame> frame = route::FrameFor(options_.value_format, outbound);
  route::CloudAttributes attributes;
  if (frame.ok() && frame->attributes) {
    attributes = route::ToCloudAttributes(event, options_.source, outbound.attributes);
  }
  // Held while producing, so that nothing is produced to a producer that is being emptied. The
  // client library copies the event and returns.
  absl::MutexLock lock(&mutex_);
  ++taken_;
  if (!frame.ok()) return frame.status();
  if (!producer_) return BeingReplaced();
  if (!held_.MayGo(event)) {
    return Unavailable("an earlier event of the stream was given back and comes first");
  }
  if (topic_ == Topic::kMissing || topic_ == Topic::kForbidden) return WhyNotThere();
  return producer_->Produce(event, outbound.key.empty() ? event.stream : outbound.key, attributes,
                            *frame, report);
}

void KafkaSink::Hold(const RecordedEvent& event) {
  absl::MutexLock lock(&mutex_);
  held_.GaveBack(event);
}

void KafkaSink::OnReport(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  --taken_;
  // The topic may be gone, and its absence is the one cause that nothing else tells.
  if (absl::IsUnavailable(status) && topic_ == Topic::kThere) topic_ = Topic::kUnknown;
}

void KafkaSink::Work() {
  concurrency::NameThisThread(absl::StrCat("sink-", options_.name));
  std::shared_ptr<KafkaProducer> producer = Producer();
  while (producer != nullptr) {
    bool well;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) break;
      if (std::exchange(purge_, false)) producer->Purge();
      if (producer->down()) topic_ = Topic::kUnknown;
      well = topic_ == Topic::kThere;
    }
    producer->Poll(well ? kPollWhenWell : kPollWhenNot);
    if (producer->fatal()) {
      producer = Replace(std::move(producer));
    } else if (!well) {
      LookAtTopic(*producer);
    }
  }
  if (producer) Empty(*producer);
}

std::shared_ptr<KafkaProducer> KafkaSink::Producer() {
  absl::MutexLock lock(&mutex_);
  return producer_;
}

void KafkaSink::LookAtTopic(KafkaProducer& producer) {
  TopicState found = producer.FindTopic(kLook);
  absl::Status error;
  if (found == TopicState::kMissing && options_.create_partitions > 0) {
    const absl::StatusOr<KafkaProperties> properties = KafkaPropertiesFor(options_);
    error = CreateKafkaTopic(*properties,
                             {options_.topic, options_.create_partitions, options_.create_replicas},
                             kCreate);
    if (error.ok()) found = producer.FindTopic(kLook);
  }
  absl::MutexLock lock(&mutex_);
  topic_error_ = error;
  if (found == TopicState::kMissing) topic_ = Topic::kMissing;
  if (found == TopicState::kForbidden) topic_ = Topic::kForbidden;
  if (found == TopicState::kThere) topic_ = Topic::kThere;
}

// Takes the producer out of use and answers everything that it holds.
void KafkaSink::Empty(KafkaProducer& producer) {
  {
    absl::MutexLock lock(&mutex_);
    producer_.reset();
  }
  while (producer.pending() > 0) {
    producer.Purge();
    producer.Poll(kPollWhenNot);
  }
}

// The new producer; null if the sink was closed meanwhile.
std::shared_ptr<KafkaProducer> KafkaSink::Replace(std::shared_ptr<KafkaProducer> broken) {
  {
    absl::MutexLock lock(&mutex_);
    trouble_ = broken->Trouble();
  }
  Empty(*broken);
  // One that breaks at once, as where the credentials do not let it write at all, must not be made
  // again and again without a pause.
  const bool pause = !std::exchange(proved_, broken->proved()) && !broken->proved();
  broken.reset();
  if (pause) {
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kCreateAgain)) return nullptr;
  }
  const KafkaProperties properties = *KafkaPropertiesFor(options_);  // checked by Open()
  while (true) {
    absl::StatusOr<std::unique_ptr<KafkaProducer>> fresh =
        KafkaProducer::Create(properties, options_.topic);
    absl::MutexLock lock(&mutex_);
    if (fresh.ok()) {
      producer_ = *std::move(fresh);
      topic_ = Topic::kUnknown;
      ++rebuilds_;
      return producer_;
    }
    // No threads or no memory left for it; that may pass.
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kCreateAgain)) return nullptr;
  }
}

absl::Status KafkaSink::Flush(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const auto quiet = [this] {
    mutex_.AssertHeld();
    return taken_ == 0;
  };
  if (mutex_.AwaitWithTimeout(absl::Condition(&quiet), timeout)) return absl::OkStatus();
  purge_ = true;
  if (producer_) producer_->Wake();
  mutex_.AwaitWithTimeout(absl::Condition(&quiet), kPurge);
  return MakeError(ErrorReason::kDeadlineExceeded, "Kafka did not acknowledge all events in time");
}

absl::Status KafkaSink::Health() {
  absl::MutexLock lock(&mutex_);
  if (!producer_) return BeingReplaced();
  if (topic_ == Topic::kMissing || topic_ == Topic::kForbidden) return WhyNotThere();
  if (producer_->down() || topic_ == Topic::kUnknown) {
    const std::string trouble = producer_->Trouble();
    return Unavailable(absl::StrCat("no broker of ", options_.brokers, " answers",
                                    trouble.empty() ? "" : ": ", trouble));
  }
  return absl::OkStatus();
}

// All events go to the one topic: what is wrong with it is no fault of any of them.
absl::Status KafkaSink::WhyNotThere() const {
  const std::string topic = absl::StrCat("topic ", options_.topic);
  if (topic_ == Topic::kForbidden) {
    return Unavailable(absl::StrCat(topic, " at ", options_.brokers, " may not be used with ",
                                    "these credentials (TOPIC_AUTHORIZATION_FAILED)"));
  }
  return Unavailable(absl::StrCat(topic, " does not exist at ", options_.brokers,
                                  topic_error_.ok() ? "" : "; ", topic_error_.message()));
}

absl::Status KafkaSink::BeingReplaced() const {
  return Unavailable(
      absl::StrCat("the producer is being replaced", trouble_.empty() ? "" : ": ", trouble_));
}

uint64_t KafkaSink::rebuilds() {
  absl::MutexLock lock(&mutex_);
  return rebuilds_;
}

void KafkaSink::ProvokeFatalErrorForTest() {
  absl::MutexLock lock(&mutex_);
  if (!producer_) return;
  rd_kafka_test_fatal_error(producer_->handle(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                            "provoked");
}

}  // namespace nexus::sink

#include "sink/kafka/kafka_topic.h"

#include <librdkafka/rdkafka.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "sink/kafka/kafka_producer.h"
#include "sink/kafka/kafka_status.h"

namespace nexus::sink {
namespace {

template <auto destroy>
struct Destroy {
  template <typename T>
  void operator()(T* object) const {
    destroy(object);
  }
};
template <typename T, auto destroy>
using Owned = std::unique_ptr<T, Destroy<destroy>>;

// The broker answers for each topic; there is one.
absl::Status OutcomeOf(rd_kafka_event_t* event, const TopicDraft& topic) {
  const std::string about = absl::StrCat("creating topic ", topic.name);
  if (event == nullptr) return FromKafka(RD_KAFKA_RESP_ERR__TIMED_OUT, about);
  if (const auto error = rd_kafka_event_error(event)) return FromKafka(error, about);
  const rd_kafka_CreateTopics_result_t* result = rd_kafka_event_CreateTopics_result(event);
  size_t count = 0;
  const rd_kafka_topic_result_t** topics = rd_kafka_CreateTopics_result_topics(result, &count);
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(topics[i]);
    if (error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return FromKafka(error, about);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CreateKafkaTopic(const KafkaProperties& properties, const TopicDraft& topic,
                              absl::Duration timeout) {
  NEXUS_ASSIGN_OR_RETURN(const std::unique_ptr<KafkaProducer> client,
                         KafkaProducer::Create(properties, topic.name));
  rd_kafka_t* kafka = client->handle();
  char error[256] = "";
  Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy> draft(rd_kafka_NewTopic_new(
      topic.name.c_str(), topic.partitions, topic.replicas, error, sizeof(error)));
  if (!draft) return FromKafka(RD_KAFKA_RESP_ERR__INVALID_ARG, error);
  Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy> options(
      rd_kafka_AdminOptions_new(kafka, RD_KAFKA_ADMIN_OP_CREATETOPICS));
  const int timeout_ms = static_cast<int>(absl::ToInt64Milliseconds(timeout));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, error, sizeof(error));
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), timeout_ms, error, sizeof(error));
  Owned<rd_kafka_queue_t, rd_kafka_queue_destroy> queue(rd_kafka_queue_new(kafka));
  rd_kafka_NewTopic_t* drafts[] = {draft.get()};
  rd_kafka_CreateTopics(kafka, drafts, 1, options.get(), queue.get());
  Owned<rd_kafka_event_t, rd_kafka_event_destroy> event(
      rd_kafka_queue_poll(queue.get(), timeout_ms + 1'000));
  return OutcomeOf(event.get(), topic);
}

}  // namespace nexus::sink

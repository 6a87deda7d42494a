#include "harness/kafka/kafka_rights.h"

#include <librdkafka/rdkafka.h>

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "sink/kafka/kafka_producer.h"

namespace nexus::harness {
namespace {

constexpr int kTimeoutMs = 30'000;

// Sends what `ask` makes and looks at the answer as a whole; it is about one binding.
absl::Status Ask(const std::string& brokers,
                 absl::FunctionRef<void(rd_kafka_t*, rd_kafka_queue_t*)> ask,
                 absl::FunctionRef<const rd_kafka_error_t*(rd_kafka_event_t*)> error_of) {
  NEXUS_ASSIGN_OR_RETURN(const auto client,
                         sink::KafkaProducer::Create({{"bootstrap.servers", brokers}}, "none"));
  const std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)> queue(
      rd_kafka_queue_new(client->handle()), &rd_kafka_queue_destroy);
  ask(client->handle(), queue.get());
  const std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)> event(
      rd_kafka_queue_poll(queue.get(), kTimeoutMs), &rd_kafka_event_destroy);
  if (event == nullptr) return absl::UnavailableError("the broker does not answer");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::UnavailableError(rd_kafka_event_error_string(event.get()));
  }
  const rd_kafka_error_t* error = error_of(event.get());
  return error == nullptr ? absl::OkStatus() : absl::UnavailableError(rd_kafka_error_string(error));
}

}  // namespace

absl::Status AllowInKafka(const std::string& brokers, const std::string& user,
                          const std::string& topic, KafkaRight right) {
  char words[256] = "";
  rd_kafka_AclBinding_t* binding = rd_kafka_AclBinding_new(
      RD_KAFKA_RESOURCE_TOPIC, topic.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL,
      absl::StrCat("User:", user).c_str(), "*",
      right == KafkaRight::kWrite ? RD_KAFKA_ACL_OPERATION_WRITE : RD_KAFKA_ACL_OPERATION_DESCRIBE,
      RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, words, sizeof(words));
  if (binding == nullptr) return absl::InvalidArgumentError(words);
  const absl::Status status = Ask(
      brokers,
      [&](rd_kafka_t* kafka, rd_kafka_queue_t* queue) {
        rd_kafka_CreateAcls(kafka, &binding, 1, nullptr, queue);
      },
      [](rd_kafka_event_t* event) -> const rd_kafka_error_t* {
        size_t count = 0;
        const auto* results =
            rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event), &count);
        return count == 1 ? rd_kafka_acl_result_error(results[0]) : nullptr;
      });
  rd_kafka_AclBinding_destroy(binding);
  return status;
}

absl::Status ForbidInKafka(const std::string& brokers, const std::string& user,
                           const std::string& topic) {
  char words[256] = "";
  rd_kafka_AclBindingFilter_t* filter = rd_kafka_AclBindingFilter_new(
      RD_KAFKA_RESOURCE_TOPIC, topic.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL,
      absl::StrCat("User:", user).c_str(), "*", RD_KAFKA_ACL_OPERATION_ANY,
      RD_KAFKA_ACL_PERMISSION_TYPE_ANY, words, sizeof(words));
  if (filter == nullptr) return absl::InvalidArgumentError(words);
  const absl::Status status = Ask(
      brokers,
      [&](rd_kafka_t* kafka, rd_kafka_queue_t* queue) {
        rd_kafka_DeleteAcls(kafka, &filter, 1, nullptr, queue);
      },
      [](rd_kafka_event_t* event) -> const rd_kafka_error_t* {
        size_t count = 0;
        const auto* results =
            rd_kafka_DeleteAcls_result_responses(rd_kafka_event_DeleteAcls_result(event), &count);
        return count == 1 ? rd_kafka_DeleteAcls_result_response_error(results[0]) : nullptr;
      });
  rd_kafka_AclBinding_destroy(filter);
  return status;
}

}  // namespace nexus::harness

#include "app/delivery.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "app/framed_values.h"
#include "nexus/core/status_macros.h"
#include "sink/jsonl/jsonl_sink.h"
#include "sink/kafka/kafka_sink.h"

namespace nexus::app {
namespace {

route::CriticalityRules RulesOf(const config::RouteConfig& config) {
  const config::CriticalityConfig& from = config.criticality;
  route::CriticalityRules rules;
  rules.business_impact_weight = from.business_impact;
  rules.ordering_weight = from.ordering;
  rules.latency_weight = from.latency;
  rules.type_weight = from.type;
  rules.threshold = from.threshold;
  rules.type_weights.insert(from.type_weights.begin(), from.type_weights.end());
  // Whole streams in order need the path that keeps its promises longest.
  for (const std::string& category : config.ordered_categories) {
    rules.ordered_categories[category] = route::Path::kCritical;
  }
  return rules;
}

absl::StatusOr<std::unique_ptr<Sink>> OpenFiles(const config::RouteConfig& config,
                                                const std::string& data_folder,
                                                const std::string& name) {
  sink::JsonlSink::Options options;
  options.files.folder =
      config.jsonl.folder.empty() ? absl::StrCat(data_folder, "/outbox") : config.jsonl.folder;
  options.files.name = name;
  return sink::JsonlSink::Open(std::move(options));
}

absl::StatusOr<std::unique_ptr<Sink>> OpenCritical(const config::RouteConfig& config,
                                                   const std::string& data_folder,
                                                   const schema::SchemaCatalog& schemas) {
  if (config.kafka.brokers.empty()) return OpenFiles(config, data_folder, "critical");
  sink::KafkaOptions options;
  options.brokers = config.kafka.brokers;
  options.topic = config.kafka.topic;
  options.value_format = FramedValues(config.kafka.framing, schemas);
  options.properties.assign(config.kafka.properties.begin(), config.kafka.properties.end());
  return sink::KafkaSink::Open(std::move(options));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Delivery>> Delivery::Create(const config::RouteConfig& config,
                                                           const std::string& data_folder,
                                                           const schema::SchemaCatalog& schemas,
                                                           const route::RouteContext& context) {
  std::unique_ptr<Delivery> delivery(new Delivery());
  route::RouterOptions options;
  options.criticality = RulesOf(config);
  NEXUS_RETURN_IF_ERROR(route::CheckRules(options.criticality));
  NEXUS_ASSIGN_OR_RETURN(delivery->critical_, OpenCritical(config, data_folder, schemas));
  NEXUS_ASSIGN_OR_RETURN(delivery->standard_, OpenFiles(config, data_folder, "standard"));
  delivery->router_ = std::make_unique<route::Router>(context, *delivery->critical_,
                                                      *delivery->standard_, std::move(options));
  return delivery;
}

}  // namespace nexus::app

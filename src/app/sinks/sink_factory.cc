#include "app/sinks/sink_factory.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "app/sinks/broker_readers.h"
#include "app/sinks/route_transform.h"
#include "app/sinks/sink_settings.h"
#include "declaration/strict_object.h"
#include "nexus/core/status_macros.h"
#include "route/transform/transforming_sink.h"
#include "sink/jsonl/jsonl_sink.h"
#include "sink/kafka/kafka_sink.h"
#include "sink/nats/nats_sink.h"
#include "sink/rabbitmq/rabbitmq_sink.h"
#include "sink/webhook/webhook_sink.h"

namespace nexus::app {
namespace {

using route::EventFormat;
using route::RouteDeclaration;

constexpr absl::string_view kJsonl = "jsonl";
constexpr absl::string_view kKafka = "kafka";
constexpr absl::string_view kNats = "nats";
constexpr absl::string_view kRabbitMq = "rabbitmq";
constexpr absl::string_view kWebhook = "webhook";

// A sink's name is a file's and a label's too.
std::string SinkNameOf(const std::string& run) {
  return absl::StrReplaceAll(run, {{"#", "-"}, {"@", "-"}});
}

// Reads the settings, and makes the sink if it is given a name.
using Opener = absl::StatusOr<std::unique_ptr<Sink>> (*)(const SinkSettings& with,
                                                         const std::string& name,
                                                         const Clock& clock);

absl::StatusOr<std::unique_ptr<Sink>> OpenJsonl(const SinkSettings& with, const std::string& name,
                                                const Clock&) {
  NEXUS_ASSIGN_OR_RETURN(sink::JsonlSink::Options options, ReadJsonlSettings(with));
  if (name.empty()) return nullptr;
  options.files.name = name;
  return sink::JsonlSink::Open(std::move(options));
}

absl::StatusOr<std::unique_ptr<Sink>> OpenKafka(const SinkSettings& with, const std::string& name,
                                                const Clock&) {
  NEXUS_ASSIGN_OR_RETURN(sink::KafkaOptions options, ReadKafkaSettings(with));
  // The client library looks at its properties itself, and asks no broker for that.
  options.name = name.empty() ? "check" : name;
  return sink::KafkaSink::Open(std::move(options));
}

// Of the kinds whose options are checked without making anything.
template <typename SinkType, auto kReadSettings>
absl::StatusOr<std::unique_ptr<Sink>> OpenBroker(const SinkSettings& with, const std::string& name,
                                                 const Clock& clock) {
  NEXUS_ASSIGN_OR_RETURN(auto options, kReadSettings(with));
  if (name.empty()) return nullptr;
  options.name = name;
  return SinkType::Open(std::move(options), clock);
}

constexpr std::pair<absl::string_view, Opener> kKinds[] = {
    {kJsonl, OpenJsonl},
    {kKafka, OpenKafka},
    {kNats, OpenBroker<sink::NatsSink, ReadNatsSettings>},
    {kRabbitMq, OpenBroker<sink::RabbitMqSink, ReadRabbitMqSettings>},
    {kWebhook, OpenBroker<sink::WebhookSink, ReadWebhookSettings>},
};

absl::Status UnknownKind(absl::string_view kind) {
  std::string known;
  for (const auto& [name, open] : kKinds) absl::StrAppend(&known, known.empty() ? "" : ", ", name);
  return declaration::DeclarationFault(
      "/sink/kind", absl::StrCat("'", kind, "' is not known; known are: ", known));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sink>> SinkFactory::Open(const RouteDeclaration& route,
                                                        const std::string& name) const {
  const SinkSettings with{route, config_, data_folder_, schemas_, json_};
  NEXUS_ASSIGN_OR_RETURN(route::TransformPtr transform, MakeTransform(with));
  for (const auto& [kind, open] : kKinds) {
    if (kind != route.sink.kind) continue;
    NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<Sink> sink, open(with, name, clock_));
    if (transform == nullptr || sink == nullptr) return sink;
    return std::make_unique<route::TransformingSink>(std::move(sink), std::move(transform));
  }
  return UnknownKind(route.sink.kind);
}

absl::StatusOr<std::unique_ptr<Sink>> SinkFactory::Make(const RouteDeclaration& route,
                                                        const std::string& run) const {
  // The configuration's own has had this name since before routes had any.
  const bool configured =
      route.sink.kind == kKafka && route.name == run && route.sink.settings == "{}";
  return Open(route, configured ? std::string(kKafka) : SinkNameOf(run));
}

absl::StatusOr<std::unique_ptr<BrokerReader>> SinkFactory::OpenReader(
    const RouteDeclaration& route) const {
  return OpenBrokerReader({route, config_, data_folder_, schemas_, json_});
}

absl::Status SinkFactory::Check(const RouteDeclaration& route) const {
  return Open(route, "").status();
}

std::vector<RouteDeclaration> SinkFactory::Defaults(const config::RouteConfig& config) {
  RouteDeclaration critical;
  critical.name = "critical";
  critical.comment = "of the configuration";
  critical.match.path = route::PathMatch::kCritical;
  critical.sink.kind = std::string(config.kafka.brokers.empty() ? kJsonl : kKafka);
  if (!config.kafka.brokers.empty()) {
    if (config.kafka.framing == "confluent") critical.format = EventFormat::kConfluent;
    if (config.kafka.framing == "confluent_header") {
      critical.format = EventFormat::kConfluentHeader;
    }
  }
  RouteDeclaration standard;
  standard.name = "standard";
  standard.comment = "of the configuration";
  standard.match.path = route::PathMatch::kStandard;
  standard.sink.kind = std::string(kJsonl);
  return {critical, standard};
}

}  // namespace nexus::app

#include "app/sink_factory.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "app/sink_settings.h"
#include "nexus/core/status_macros.h"
#include "route/declaration/strict_object.h"
#include "sink/jsonl/jsonl_sink.h"
#include "sink/kafka/kafka_sink.h"

namespace nexus::app {
namespace {

using route::EventFormat;
using route::RouteDeclaration;

constexpr char kJsonl[] = "jsonl";
constexpr char kKafka[] = "kafka";

// A sink's name is a file's and a label's too.
std::string SinkNameOf(const std::string& run) {
  return absl::StrReplaceAll(run, {{"#", "-"}, {"@", "-"}});
}

absl::StatusOr<std::unique_ptr<Sink>> OpenJsonl(const SinkSettings& with,
                                                const std::string& name) {
  NEXUS_ASSIGN_OR_RETURN(sink::JsonlSink::Options options, ReadJsonlSettings(with));
  options.files.name = name;
  return sink::JsonlSink::Open(std::move(options));
}

absl::StatusOr<std::unique_ptr<Sink>> OpenKafka(const SinkSettings& with,
                                                const std::string& name) {
  NEXUS_ASSIGN_OR_RETURN(sink::KafkaOptions options, ReadKafkaSettings(with));
  options.name = name;
  return sink::KafkaSink::Open(std::move(options));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sink>> SinkFactory::Make(const RouteDeclaration& route,
                                                        const std::string& run) const {
  const SinkSettings with{route, config_, data_folder_, schemas_, json_};
  if (route.sink.kind == kJsonl) return OpenJsonl(with, SinkNameOf(run));
  if (route.sink.kind == kKafka) {
    // The configuration's own has had this name since before routes had any.
    const bool configured = route.name == run && route.sink.settings == "{}";
    return OpenKafka(with, configured ? kKafka : SinkNameOf(run));
  }
  return Check(route);
}

absl::Status SinkFactory::Check(const RouteDeclaration& route) const {
  const SinkSettings with{route, config_, data_folder_, schemas_, json_};
  if (route.sink.kind == kJsonl) return ReadJsonlSettings(with).status();
  // The client library looks at its properties itself, and asks no broker for that.
  if (route.sink.kind == kKafka) return OpenKafka(with, "check").status();
  return route::DeclarationFault("/sink/kind",
                                 absl::StrCat("'", route.sink.kind, "' is not known; known are: ",
                                              kJsonl, ", ", kKafka));
}

std::vector<RouteDeclaration> SinkFactory::Defaults(const config::RouteConfig& config) {
  RouteDeclaration critical;
  critical.name = "critical";
  critical.comment = "of the configuration";
  critical.match.path = route::PathMatch::kCritical;
  critical.sink.kind = config.kafka.brokers.empty() ? kJsonl : kKafka;
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
  standard.sink.kind = kJsonl;
  return {critical, standard};
}

}  // namespace nexus::app

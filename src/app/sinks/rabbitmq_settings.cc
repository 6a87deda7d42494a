#include <utility>

#include "app/sinks/setting_parts.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {
namespace {

using declaration::StrictObject;

constexpr size_t kQueuesMax = 1'000;

void ReadTopology(declaration::StrictObject& settings, sink::RabbitMqTopology& topology) {
  settings.Flag("declare", topology.declare);
  settings.Text("unrouted", topology.unrouted);
  std::vector<std::pair<std::string, std::string>> queues;
  settings.TextMap("queues", queues, kQueuesMax);
  for (auto& [name, binding] : queues) topology.queues.push_back({name, std::move(binding)});
  Count(settings, "delivery_limit", topology.delivery_limit, 1, 1'000'000);
  Count(settings, "queue_messages_max", topology.messages_max, 0, 1ULL << 40);
  Count(settings, "queue_bytes_max", topology.queue_bytes_max, 0, 1ULL << 50);
}

}  // namespace

absl::StatusOr<sink::RabbitMqOptions> ReadRabbitMqSettings(const SinkSettings& with) {
  declaration::StrictObject settings(with.json, with.route.sink.settings, kSettingsPointer);
  sink::RabbitMqOptions options;
  settings.Require("brokers");
  settings.Text("brokers", options.brokers);
  settings.Text("vhost", options.vhost);
  settings.Text("user", options.user);
  SecretFile(settings, "password_file", with, options.password.file);
  ReadTls(settings, with, options.tls);
  settings.Text("exchange", options.exchange);
  settings.Text("routing_key", options.routing_key);
  ReadTopology(settings, options.topology);
  Count(settings, "in_flight", options.in_flight_max, 1, 65'535);
  Count(settings, "in_flight_per_stream", options.per_stream_max, 1, 65'535);
  Count(settings, "message_bytes_max", options.message_bytes_max, 1, 512 << 20);
  NEXUS_RETURN_IF_ERROR(settings.Finish());
  NEXUS_ASSIGN_OR_RETURN(options.format.value_format, FormatOf(with));
  NEXUS_RETURN_IF_ERROR(SettingsFault(Check(options)));
  return options;
}

}  // namespace nexus::app

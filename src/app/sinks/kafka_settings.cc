#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "app/sinks/setting_parts.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {
namespace {

using declaration::DeclarationFault;
using declaration::StrictObject;

constexpr size_t kPropertiesMax = 100;

// Declarations are in the log, where whoever reads `$routes` reads them.
bool IsSecret(absl::string_view property) {
  return absl::StrContains(property, "password") || absl::StrContains(property, "secret") ||
         absl::EndsWith(property, ".pem");
}

using Properties = std::vector<std::pair<std::string, std::string>>;

absl::Status TakeProperties(declaration::StrictObject& settings, const std::string& secrets,
                            Properties& out) {
  Properties plain;
  settings.TextMap("properties", plain, kPropertiesMax);
  for (const auto& [name, value] : plain) {
    if (!IsSecret(name)) continue;
    settings.Fail(absl::StrCat("properties/", name),
                  "a secret does not belong into a declaration: name a file by property_files");
  }
  Properties files;
  settings.TextMap("property_files", files, kPropertiesMax);
  out.insert(out.end(), plain.begin(), plain.end());
  for (const auto& [name, file] : files) {
    absl::StatusOr<std::string> value = ReadSecret(secrets, file);
    if (!value.ok()) {
      const std::string why(value.status().message());
      settings.Fail(absl::StrCat("property_files/", name), why);
      continue;
    }
    out.emplace_back(name, *std::move(value));
  }
  return settings.status();
}

}  // namespace

absl::StatusOr<sink::KafkaOptions> ReadKafkaSettings(const SinkSettings& with) {
  const config::KafkaConfig& config = with.config.kafka;
  declaration::StrictObject settings(with.json, with.route.sink.settings, kSettingsPointer);
  sink::KafkaOptions options;
  options.brokers = config.brokers;
  options.topic = config.topic;
  // Properties may hold what lets in there, and nowhere else.
  if (!settings.Has("brokers")) {
    options.properties.assign(config.properties.begin(), config.properties.end());
  }
  settings.Text("brokers", options.brokers);
  settings.Text("topic", options.topic);
  uint64_t partitions = 0;
  uint64_t replicas = 1;
  uint64_t linger_ms = with.route.match.path == route::PathMatch::kStandard ? 20 : 1;
  uint64_t message_bytes = options.message_bytes_max;
  settings.Number("create_partitions", partitions, 0, 10'000);
  settings.Number("create_replicas", replicas, 1, 100);
  settings.Number("linger_ms", linger_ms, 0, 60'000);
  settings.Number("message_bytes_max", message_bytes, 1'000, 1'000'000'000);
  NEXUS_RETURN_IF_ERROR(TakeProperties(settings, SecretsFolder(with), options.properties));
  NEXUS_RETURN_IF_ERROR(settings.Finish());
  if (options.brokers.empty())
    return declaration::DeclarationFault("/sink/settings/brokers", "it is missing");
  options.create_partitions = static_cast<int>(partitions);
  options.create_replicas = static_cast<int>(replicas);
  options.linger_ms = static_cast<int>(linger_ms);
  options.message_bytes_max = message_bytes;
  NEXUS_ASSIGN_OR_RETURN(options.value_format, FormatOf(with));
  return options;
}

}  // namespace nexus::app

#include "app/sinks/setting_parts.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {

using declaration::StrictObject;

constexpr size_t kUrlBytesMax = 4'000;

absl::StatusOr<sink::WebhookOptions> ReadWebhookSettings(const SinkSettings& with) {
  declaration::StrictObject settings(with.json, with.route.sink.settings, kSettingsPointer);
  sink::WebhookOptions options;
  settings.Require("url");
  settings.Text("url", options.url, kUrlBytesMax);
  SecretFile(settings, "signing_secret_file", with, options.signing_secret.file);
  SecretFile(settings, "bearer_token_file", with, options.bearer_token.file);
  SecretFile(settings, "ca_file", with, options.ca_file);
  SecretFile(settings, "certificate_file", with, options.certificate_file);
  SecretFile(settings, "key_file", with, options.key_file);
  Count(settings, "in_flight", options.in_flight_max, 1, 1'000);
  Count(settings, "message_bytes_max", options.message_bytes_max, 1, 512 << 20);
  Milliseconds(settings, "timeout_ms", options.timeout, 1, 600'000);
  NEXUS_RETURN_IF_ERROR(settings.Finish());
  NEXUS_ASSIGN_OR_RETURN(options.format.value_format, FormatOf(with));
  NEXUS_RETURN_IF_ERROR(SettingsFault(Check(options)));
  return options;
}

}  // namespace nexus::app

#include "app/sinks/setting_parts.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {
namespace {

using declaration::StrictObject;

constexpr uint64_t kSecondsMax = 100ULL * 366 * 24 * 3600;

void ReadStream(declaration::StrictObject& settings, sink::NatsStreamDraft& draft) {
  settings.Flag("declare", draft.declare);
  Count(settings, "replicas", draft.replicas, 1, 5);
  Count(settings, "stream_bytes_max", draft.max_bytes, 1, 1ULL << 60);
  Count(settings, "stream_messages_max", draft.max_messages, 0, 1ULL << 60);
  uint64_t age = static_cast<uint64_t>(absl::ToInt64Seconds(draft.max_age));
  settings.Number("stream_age_max_s", age, 0, kSecondsMax);
  draft.max_age = absl::Seconds(age);
  Milliseconds(settings, "duplicate_window_ms", draft.duplicate_window, 100, kSecondsMax * 1'000);
}

}  // namespace

absl::StatusOr<sink::NatsOptions> ReadNatsSettings(const SinkSettings& with) {
  declaration::StrictObject settings(with.json, with.route.sink.settings, kSettingsPointer);
  sink::NatsOptions options;
  settings.Require("servers");
  settings.Text("servers", options.servers);
  settings.Text("user", options.credentials.user);
  SecretFile(settings, "password_file", with, options.credentials.password.file);
  SecretFile(settings, "token_file", with, options.credentials.token.file);
  SecretFile(settings, "credentials_file", with, options.credentials.file);
  ReadTls(settings, with, options.tls);
  settings.Text("stream", options.stream);
  settings.Text("subject", options.subject);
  ReadStream(settings, options.draft);
  Count(settings, "in_flight", options.in_flight_max, 1, 1'000'000);
  Count(settings, "in_flight_per_stream", options.per_stream_max, 1, 1'000'000);
  NEXUS_RETURN_IF_ERROR(settings.Finish());
  NEXUS_ASSIGN_OR_RETURN(options.format.value_format, FormatOf(with));
  NEXUS_RETURN_IF_ERROR(SettingsFault(Check(options)));
  return options;
}

}  // namespace nexus::app

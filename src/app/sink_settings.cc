#include "app/sink_settings.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "app/framed_values.h"
#include "nexus/core/status_macros.h"
#include "route/declaration/strict_object.h"

namespace nexus::app {
namespace {

using route::DeclarationFault;
using route::EventFormat;
using route::StrictObject;

constexpr char kPointer[] = "/sink/settings";
constexpr size_t kPropertiesMax = 100;
constexpr size_t kSecretBytesMax = 64 << 10;

// One name of a file or folder, which leads nowhere else.
bool IsPlainName(absl::string_view name) {
  return !name.empty() && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
         });
}

// Declarations are in the log, where whoever reads `$routes` reads them.
bool IsSecret(absl::string_view property) {
  return absl::StrContains(property, "password") || absl::StrContains(property, "secret") ||
         absl::EndsWith(property, ".pem");
}

absl::StatusOr<std::string> ReadSecret(const std::string& folder, const std::string& name) {
  if (!IsPlainName(name)) return DeclarationFault("", "a plain name of a file is needed here");
  std::ifstream file(absl::StrCat(folder, "/", name), std::ios::binary);
  if (!file) {
    return DeclarationFault("", absl::StrCat("'", name, "' cannot be read in ", folder));
  }
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (text.size() > kSecretBytesMax) return DeclarationFault("", "the file is too large");
  absl::StripTrailingAsciiWhitespace(&text);
  return text;
}

absl::Status FormatFault(absl::string_view message) { return DeclarationFault("/format", message); }

using Properties = std::vector<std::pair<std::string, std::string>>;

absl::Status TakeProperties(StrictObject& settings, const std::string& secrets, Properties& out) {
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

absl::StatusOr<route::ValueFormat> KafkaFormat(const SinkSettings& with) {
  switch (with.route.format) {
    case EventFormat::kCloudEventsBinary:
      return route::ValueFormat();
    case EventFormat::kCloudEventsStructured:
      return route::ValueFormat(route::StructuredValue);
    case EventFormat::kRaw:
      return route::ValueFormat(route::RawValue);
    case EventFormat::kConfluent:
      return FramedValues("confluent", with.schemas);
    case EventFormat::kConfluentHeader:
      return FramedValues("confluent_header", with.schemas);
  }
  return FormatFault("it is not known");
}

}  // namespace

absl::StatusOr<sink::JsonlSink::Options> ReadJsonlSettings(const SinkSettings& with) {
  StrictObject settings(with.json, with.route.sink.settings, kPointer);
  sink::JsonlSink::Options options;
  std::string folder;
  settings.Text("folder", folder);
  settings.Number("file_bytes_max", options.files.segment_bytes_max, 1, 1ULL << 40);
  if (settings.Has("folder") && !IsPlainName(folder)) {
    settings.Fail("folder", "the plain name of a folder is needed here; it is made in the outbox");
  }
  NEXUS_RETURN_IF_ERROR(settings.Finish());
  if (with.route.format != EventFormat::kCloudEventsBinary &&
      with.route.format != EventFormat::kCloudEventsStructured) {
    return FormatFault("files have a CloudEvent a line: cloudevents-structured");
  }
  const std::string& outbox = with.config.jsonl.folder;
  options.files.folder = outbox.empty() ? absl::StrCat(with.data_folder, "/outbox") : outbox;
  if (!folder.empty()) absl::StrAppend(&options.files.folder, "/", folder);
  return options;
}

absl::StatusOr<sink::KafkaOptions> ReadKafkaSettings(const SinkSettings& with) {
  const config::KafkaConfig& config = with.config.kafka;
  StrictObject settings(with.json, with.route.sink.settings, kPointer);
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
  NEXUS_RETURN_IF_ERROR(TakeProperties(
      settings, absl::StrCat(with.data_folder, "/secrets"), options.properties));
  NEXUS_RETURN_IF_ERROR(settings.Finish());
  if (options.brokers.empty()) return DeclarationFault("/sink/settings/brokers", "it is missing");
  options.create_partitions = static_cast<int>(partitions);
  options.create_replicas = static_cast<int>(replicas);
  options.linger_ms = static_cast<int>(linger_ms);
  options.message_bytes_max = message_bytes;
  NEXUS_ASSIGN_OR_RETURN(options.value_format, KafkaFormat(with));
  return options;
}

}  // namespace nexus::app

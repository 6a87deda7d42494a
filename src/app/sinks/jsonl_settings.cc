#include "absl/strings/str_cat.h"
#include "app/sinks/setting_parts.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {

using declaration::StrictObject;
using route::EventFormat;

absl::StatusOr<sink::JsonlSink::Options> ReadJsonlSettings(const SinkSettings& with) {
  declaration::StrictObject settings(with.json, with.route.sink.settings, kSettingsPointer);
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
    return declaration::DeclarationFault("/format",
                                         "files have a CloudEvent a line: cloudevents-structured");
  }
  const std::string& outbox = with.config.jsonl.folder;
  options.files.folder = outbox.empty() ? absl::StrCat(with.data_folder, "/outbox") : outbox;
  if (!folder.empty()) absl::StrAppend(&options.files.folder, "/", folder);
  return options;
}

}  // namespace nexus::app

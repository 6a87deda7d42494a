#include "cli/labelled_event.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/name_table.h"
#include "nexus/core/status_macros.h"
#include "simdjson.h"

namespace nexus::cli {
namespace {

constexpr std::pair<bool, absl::string_view> kLabels[] = {
    {true, "critical"}, {true, "high"}, {false, "standard"}, {false, "low"}};

absl::Status Malformed(absl::string_view message) {
  return MakeError(ErrorReason::kMalformedRequest, message);
}

absl::Status TakeLabel(simdjson::ondemand::value from, std::optional<bool>& label) {
  bool flag = false;
  if (from.get_bool().get(flag) == simdjson::SUCCESS) {
    label = flag;
    return absl::OkStatus();
  }
  std::string_view text;
  bool critical = false;
  if (from.get_string().get(text) == simdjson::SUCCESS &&
      ParseNameIn(kLabels, absl::string_view(text.data(), text.size()), critical)) {
    label = critical;
    return absl::OkStatus();
  }
  return Malformed("\"label\" is not critical, high, true, standard, low or false");
}

absl::Status TakeEvent(simdjson::ondemand::value from, std::string& event) {
  simdjson::ondemand::object object;
  std::string_view raw;
  if (from.get_object().get(object) != simdjson::SUCCESS ||
      object.raw_json().get(raw) != simdjson::SUCCESS) {
    return Malformed("\"event\" is not an object");
  }
  event.assign(raw.data(), raw.size());
  return absl::OkStatus();
}

absl::Status TakeMembers(simdjson::ondemand::object members, std::string& event,
                         std::optional<bool>& label) {
  for (auto member : members) {
    std::string_view key_text;
    simdjson::ondemand::value value;
    simdjson::error_code error = member.unescaped_key().get(key_text);
    const std::string key(key_text);
    if (!error) error = member.value().get(value);
    if (error) {
      return MakeError(ErrorReason::kMalformedJson,
                       absl::StrCat("not a JSON object: ", simdjson::error_message(error)));
    }
    if (key == "event") {
      NEXUS_RETURN_IF_ERROR(TakeEvent(value, event));
    } else if (key == "label") {
      NEXUS_RETURN_IF_ERROR(TakeLabel(value, label));
    } else {
      return Malformed(absl::StrCat("unknown key \"", key, "\"; known are event and label"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LabelledEvent> ParseLabelledEvent(absl::string_view line) {
  const simdjson::padded_string padded(line.data(), line.size());
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object members;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(members) != simdjson::SUCCESS) {
    return MakeError(ErrorReason::kMalformedJson, "not a JSON object");
  }
  std::string event;
  std::optional<bool> label;
  NEXUS_RETURN_IF_ERROR(TakeMembers(members, event, label));
  if (event.empty()) return Malformed("\"event\" is missing");
  if (!label) return Malformed("\"label\" is missing");
  LabelledEvent labelled;
  NEXUS_ASSIGN_OR_RETURN(labelled.event, ParseImportLine(ImportFormat::kJsonLines, event));
  labelled.critical = *label;
  return labelled;
}

RecordedEvent RecordedOf(const ImportedEvent& imported) {
  RecordedEvent event;
  event.stream = imported.stream;
  event.type = imported.event.type;
  event.data = imported.event.data;
  event.routing = imported.event.routing;
  event.tags.assign(imported.event.tags.begin(), imported.event.tags.end());
  for (const auto& [key, value] : imported.event.metadata) event.metadata.emplace_back(key, value);
  return event;
}

}  // namespace nexus::cli

#include "route/cloud_event.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/json_text.h"
#include "nexus/core/media_type.h"
#include "nexus/core/stream_name.h"
#include "nexus/core/time_text.h"
#include "route/compact_json.h"

namespace nexus::route {
namespace {

// What may stand in a segment of a URI path as it is (RFC 3986, unreserved).
bool IsUnreserved(unsigned char c) {
  return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string PercentEncode(absl::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsUnreserved(byte)) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

std::string TypeOf(const RecordedEvent& event) {
  if (event.schema_version == 0) return std::string(event.type);
  return absl::StrCat(event.type, ".v", event.schema_version);
}

void AppendData(std::string& out, const RecordedEvent& event) {
  if (IsJsonMediaType(event.content_type)) {
    if (const std::optional<std::string> json = CompactJson(event.data)) {
      absl::StrAppend(&out, ",\"data\":", *json);
      return;
    }
  }
  if (event.data.empty()) return;
  absl::StrAppend(&out, ",\"data_base64\":\"", absl::Base64Escape(event.data), "\"");
}

}  // namespace

CloudAttributes ToCloudAttributes(const RecordedEvent& event, absl::string_view source,
                                  ExtensionAttributes more) {
  CloudAttributes attributes = {
      {"specversion", "1.0"},
      {"id", event.id.ToString()},
      {"source", absl::StrCat(source, "/", PercentEncode(StreamName::CategoryOf(event.stream)))},
      {"type", TypeOf(event)},
      {"subject", std::string(event.stream)},
      {"time", TimeText(event.recorded)},
      {"partitionkey", std::string(event.stream)},
      {"sequence", absl::StrCat(event.revision.value)},
      {"nexusposition", absl::StrCat(event.position.value)},
  };
  const auto add = [&](absl::string_view name, absl::string_view value) {
    if (!value.empty()) attributes.emplace_back(name, std::string(value));
  };
  add("nexuscorrelationid", event.correlation_id);
  add("nexuscausationid", event.causation_id);
  add("nexusdecisionid", event.decision_id);
  add("traceparent", event.traceparent);
  add("tracestate", event.tracestate);
  for (const auto& [name, value] : more) add(name, value);
  return attributes;
}

std::string ToCloudJson(const RecordedEvent& event, absl::string_view source,
                        ExtensionAttributes more) {
  std::string out = "{";
  for (const auto& [name, value] : ToCloudAttributes(event, source, more)) {
    absl::StrAppend(&out, out.size() > 1 ? ",\"" : "\"", name, "\":");
    AppendJsonString(out, value);
  }
  if (!event.content_type.empty()) {
    out += ",\"datacontenttype\":";
    AppendJsonString(out, event.content_type);
  }
  AppendData(out, event);
  out += '}';
  return out;
}

}  // namespace nexus::route

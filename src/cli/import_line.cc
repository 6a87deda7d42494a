#include "cli/import_line.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "cli/digest.h"
#include "cli/event_options.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "simdjson.h"

namespace nexus::cli {
namespace {

using simdjson::ondemand::json_type;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

absl::Status BadValue(absl::string_view key, absl::string_view wanted) {
  return MakeError(ErrorReason::kMalformedRequest, absl::StrCat("\"", key, "\" is not ", wanted));
}

absl::Status BadJson(simdjson::error_code error) {
  return MakeError(ErrorReason::kMalformedJson,
                   absl::StrCat("not a JSON object: ", simdjson::error_message(error)));
}

absl::Status TakeText(absl::string_view key, value from, std::string& to) {
  std::string_view text;
  if (from.get_string().get(text) != simdjson::SUCCESS) return BadValue(key, "a string");
  to = std::string(text);
  return absl::OkStatus();
}

// The text of a value as it stands: its numbers keep their digits.
absl::Status TakeRaw(absl::string_view key, value from, std::string& to) {
  std::string_view raw;
  json_type type;
  if (from.type().get(type) != simdjson::SUCCESS) return BadValue(key, "JSON");
  simdjson::error_code error;
  if (type == json_type::object) {
    object whole;
    error = from.get_object().get(whole);
    if (!error) error = whole.raw_json().get(raw);
  } else if (type == json_type::array) {
    simdjson::ondemand::array whole;
    error = from.get_array().get(whole);
    if (!error) error = whole.raw_json().get(raw);
  } else {
    raw = from.raw_json_token();
    error = simdjson::SUCCESS;
  }
  if (error) return BadValue(key, "JSON");
  to = std::string(absl::StripAsciiWhitespace(absl::string_view(raw.data(), raw.size())));
  return absl::OkStatus();
}

absl::Status TakeBase64(absl::string_view key, value from, std::string& to) {
  std::string text;
  NEXUS_RETURN_IF_ERROR(TakeText(key, from, text));
  if (!absl::Base64Unescape(text, &to)) return BadValue(key, "base64");
  return absl::OkStatus();
}

absl::Status TakeTags(value from, std::vector<std::string>& tags) {
  simdjson::ondemand::array array;
  if (from.get_array().get(array) != simdjson::SUCCESS) return BadValue("tags", "an array");
  for (auto item : array) {
    std::string_view tag;
    if (item.get_string().get(tag) != simdjson::SUCCESS) {
      return BadValue("tags", "an array of strings");
    }
    tags.emplace_back(tag);
  }
  return absl::OkStatus();
}

// Calls `take(key, value)` for every member.
template <typename Take>
absl::Status ForEachMember(object members, Take take) {
  for (auto member : members) {
    std::string_view key_text;
    value member_value;
    simdjson::error_code error = member.unescaped_key().get(key_text);
    // The key's bytes move on with the next string that is read.
    const std::string key(key_text);
    if (!error) error = member.value().get(member_value);
    if (error) return BadJson(error);
    NEXUS_RETURN_IF_ERROR(take(key, member_value));
  }
  return absl::OkStatus();
}

absl::Status TakeMetadata(value from, client::EventDraft& event) {
  object members;
  if (from.get_object().get(members) != simdjson::SUCCESS) return BadValue("metadata", "an object");
  return ForEachMember(members, [&](const std::string& key, value v) {
    event.metadata.emplace_back(key, "");
    return TakeText(absl::StrCat("metadata.", key), v, event.metadata.back().second);
  });
}

absl::Status TakeHint(const std::string& key, value from, RoutingHints& routing) {
  if (key == "criticality") {
    std::string name;
    NEXUS_RETURN_IF_ERROR(TakeText(key, from, name));
    const absl::StatusOr<Criticality> criticality = ParseCriticality(name);
    if (!criticality.ok()) return BadValue(key, "low, medium or high");
    routing.criticality = *criticality;
  } else if (key == "business_impact") {
    if (from.get_double().get(routing.business_impact)) return BadValue(key, "a number");
  } else if (key == "requires_ordering") {
    if (from.get_bool().get(routing.requires_ordering)) return BadValue(key, "true or false");
  } else if (key == "max_latency_ms") {
    uint64_t milliseconds = 0;
    if (from.get_uint64().get(milliseconds) || milliseconds > UINT32_MAX) {
      return BadValue(key, "a whole number of milliseconds");
    }
    routing.max_latency_ms = static_cast<uint32_t>(milliseconds);
  } else {
    return BadValue(absl::StrCat("routing.", key), "a routing hint");
  }
  return absl::OkStatus();
}

absl::Status TakeRouting(value from, RoutingHints& routing) {
  object members;
  if (from.get_object().get(members) != simdjson::SUCCESS) return BadValue("routing", "an object");
  return ForEachMember(members,
                       [&](const std::string& key, value v) { return TakeHint(key, v, routing); });
}

// The members that are text and go into one field.
std::string* TextField(const std::string& key, ImportedEvent& out) {
  if (key == "stream") return &out.stream;
  if (key == "type") return &out.event.type;
  if (key == "id") return &out.event.event_id;
  if (key == "content_type") return &out.event.content_type;
  if (key == "correlation_id") return &out.event.correlation_id;
  if (key == "causation_id") return &out.event.causation_id;
  if (key == "traceparent") return &out.event.traceparent;
  if (key == "tracestate") return &out.event.tracestate;
  return nullptr;
}

bool WrittenByServer(const std::string& key) {
  return key == "position" || key == "revision" || key == "commit_id" || key == "recorded_time" ||
         key == "admission";
}

absl::Status TakeMember(const std::string& key, value from, ImportedEvent& out, bool& has_data) {
  if (std::string* field = TextField(key, out)) return TakeText(key, from, *field);
  if (key == "data") {
    has_data = true;
    return TakeRaw(key, from, out.event.data);
  }
  if (key == "data_base64") {
    has_data = true;
    return TakeBase64(key, from, out.event.data);
  }
  if (key == "tags") return TakeTags(from, out.event.tags);
  if (key == "metadata") return TakeMetadata(from, out.event);
  if (key == "routing") return TakeRouting(from, out.event.routing);
  if (key == "schema_version") {
    uint64_t version = 0;
    if (from.get_uint64().get(version) || version > UINT32_MAX) {
      return BadValue(key, "a schema version");
    }
    out.event.schema_version = static_cast<uint32_t>(version);
    return absl::OkStatus();
  }
  if (WrittenByServer(key)) return absl::OkStatus();
  return MakeError(ErrorReason::kMalformedRequest, absl::StrCat("unknown key \"", key, "\""));
}

// What a CloudEvent has beside its event.
struct CloudAttributes {
  std::string specversion;
  std::string id;
  std::string source;
};

absl::Status TakeAttribute(const std::string& key, value from, ImportedEvent& out,
                           CloudAttributes& attributes, bool& has_data) {
  if (key == "data" || key == "data_base64") return TakeMember(key, from, out, has_data);
  if (key == "specversion") return TakeText(key, from, attributes.specversion);
  if (key == "id") return TakeText(key, from, attributes.id);
  if (key == "type") return TakeText(key, from, out.event.type);
  if (key == "subject") return TakeText(key, from, out.stream);
  if (key == "datacontenttype") return TakeText(key, from, out.event.content_type);
  if (key == "traceparent") return TakeText(key, from, out.event.traceparent);
  if (key == "tracestate") return TakeText(key, from, out.event.tracestate);
  if (key == "nexuscorrelationid") return TakeText(key, from, out.event.correlation_id);
  if (key == "nexuscausationid") return TakeText(key, from, out.event.causation_id);
  // Any other attribute may be a string, a number or a truth value: kept as metadata.
  std::string text;
  if (from.type().value_unsafe() == json_type::string) {
    NEXUS_RETURN_IF_ERROR(TakeText(key, from, text));
  } else {
    NEXUS_RETURN_IF_ERROR(TakeRaw(key, from, text));
  }
  if (key == "source") attributes.source = text;
  out.event.metadata.emplace_back(absl::StrCat("ce_", key), std::move(text));
  return absl::OkStatus();
}

absl::Status FinishCloudEvent(const CloudAttributes& attributes, ImportedEvent& out) {
  if (attributes.specversion != "1.0") return BadValue("specversion", "\"1.0\"");
  if (attributes.id.empty()) return BadValue("id", "there");
  if (attributes.source.empty()) return BadValue("source", "there");
  if (ParseUuid(attributes.id).ok()) {
    out.event.event_id = attributes.id;
    return absl::OkStatus();
  }
  // CloudEvents are told apart by source and id together.
  Digest digest;
  digest.Add(attributes.source);
  digest.Add(absl::string_view("\0", 1));
  digest.Add(attributes.id);
  out.event.event_id = FormatUuid(UuidOf(digest.Value()));
  out.event.metadata.emplace_back("ce_id", attributes.id);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ImportedEvent> ParseImportLine(ImportFormat format, absl::string_view line) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(line.data(), line.size());
  simdjson::ondemand::document document;
  object members;
  simdjson::error_code error = parser.iterate(padded).get(document);
  if (!error) error = document.get_object().get(members);
  if (error) return BadJson(error);
  ImportedEvent out;
  CloudAttributes attributes;
  bool has_data = false;
  NEXUS_RETURN_IF_ERROR(ForEachMember(members, [&](const std::string& key, value v) {
    return format == ImportFormat::kJsonLines ? TakeMember(key, v, out, has_data)
                                              : TakeAttribute(key, v, out, attributes, has_data);
  }));
  const char* rest = nullptr;
  if (document.current_location().get(rest) == simdjson::SUCCESS) {
    return MakeError(ErrorReason::kMalformedJson, "something follows the JSON object");
  }
  if (format == ImportFormat::kCloudEvents) {
    NEXUS_RETURN_IF_ERROR(FinishCloudEvent(attributes, out));
    if (out.stream.empty()) return BadValue("subject", "there; it names the stream");
    if (!has_data) out.event.data = "null";
  } else {
    if (out.stream.empty()) return BadValue("stream", "there");
    if (!has_data) return BadValue("data", "there");
  }
  if (out.event.type.empty()) return BadValue("type", "there");
  return out;
}

}  // namespace nexus::cli

#include "policy/server_input.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "nexus/core/stream_name.h"
#include "policy/input_fields.h"

namespace nexus::policy {
namespace {

constexpr int64_t kSecond = 1'000'000;  // of Timestamp::micros

void WriteFilter(const EventFilter* filter, JsonWriter& json) {
  json.Key("filter");
  json.BeginArray();
  if (filter != nullptr) {
    for (const FilterItem& item : filter->items) {
      json.BeginObject();
      WriteTexts("types", item.types, json);
      WriteTexts("type_prefixes", item.type_prefixes, json);
      WriteTexts("stream_prefixes", item.stream_prefixes, json);
      WriteTexts("categories", item.categories, json);
      WriteTexts("tags", item.tags, json);
      WriteTexts("correlation_ids", item.correlation_ids, json);
      json.EndObject();
    }
  }
  json.EndArray();
}

void WriteTarget(const ReadFacts& facts, JsonWriter& json) {
  WriteText("call", facts.call, json);
  const bool whole_log = facts.stream.empty();
  const bool system = absl::StartsWith(facts.stream, "$");
  json.Key("stream");
  json.BeginObject();
  WriteText("name", facts.stream, json);
  WriteText("category", StreamName::CategoryOf(facts.stream), json);
  WriteBool("system", system, json);
  json.EndObject();
  WriteBool("whole_log", whole_log, json);
  WriteBool("system_events", whole_log ? facts.system_events : system, json);
  WriteFilter(facts.filter, json);
  WriteCount("events_max", facts.events_max, json);
}

void WriteSeconds(absl::string_view key, int64_t micros, JsonWriter& json) {
  WriteCount(key, static_cast<uint64_t>(std::max<int64_t>(0, micros) / kSecond), json);
}

// Whole seconds: equal questions within a second are equal.
void WriteTime(const ReadFacts& facts, JsonWriter& json) {
  json.Key("time");
  json.BeginObject();
  WriteBool("from_the_beginning", !facts.from_time.has_value(), json);
  WriteBool("to_the_end", !facts.to_time.has_value(), json);
  WriteSeconds("now", facts.now.micros, json);
  if (facts.to_time.has_value()) WriteSeconds("to", facts.to_time->micros, json);
  if (facts.from_time.has_value()) {
    const Timestamp end = facts.to_time.value_or(facts.now);
    WriteSeconds("from", facts.from_time->micros, json);
    // Up, so that a limit is never passed by a fraction.
    WriteSeconds("span", end.micros - facts.from_time->micros + kSecond - 1, json);
    WriteSeconds("age", facts.now.micros - facts.from_time->micros, json);
  }
  json.EndObject();
  json.Key("rate");
  json.BeginObject();
  WriteBool("limited", facts.temporal_reads_left.has_value(), json);
  if (facts.temporal_reads_left.has_value()) {
    WriteCount("temporal_reads_left", *facts.temporal_reads_left, json);
  }
  json.EndObject();
}

// Sorted: equal commands are equal questions.
void WriteMetadata(const CommandFacts& facts, JsonWriter& json) {
  std::map<absl::string_view, absl::string_view> sorted;
  if (facts.metadata != nullptr) sorted.insert(facts.metadata->begin(), facts.metadata->end());
  json.Key("metadata");
  json.BeginObject();
  for (const auto& [key, value] : sorted) WriteText(key, value, json);
  json.EndObject();
}

}  // namespace

std::string ReadInput(const ReadFacts& facts, const PrincipalFacts& principal) {
  return Input("read", facts.tenant, principal,
               [&](JsonWriter& json) { WriteTarget(facts, json); });
}

std::string SubscribeInput(const ReadFacts& facts, const PrincipalFacts& principal) {
  return Input("subscribe", facts.tenant, principal,
               [&](JsonWriter& json) { WriteTarget(facts, json); });
}

std::string QueryInput(const ReadFacts& facts, const PrincipalFacts& principal) {
  return Input("query", facts.tenant, principal, [&](JsonWriter& json) {
    WriteTarget(facts, json);
    WriteTime(facts, json);
  });
}

std::string CommandInput(const CommandFacts& facts, const PrincipalFacts& principal) {
  return Input("execute", facts.tenant, principal, [&](JsonWriter& json) {
    json.Key("command");
    json.BeginObject();
    WriteText("type", facts.type, json);
    WriteText("aggregate", facts.aggregate, json);
    WriteText("domain", facts.domain, json);
    WriteMetadata(facts, json);
    if (!facts.data_json.empty()) {
      json.Key("data");
      json.Raw(facts.data_json);
    }
    json.EndObject();
    json.Key("stream");
    json.BeginObject();
    WriteText("name", facts.stream, json);
    WriteText("category", StreamName::CategoryOf(facts.stream), json);
    json.EndObject();
  });
}

std::string AdminInput(const AdminFacts& facts, const PrincipalFacts& principal) {
  return Input("admin", facts.tenant, principal,
               [&](JsonWriter& json) { WriteText("action", facts.action, json); });
}

std::string AccessChangeInput(const AccessChangeFacts& facts, const PrincipalFacts& principal) {
  return Input("access_change", facts.tenant, principal, [&](JsonWriter& json) {
    WriteText("action", facts.action, json);
    WriteText("id", facts.id, json);
    WriteText("member", facts.member, json);
    WriteTexts("roles", facts.roles, json);
    WriteTexts("operations", facts.operations, json);
    WriteBool("system_streams", facts.system_streams, json);
    WriteBool("deny", facts.deny, json);
    WriteBool("expires", facts.expires, json);
    WriteText("comment", facts.comment, json);
  });
}

}  // namespace nexus::policy

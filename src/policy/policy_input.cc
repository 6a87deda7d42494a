#include "policy/policy_input.h"

#include <cassert>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "nexus/core/text.h"
#include "policy/event_kinds.h"
#include "policy/input_fields.h"

namespace nexus::policy {
namespace {

absl::string_view KindName(ExpectedRevision::Kind kind) {
  switch (kind) {
    case ExpectedRevision::Kind::kAny:
      return "any";
    case ExpectedRevision::Kind::kNoStream:
      return "no_stream";
    case ExpectedRevision::Kind::kStreamExists:
      return "stream_exists";
    case ExpectedRevision::Kind::kExact:
      return "exact";
  }
  return "any";
}

absl::string_view CriticalityName(Criticality criticality) {
  switch (criticality) {
    case Criticality::kUnspecified:
      return "unspecified";
    case Criticality::kLow:
      return "low";
    case Criticality::kMedium:
      return "medium";
    case Criticality::kHigh:
      return "high";
  }
  return "unspecified";
}

void WriteStream(const CommitStream& stream, JsonWriter& json) {
  json.BeginObject();
  WriteText("name", stream.name.str(), json);
  WriteText("category", stream.name.category(), json);
  WriteBool("system", stream.name.is_system(), json);
  json.Key("expected");
  json.BeginObject();
  WriteText("kind", KindName(stream.expected.kind), json);
  if (stream.expected.kind == ExpectedRevision::Kind::kExact) {
    WriteCount("revision", stream.expected.exact.value, json);
  }
  json.EndObject();
  json.EndObject();
}

// Most schemas have none, and every byte of the question costs time.
void WriteClasses(const ClassifiedFields* classified, JsonWriter& json) {
  if (classified == nullptr) return;
  json.Key("classes");
  json.BeginArray();
  for (const std::string& name : classified->classes) json.String(name);
  json.EndArray();
  WriteBool("subject_key", classified->subject_key, json);
  if (!classified->complete) WriteBool("classes_truncated", true, json);
}

void WriteSchema(const SchemaFacts& schema, JsonWriter& json) {
  json.Key("schema");
  json.BeginObject();
  WriteBool("registered", schema.registered, json);
  WriteCount("version", schema.version, json);
  WriteBool("required", schema.required, json);
  WriteClasses(schema.classified, json);
  json.EndObject();
}

void WriteRouting(const RoutingHints& routing, JsonWriter& json) {
  json.Key("routing");
  json.BeginObject();
  WriteText("criticality", CriticalityName(routing.criticality), json);
  json.Key("business_impact");
  json.Number(routing.business_impact);
  WriteBool("requires_ordering", routing.requires_ordering, json);
  WriteCount("max_latency_ms", routing.max_latency_ms, json);
  json.EndObject();
}

// As a string, never as the JSON that it claims to be: not every payload was parsed, and bytes of a
// client that stood here as they are could say who the principal is.
void WriteData(absl::string_view data, JsonWriter& json) {
  if (FindInvalidUtf8(data).has_value()) {
    WriteText("data_base64", absl::Base64Escape(data), json);
  } else {
    WriteText("data", data, json);
  }
}

void WriteKind(const Commit& commit, const EventKind& kind, const SchemaFacts& schema,
               const AppendInputOptions& options, JsonWriter& json) {
  const CommitEvent& first = commit.events[kind.first_index];
  const Event& event = first.event;
  const StreamName& stream = commit.streams[first.stream_index].name;
  json.BeginObject();
  WriteText("stream", stream.str(), json);
  WriteText("category", stream.category(), json);
  WriteText("type", event.type, json);
  WriteSchema(schema, json);
  WriteText("content_type", event.content_type, json);
  WriteTexts("tags", event.tags, json);
  json.Key("metadata");
  json.BeginObject();
  for (const auto& [key, value] : event.metadata) WriteText(key, value, json);
  json.EndObject();
  WriteRouting(event.routing, json);
  WriteCount("count", kind.count, json);
  WriteCount("first_index", kind.first_index, json);
  WriteCount("bytes_max", kind.bytes_max, json);
  if (options.include_data) WriteData(event.data, json);
  if (options.include_data && !options.data_json.empty() &&
      !options.data_json[kind.first_index].empty()) {
    json.Key("data_json");
    json.Raw(options.data_json[kind.first_index]);
  }
  json.EndObject();
}

}  // namespace

std::string AppendInput(const Commit& commit, const PrincipalFacts& principal,
                        absl::Span<const SchemaFacts> schemas, const AppendInputOptions& options) {
  assert(schemas.size() == commit.events.size());
  assert(options.data_json.empty() || options.data_json.size() == commit.events.size());
  std::string out;
  out.reserve(512);
  JsonWriter json(&out);
  json.BeginObject();
  WriteHead("append", commit.tenant, principal, json);
  json.Key("streams");
  json.BeginArray();
  for (const CommitStream& stream : commit.streams) WriteStream(stream, json);
  json.EndArray();
  json.Key("events");
  json.BeginArray();
  for (const EventKind& kind : GroupEvents(commit, schemas, options.include_data)) {
    WriteKind(commit, kind, schemas[kind.first_index], options, json);
  }
  json.EndArray();
  json.EndObject();
  return out;
}

std::string RegisterSchemaInput(const SchemaRegistrationFacts& facts,
                                const PrincipalFacts& principal) {
  return Input("register_schema", facts.tenant, principal, [&](JsonWriter& json) {
    WriteText("subject", facts.subject, json);
    WriteText("comment", facts.comment, json);
    WriteCount("bytes", facts.definition_bytes, json);
    WriteText("format", SchemaFormatName(facts.format), json);
  });
}

std::string DeleteSchemaInput(const SchemaDeletionFacts& facts, const PrincipalFacts& principal) {
  return Input("delete_schema", facts.tenant, principal, [&](JsonWriter& json) {
    WriteText("subject", facts.subject, json);
    WriteCount("version", facts.version, json);
    WriteBool("permanent", facts.permanent, json);
    WriteText("comment", facts.comment, json);
  });
}

std::string UpdateModeInput(const ModeUpdateFacts& facts, const PrincipalFacts& principal) {
  return Input("update_registry_mode", facts.tenant, principal, [&](JsonWriter& json) {
    WriteText("subject", facts.subject, json);
    WriteBool("global", facts.subject.empty(), json);
    WriteText("mode", facts.mode, json);
    WriteBool("clear", facts.clear, json);
    WriteText("comment", facts.comment, json);
  });
}

std::string UpdateValidationInput(const ValidationUpdateFacts& facts,
                                  const PrincipalFacts& principal) {
  return Input("update_validation", facts.tenant, principal, [&](JsonWriter& json) {
    WriteText("subject", facts.subject, json);
    WriteBool("global", facts.subject.empty(), json);
    WriteText("undeclared_fields", facts.undeclared_fields, json);
    WriteBool("clear", facts.clear, json);
    WriteText("comment", facts.comment, json);
  });
}

std::string UpdateCategoryInput(const CategoryUpdateFacts& facts, const PrincipalFacts& principal) {
  return Input("update_category", facts.tenant, principal, [&](JsonWriter& json) {
    WriteText("category", facts.category, json);
    WriteBool("system", absl::StartsWith(facts.category, "$"), json);
    WriteText("schema_mode", facts.schema_mode, json);
  });
}

std::string UpdateCompatibilityInput(const CompatibilityUpdateFacts& facts,
                                     const PrincipalFacts& principal) {
  return Input("update_compatibility", facts.tenant, principal, [&](JsonWriter& json) {
    WriteText("subject", facts.subject, json);
    WriteBool("global", facts.subject.empty(), json);
    WriteBool("clear", facts.clear, json);
    WriteText("comment", facts.comment, json);
    WriteText("mode", CompatibilityModeName(facts.rules.mode), json);
    WriteText("policy", CompatibilityPolicyName(facts.rules.policy), json);
    json.Key("flags");
    json.BeginObject();
    const CompatibilityFlags& flags = facts.rules.flags;
    WriteBool("allow_new_fields", flags.allow_new_fields, json);
    WriteBool("require_defaults", flags.require_defaults, json);
    WriteBool("allow_field_removal", flags.allow_field_removal, json);
    WriteBool("allow_type_changes", flags.allow_type_changes, json);
    json.EndObject();
  });
}

}  // namespace nexus::policy

#include "confluent/bodies.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"
#include "schema/schema_content.h"
#include "schema/schema_events.h"

namespace nexus::confluent {
namespace {

using Members = absl::flat_hash_map<std::string, JsonMember>;

// Clients send null for what they do not have.
std::string TextOf(Members& members, absl::string_view name) {
  const auto at = members.find(name);
  if (at == members.end() || (!at->second.is_string && at->second.text == "null")) return "";
  return std::move(at->second.text);
}

absl::StatusOr<SchemaFormat> FormatOf(absl::string_view type) {
  if (type.empty() || type == "AVRO") return SchemaFormat::kAvro;
  if (type == "JSON") return SchemaFormat::kJsonSchema;
  if (type == "PROTOBUF") return SchemaFormat::kProtobuf;
  return MakeError(ErrorReason::kMalformedRequest,
                   absl::StrCat("the schema type \"", type, "\" is not known"));
}

// -1 and absent are the next, or the latest.
uint32_t NumberOf(Members& members, absl::string_view name) {
  uint32_t number = 0;
  return absl::SimpleAtoi(TextOf(members, name), &number) ? number : 0;
}

}  // namespace

http::Response Json(std::string body) {
  http::Response response;
  response.content_type = kContentType;
  response.body = std::move(body);
  return response;
}

absl::string_view SchemaTypeOf(SchemaFormat format) {
  switch (format) {
    case SchemaFormat::kJsonSchema:
      return "JSON";
    case SchemaFormat::kAvro:
      return "AVRO";
    case SchemaFormat::kProtobuf:
      return "PROTOBUF";
  }
  return "";
}

absl::StatusOr<schema::RegisterRequest> ReadRegistration(absl::string_view body, JsonReader& json) {
  NEXUS_ASSIGN_OR_RETURN(Members members, json.ReadObject(body));
  schema::RegisterRequest request;
  request.definition = TextOf(members, "schema");
  NEXUS_ASSIGN_OR_RETURN(request.format, FormatOf(TextOf(members, "schemaType")));
  request.metadata = TextOf(members, "metadata");
  request.rule_set = TextOf(members, "ruleSet");
  request.version = NumberOf(members, "version");
  request.id = NumberOf(members, "id");
  const std::string references = TextOf(members, "references");
  if (!references.empty()) {
    NEXUS_ASSIGN_OR_RETURN(request.references, schema::ParseReferences(references, json));
  }
  return request;
}

absl::StatusOr<std::string> ReadMember(absl::string_view body, absl::string_view name,
                                       JsonReader& json) {
  NEXUS_ASSIGN_OR_RETURN(Members members, json.ReadObject(body));
  return TextOf(members, name);
}

std::string SchemaBody(const schema::SchemaRecord& record, const BodyOptions& options) {
  std::string out = "{";
  const auto add = [&](absl::string_view name, absl::string_view value) {
    absl::StrAppend(&out, out.size() > 1 ? "," : "", "\"", name, "\":", value);
  };
  if (options.with_subject) {
    add("subject", JsonString(record.subject));
    add("version", absl::StrCat(record.version));
    add("id", absl::StrCat(record.id));
  }
  if (options.extended) add("guid", JsonString(schema::GuidOf(record.digest)));
  if (record.format != SchemaFormat::kAvro) {
    add("schemaType", JsonString(SchemaTypeOf(record.format)));
  }
  if (!record.references.empty()) add("references", schema::ReferencesJson(record.references));
  if (!record.metadata.empty()) add("metadata", record.metadata);
  if (!record.rule_set.empty()) add("ruleSet", record.rule_set);
  add("schema", JsonString(DefinitionOf(record, options.form)));
  if (options.extended && record.state == schema::SchemaState::kDeleted) add("deleted", "true");
  return out + "}";
}

std::string DefinitionOf(const schema::SchemaRecord& record, absl::string_view form) {
  // Base64 has neither of these, and no .proto file is without them.
  const bool is_text = record.definition.find_first_of(";{") != std::string::npos;
  if (record.format == SchemaFormat::kProtobuf && form.empty() && !is_text) form = "text";
  std::string rendered = form.empty() ? "" : record.compiled->Rendered(form);
  return rendered.empty() ? record.definition : rendered;
}

std::string StringsBody(const std::vector<std::string>& strings) {
  std::string out = "[";
  for (const std::string& text : strings) {
    if (out.size() > 1) out += ',';
    AppendJsonString(out, text);
  }
  return out + "]";
}

std::string NumbersBody(const std::vector<uint32_t>& numbers) {
  return absl::StrCat("[", absl::StrJoin(numbers, ","), "]");
}

}  // namespace nexus::confluent

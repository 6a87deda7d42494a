#pragma once

// The JSON that goes over the wire, both ways. What is not asked for is never sent: older clients
// fail on members that they do not know.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "http/route.h"
#include "nexus/port/json_reader.h"
#include "schema/schema_registry.h"

namespace nexus::confluent {

inline constexpr char kContentType[] = "application/vnd.schemaregistry.v1+json";

http::Response Json(std::string body);

// "JSON", "AVRO", "PROTOBUF"; absent means AVRO.
absl::string_view SchemaTypeOf(SchemaFormat format);

// The body of a registration, a lookup or a compatibility check, without the subject. Members that
// are not known are passed over. MALFORMED_JSON, MALFORMED_REQUEST.
absl::StatusOr<schema::RegisterRequest> ReadRegistration(absl::string_view body, JsonReader& json);

// The text of one member of an object; empty if it is absent or null. MALFORMED_JSON.
absl::StatusOr<std::string> ReadMember(absl::string_view body, absl::string_view name,
                                       JsonReader& json);

// `extended`: with the members that only newer clients know.
struct BodyOptions {
  bool extended = false;
  bool with_subject = true;     // subject, version and id
  absl::string_view form = "";  // "serialized" and the like, as CompiledSchema::Rendered()
};
std::string SchemaBody(const schema::SchemaRecord& record, const BodyOptions& options);

// The text of a schema. Without a form a Protobuf file is always text, however it was registered.
std::string DefinitionOf(const schema::SchemaRecord& record, absl::string_view form);

std::string StringsBody(const std::vector<std::string>& strings);
std::string NumbersBody(const std::vector<uint32_t>& numbers);

}  // namespace nexus::confluent

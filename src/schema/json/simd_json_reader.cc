#include "schema/json/simd_json_reader.h"

#include <utility>

#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/json/json_compare.h"
#include "schema/json/json_document.h"

namespace nexus::schema {

absl::StatusOr<std::string> SimdJsonReader::Canonical(absl::string_view json) {
  NEXUS_ASSIGN_OR_RETURN(const TransientJson document, TransientJson::Parse(json, depth_max_));
  return CanonicalJson(document.root());
}

absl::StatusOr<absl::flat_hash_map<std::string, JsonMember>> SimdJsonReader::ReadObject(
    absl::string_view json) {
  NEXUS_ASSIGN_OR_RETURN(const TransientJson document, TransientJson::Parse(json, depth_max_));
  if (!document.root().is_object()) {
    return MakeError(ErrorReason::kMalformedJson, "malformed JSON: an object is needed here");
  }
  absl::flat_hash_map<std::string, JsonMember> members;
  for (const auto field : MembersOf(document.root())) {
    JsonMember member;
    member.is_string = field.value.is_string();
    member.text = member.is_string ? std::string(field.value.get_string().value_unsafe())
                                   : CanonicalJson(field.value);
    members.emplace(std::string(field.key), std::move(member));
  }
  return members;
}

}  // namespace nexus::schema

#include "schema/json/simd_json_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/json/json_compare.h"
#include "schema/json/json_document.h"
#include "schema/json/json_pointer.h"

namespace nexus::schema {
namespace {

JsonMember MemberOf(JsonElement value) {
  JsonMember member;
  member.is_string = value.is_string();
  member.text =
      member.is_string ? std::string(value.get_string().value_unsafe()) : CanonicalJson(value);
  return member;
}

}  // namespace

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
    members.emplace(std::string(field.key), MemberOf(field.value));
  }
  return members;
}

absl::StatusOr<std::vector<JsonMember>> SimdJsonReader::ReadArray(absl::string_view json) {
  NEXUS_ASSIGN_OR_RETURN(const TransientJson document, TransientJson::Parse(json, depth_max_));
  if (!document.root().is_array()) {
    return MakeError(ErrorReason::kMalformedJson, "malformed JSON: an array is needed here");
  }
  std::vector<JsonMember> items;
  for (const JsonElement item : ItemsOf(document.root())) items.push_back(MemberOf(item));
  return items;
}

absl::StatusOr<JsonMember> SimdJsonReader::ReadAt(absl::string_view json,
                                                  absl::string_view pointer) {
  if (!IsJsonPointer(pointer)) {
    return MakeError(ErrorReason::kMalformedRequest, absl::StrCat(pointer, " is no JSON pointer"));
  }
  NEXUS_ASSIGN_OR_RETURN(const TransientJson document, TransientJson::Parse(json, depth_max_));
  const auto found = document.root().at_pointer(std::string_view(pointer.data(), pointer.size()));
  if (found.error() == simdjson::SUCCESS) return MemberOf(found.value_unsafe());
  // A scalar, or an index that is none, is where the way ends.
  return MakeError(ErrorReason::kNotFound, absl::StrCat("there is nothing at ", pointer));
}

}  // namespace nexus::schema

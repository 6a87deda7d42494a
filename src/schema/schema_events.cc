#include "schema/schema_events.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::schema {
namespace {

constexpr char kFormat[] = "JSON_SCHEMA";
constexpr char kRequired[] = "REQUIRED";
constexpr char kOptional[] = "OPTIONAL";

using Members = absl::flat_hash_map<std::string, JsonMember>;

std::string Quoted(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", c);
    } else {
      out += c;
    }
  }
  return out + '"';
}

absl::Status Damaged(absl::string_view what) {
  return MakeError(ErrorReason::kDataLoss, absl::StrCat("a stored governance event ", what));
}

absl::StatusOr<Members> Read(absl::string_view data, JsonReader& json) {
  absl::StatusOr<Members> members = json.ReadObject(data);
  if (!members.ok()) return Damaged(absl::StrCat("is unreadable: ", members.status().message()));
  return members;
}

absl::Status TakeText(Members& members, absl::string_view name, std::string* text) {
  const auto at = members.find(name);
  if (at == members.end() || !at->second.is_string) return Damaged(absl::StrCat("has no ", name));
  *text = std::move(at->second.text);
  return absl::OkStatus();
}

absl::Status TakeFlag(Members& members, absl::string_view name, bool* flag) {
  const auto at = members.find(name);
  if (at == members.end() || at->second.is_string ||
      (at->second.text != "true" && at->second.text != "false")) {
    return Damaged(absl::StrCat("has no ", name));
  }
  *flag = at->second.text == "true";
  return absl::OkStatus();
}

}  // namespace

std::string EncodeSchemaRegistered(const SchemaRegistered& event) {
  return absl::StrCat("{\"subject\":", Quoted(event.subject), ",\"version\":", event.version,
                      ",\"format\":\"", kFormat, "\",\"digest\":", Quoted(event.digest),
                      ",\"comment\":", Quoted(event.comment),
                      ",\"definition\":", Quoted(event.definition), "}");
}

std::string EncodeCategoryUpdated(const CategorySettings& settings) {
  return absl::StrCat("{\"category\":", Quoted(settings.category), ",\"schema_mode\":\"",
                      settings.schema_mode == SchemaMode::kOptional ? kOptional : kRequired, "\"}");
}

std::string EncodeCompatibilityUpdated(const CompatibilitySettings& settings) {
  const CompatibilityFlags& flags = settings.rules.flags;
  const auto flag = [](bool value) { return value ? "true" : "false"; };
  return absl::StrCat("{\"subject\":", Quoted(settings.subject), ",\"mode\":\"",
                      CompatibilityModeName(settings.rules.mode), "\",\"policy\":\"",
                      CompatibilityPolicyName(settings.rules.policy),
                      "\",\"allow_new_fields\":", flag(flags.allow_new_fields),
                      ",\"require_defaults\":", flag(flags.require_defaults),
                      ",\"allow_field_removal\":", flag(flags.allow_field_removal),
                      ",\"allow_type_changes\":", flag(flags.allow_type_changes),
                      ",\"comment\":", Quoted(settings.comment), "}");
}

absl::StatusOr<SchemaRegistered> DecodeSchemaRegistered(absl::string_view data, JsonReader& json) {
  NEXUS_ASSIGN_OR_RETURN(Members members, Read(data, json));
  SchemaRegistered event;
  NEXUS_RETURN_IF_ERROR(TakeText(members, "subject", &event.subject));
  NEXUS_RETURN_IF_ERROR(TakeText(members, "digest", &event.digest));
  NEXUS_RETURN_IF_ERROR(TakeText(members, "comment", &event.comment));
  NEXUS_RETURN_IF_ERROR(TakeText(members, "definition", &event.definition));
  std::string format;
  NEXUS_RETURN_IF_ERROR(TakeText(members, "format", &format));
  if (format != kFormat) {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     absl::StrCat("a stored schema has the unknown format ", format));
  }
  const auto version = members.find("version");
  if (version == members.end() || version->second.is_string ||
      !absl::SimpleAtoi(version->second.text, &event.version)) {
    return Damaged("has no version");
  }
  return event;
}

absl::StatusOr<CategorySettings> DecodeCategoryUpdated(absl::string_view data, JsonReader& json) {
  NEXUS_ASSIGN_OR_RETURN(Members members, Read(data, json));
  CategorySettings settings;
  NEXUS_RETURN_IF_ERROR(TakeText(members, "category", &settings.category));
  std::string mode;
  NEXUS_RETURN_IF_ERROR(TakeText(members, "schema_mode", &mode));
  if (mode != kRequired && mode != kOptional) {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     absl::StrCat("a stored category has the unknown schema mode ", mode));
  }
  settings.schema_mode = mode == kOptional ? SchemaMode::kOptional : SchemaMode::kRequired;
  return settings;
}

absl::StatusOr<CompatibilitySettings> DecodeCompatibilityUpdated(absl::string_view data,
                                                                 JsonReader& json) {
  NEXUS_ASSIGN_OR_RETURN(Members members, Read(data, json));
  CompatibilitySettings settings;
  NEXUS_RETURN_IF_ERROR(TakeText(members, "subject", &settings.subject));
  NEXUS_RETURN_IF_ERROR(TakeText(members, "comment", &settings.comment));
  std::string mode;
  std::string policy;
  NEXUS_RETURN_IF_ERROR(TakeText(members, "mode", &mode));
  NEXUS_RETURN_IF_ERROR(TakeText(members, "policy", &policy));
  if (!ParseCompatibilityMode(mode, settings.rules.mode) ||
      !ParseCompatibilityPolicy(policy, settings.rules.policy)) {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     absl::StrCat("stored settings have the unknown compatibility ", mode,
                                  " with the policy ", policy));
  }
  CompatibilityFlags& flags = settings.rules.flags;
  NEXUS_RETURN_IF_ERROR(TakeFlag(members, "allow_new_fields", &flags.allow_new_fields));
  NEXUS_RETURN_IF_ERROR(TakeFlag(members, "require_defaults", &flags.require_defaults));
  NEXUS_RETURN_IF_ERROR(TakeFlag(members, "allow_field_removal", &flags.allow_field_removal));
  NEXUS_RETURN_IF_ERROR(TakeFlag(members, "allow_type_changes", &flags.allow_type_changes));
  return settings;
}

}  // namespace nexus::schema

#include "schema/schema_events.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "digest/sha256.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"
#include "schema/schema_content.h"

namespace nexus::schema {
namespace {

constexpr char kRequired[] = "REQUIRED";
constexpr char kOptional[] = "OPTIONAL";

using Members = absl::flat_hash_map<std::string, JsonMember>;

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

absl::Status TakeNumber(const Members& members, absl::string_view name, uint32_t* number) {
  const auto at = members.find(name);
  if (at == members.end() || at->second.is_string || !absl::SimpleAtoi(at->second.text, number)) {
    return Damaged(absl::StrCat("has no ", name));
  }
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
  std::string out = absl::StrCat(
      "{\"subject\":", JsonString(event.subject), ",\"version\":", event.version,
      ",\"id\":", event.id, ",\"format\":\"", SchemaFormatName(event.format),
      "\",\"digest\":", JsonString(event.digest), ",\"comment\":", JsonString(event.comment),
      ",\"definition\":", JsonString(event.definition));
  if (!event.references.empty()) {
    absl::StrAppend(&out, ",\"references\":", ReferencesJson(event.references));
  }
  if (!event.metadata.empty()) absl::StrAppend(&out, ",\"metadata\":", event.metadata);
  if (!event.rule_set.empty()) absl::StrAppend(&out, ",\"rule_set\":", event.rule_set);
  return out + "}";
}

std::string EncodeSchemaDeleted(const SchemaDeleted& event) {
  return absl::StrCat("{\"subject\":", JsonString(event.subject), ",\"versions\":[",
                      absl::StrJoin(event.versions, ","),
                      "],\"permanent\":", event.permanent ? "true" : "false",
                      ",\"comment\":", JsonString(event.comment), "}");
}

std::string EncodeModeUpdated(const ModeSettings& settings) {
  return absl::StrCat("{\"subject\":", JsonString(settings.subject), ",\"mode\":\"",
                      RegistryModeName(settings.mode),
                      "\",\"comment\":", JsonString(settings.comment), "}");
}

std::string EncodeValidationUpdated(const ValidationSettings& settings) {
  return absl::StrCat("{\"subject\":", JsonString(settings.subject), ",\"undeclared_fields\":\"",
                      UndeclaredFieldsName(settings.undeclared_fields),
                      "\",\"comment\":", JsonString(settings.comment), "}");
}

std::string EncodeSettingsCleared(const SettingsCleared& event) {
  return absl::StrCat("{\"subject\":", JsonString(event.subject),
                      ",\"comment\":", JsonString(event.comment), "}");
}

std::string EncodeCategoryUpdated(const CategorySettings& settings) {
  return absl::StrCat("{\"category\":", JsonString(settings.category), ",\"schema_mode\":\"",
                      settings.schema_mode == SchemaMode::kOptional ? kOptional : kRequired, "\"}");
}

std::string EncodeCompatibilityUpdated(const CompatibilitySettings& settings) {
  const CompatibilityFlags& flags = settings.rules.flags;
  const auto flag = [](bool value) { return value ? "true" : "false"; };
  return absl::StrCat("{\"subject\":", JsonString(settings.subject), ",\"mode\":\"",
                      CompatibilityModeName(settings.rules.mode), "\",\"policy\":\"",
                      CompatibilityPolicyName(settings.rules.policy),
                      "\",\"allow_new_fields\":", flag(flags.allow_new_fields),
                      ",\"require_defaults\":", flag(flags.require_defaults),
                      ",\"allow_field_removal\":", flag(flags.allow_field_removal),
                      ",\"allow_type_changes\":", flag(flags.allow_type_changes),
                      ",\"comment\":", JsonString(settings.comment), "}");
}

absl::StatusOr<std::vector<RecordReference>> ParseReferences(absl::string_view array,
                                                             JsonReader& json) {
  NEXUS_ASSIGN_OR_RETURN(const std::vector<JsonMember> items, json.ReadArray(array));
  std::vector<RecordReference> references;
  for (const JsonMember& item : items) {
    NEXUS_ASSIGN_OR_RETURN(Members members, json.ReadObject(item.text));
    RecordReference& reference = references.emplace_back();
    absl::Status status = TakeText(members, "name", &reference.name);
    if (status.ok()) status = TakeText(members, "subject", &reference.subject);
    if (status.ok()) status = TakeNumber(members, "version", &reference.version);
    if (!status.ok()) {
      return MakeError(ErrorReason::kMalformedJson,
                       "a reference is an object with name, subject and version");
    }
  }
  return references;
}

absl::StatusOr<SchemaRegistered> DecodeSchemaRegistered(absl::string_view data, JsonReader& json) {
  NEXUS_ASSIGN_OR_RETURN(Members members, Read(data, json));
  SchemaRegistered event;
  NEXUS_RETURN_IF_ERROR(TakeText(members, "subject", &event.subject));
  NEXUS_RETURN_IF_ERROR(TakeText(members, "digest", &event.digest));
  if (!IsSha256Hex(event.digest)) return Damaged("has a digest that is none");
  NEXUS_RETURN_IF_ERROR(TakeText(members, "comment", &event.comment));
  NEXUS_RETURN_IF_ERROR(TakeText(members, "definition", &event.definition));
  NEXUS_RETURN_IF_ERROR(TakeNumber(members, "version", &event.version));
  std::string format;
  NEXUS_RETURN_IF_ERROR(TakeText(members, "format", &format));
  if (!ParseSchemaFormat(format, event.format)) {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     absl::StrCat("a stored schema has the unknown format ", format));
  }
  if (members.contains("id")) NEXUS_RETURN_IF_ERROR(TakeNumber(members, "id", &event.id));
  if (const auto at = members.find("references"); at != members.end()) {
    absl::StatusOr<std::vector<RecordReference>> references =
        ParseReferences(at->second.text, json);
    if (!references.ok()) return Damaged("has references that cannot be read");
    event.references = *std::move(references);
  }
  if (const auto at = members.find("metadata"); at != members.end()) {
    event.metadata = std::move(at->second.text);
  }
  if (const auto at = members.find("rule_set"); at != members.end()) {
    event.rule_set = std::move(at->second.text);
  }
  return event;
}

absl::StatusOr<SchemaDeleted> DecodeSchemaDeleted(absl::string_view data, JsonReader& json) {
  NEXUS_ASSIGN_OR_RETURN(Members members, Read(data, json));
  SchemaDeleted event;
  NEXUS_RETURN_IF_ERROR(TakeText(members, "subject", &event.subject));
  NEXUS_RETURN_IF_ERROR(TakeText(members, "comment", &event.comment));
  NEXUS_RETURN_IF_ERROR(TakeFlag(members, "permanent", &event.permanent));
  const auto at = members.find("versions");
  if (at == members.end()) return Damaged("has no versions");
  const auto versions = json.ReadArray(at->second.text);
  if (!versions.ok()) return Damaged("has versions that cannot be read");
  for (const JsonMember& version : *versions) {
    if (version.is_string || !absl::SimpleAtoi(version.text, &event.versions.emplace_back())) {
      return Damaged("has a version that is no number");
    }
  }
  return event;
}

absl::StatusOr<ModeSettings> DecodeModeUpdated(absl::string_view data, JsonReader& json) {
  NEXUS_ASSIGN_OR_RETURN(Members members, Read(data, json));
  ModeSettings settings;
  NEXUS_RETURN_IF_ERROR(TakeText(members, "subject", &settings.subject));
  NEXUS_RETURN_IF_ERROR(TakeText(members, "comment", &settings.comment));
  std::string mode;
  NEXUS_RETURN_IF_ERROR(TakeText(members, "mode", &mode));
  if (!ParseRegistryMode(mode, settings.mode)) {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     absl::StrCat("a stored setting has the unknown registry mode ", mode));
  }
  return settings;
}

absl::StatusOr<ValidationSettings> DecodeValidationUpdated(absl::string_view data,
                                                           JsonReader& json) {
  NEXUS_ASSIGN_OR_RETURN(Members members, Read(data, json));
  ValidationSettings settings;
  NEXUS_RETURN_IF_ERROR(TakeText(members, "subject", &settings.subject));
  NEXUS_RETURN_IF_ERROR(TakeText(members, "comment", &settings.comment));
  std::string undeclared;
  NEXUS_RETURN_IF_ERROR(TakeText(members, "undeclared_fields", &undeclared));
  if (!ParseUndeclaredFields(undeclared, settings.undeclared_fields)) {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     absl::StrCat("stored settings have the unknown word ", undeclared,
                                  " on undeclared fields"));
  }
  return settings;
}

absl::StatusOr<SettingsCleared> DecodeSettingsCleared(absl::string_view data, JsonReader& json) {
  NEXUS_ASSIGN_OR_RETURN(Members members, Read(data, json));
  SettingsCleared event;
  NEXUS_RETURN_IF_ERROR(TakeText(members, "subject", &event.subject));
  NEXUS_RETURN_IF_ERROR(TakeText(members, "comment", &event.comment));
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

#include "rpc/schema_convert.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "rpc/convert.h"
#include "schema/schema_content.h"

namespace nexus::rpc {
namespace {

// The numbers of both enumerations are the same by definition.
v1::CompatibilityMode ToProto(CompatibilityMode mode) {
  return static_cast<v1::CompatibilityMode>(mode);
}
v1::CompatibilityPolicy ToProto(CompatibilityPolicy policy) {
  return static_cast<v1::CompatibilityPolicy>(policy);
}

absl::Status UnknownValue(absl::string_view field, absl::string_view type) {
  return MakeError(
      ErrorReason::kMalformedRequest,
      absl::StrCat(field, " is not a value of nexus.v1.", type, " that this server knows"));
}

absl::StatusOr<SchemaFormat> ToFormat(v1::SchemaFormat format) {
  if (format == v1::SCHEMA_FORMAT_UNSPECIFIED) return SchemaFormat::kJsonSchema;
  if (!v1::SchemaFormat_IsValid(format)) return UnknownValue("format", "SchemaFormat");
  return static_cast<SchemaFormat>(format);  // the same numbers
}

// What all messages that bring a definition have.
template <typename Message>
absl::StatusOr<schema::RegisterRequest> WithDefinition(const Message& message) {
  schema::RegisterRequest request;
  request.subject = message.subject();
  request.definition = message.definition();
  NEXUS_ASSIGN_OR_RETURN(request.format, ToFormat(message.format()));
  for (const v1::SchemaReference& reference : message.references()) {
    request.references.push_back({reference.name(), reference.subject(), reference.version()});
  }
  return request;
}

// Whether it is worth compiling: else the annotations could not be written in it.
bool MayBeClassified(const schema::SchemaRecord& record) {
  return !record.references.empty() || record.format == SchemaFormat::kProtobuf ||
         absl::StrContains(record.definition, "x-nexus-") ||
         absl::StrContains(record.definition, "\\u");
}

}  // namespace

void FillSchema(const schema::SchemaRecord& record, v1::Schema& out) {
  out.set_subject(record.subject);
  out.set_version(record.version);
  out.set_id(record.id);
  out.set_guid(schema::GuidOf(record.digest));
  out.set_format(static_cast<v1::SchemaFormat>(record.format));
  out.set_definition(record.definition);
  for (const schema::RecordReference& reference : record.references) {
    v1::SchemaReference& row = *out.add_references();
    row.set_name(reference.name);
    row.set_subject(reference.subject);
    row.set_version(reference.version);
  }
  out.set_metadata_json(record.metadata);
  out.set_rule_set_json(record.rule_set);
  out.set_digest(record.digest);
  out.set_registered_by(record.registered_by);
  FillTimestamp(record.registered, *out.mutable_register_time());
  out.set_comment(record.comment);
  out.set_state(record.state == schema::SchemaState::kLive ? v1::SCHEMA_STATE_LIVE
                                                           : v1::SCHEMA_STATE_DELETED);
}

void FillWholeSchema(const schema::SchemaRecord& record, v1::Schema& out) {
  FillSchema(record, out);
  if (!MayBeClassified(record)) return;
  const ClassifiedFields& classified = record.compiled->Classified();
  for (const ClassifiedField& field : classified.fields) {
    v1::ClassifiedField& row = *out.add_classified_fields();
    row.set_path(field.path);
    row.set_data_class(field.data_class);
    row.set_subject_key(field.subject_key);
  }
  out.set_classified_fields_truncated(!classified.complete);
}

void FillSettings(const schema::CategorySettings& settings, v1::CategorySettings& out) {
  out.set_category(settings.category);
  out.set_schema_mode(settings.schema_mode == schema::SchemaMode::kRequired
                          ? v1::SCHEMA_MODE_REQUIRED
                          : v1::SCHEMA_MODE_OPTIONAL);
}

void FillMode(const schema::ModeSettings& settings, v1::RegistryModeSettings& out) {
  out.set_subject(settings.subject);
  out.set_mode(static_cast<v1::RegistryMode>(settings.mode));  // the same numbers
  out.set_comment(settings.comment);
  out.set_inherited(settings.inherited);
}

void FillValidation(const schema::ValidationSettings& settings, v1::ValidationSettings& out) {
  out.set_subject(settings.subject);
  // The same numbers.
  out.set_undeclared_fields(static_cast<v1::UndeclaredFields>(settings.undeclared_fields));
  out.set_comment(settings.comment);
  out.set_inherited(settings.inherited);
}

absl::StatusOr<schema::RegisterRequest> ToRegistration(const v1::RegisterSchemaRequest& request) {
  NEXUS_ASSIGN_OR_RETURN(schema::RegisterRequest registration, WithDefinition(request));
  registration.comment = request.comment();
  registration.metadata = request.metadata_json();
  registration.rule_set = request.rule_set_json();
  registration.normalize = request.normalize();
  registration.version = request.version();
  registration.id = request.id();
  return registration;
}

absl::StatusOr<schema::RegisterRequest> ToRegistration(const v1::LookupSchemaRequest& request) {
  NEXUS_ASSIGN_OR_RETURN(schema::RegisterRequest registration, WithDefinition(request));
  registration.metadata = request.metadata_json();
  registration.rule_set = request.rule_set_json();
  return registration;
}

absl::StatusOr<schema::RegisterRequest> ToRegistration(
    const v1::CheckCompatibilityRequest& request) {
  return WithDefinition(request);
}

absl::StatusOr<schema::RegisterRequest> ToRegistration(const v1::ObserveSchemaRequest& request) {
  return WithDefinition(request);
}

void FillViolation(const Violation& violation, v1::SchemaViolation& out) {
  out.set_pointer(violation.pointer);
  out.set_keyword(violation.keyword);
  out.set_expected(violation.expected);
  out.set_actual(violation.actual);
  out.set_message(violation.message);
}

absl::StatusOr<schema::ModeSettings> ToMode(const v1::RegistryModeSettings& wanted) {
  if (wanted.mode() == v1::REGISTRY_MODE_UNSPECIFIED || !v1::RegistryMode_IsValid(wanted.mode())) {
    return UnknownValue("settings.mode", "RegistryMode");
  }
  schema::ModeSettings settings;
  settings.subject = wanted.subject();
  settings.mode = static_cast<schema::RegistryMode>(wanted.mode());
  settings.comment = wanted.comment();
  return settings;
}

absl::StatusOr<schema::ValidationSettings> ToValidation(const v1::ValidationSettings& wanted) {
  if (wanted.undeclared_fields() == v1::UNDECLARED_FIELDS_UNSPECIFIED ||
      !v1::UndeclaredFields_IsValid(wanted.undeclared_fields())) {
    return UnknownValue("settings.undeclared_fields", "UndeclaredFields");
  }
  schema::ValidationSettings settings;
  settings.subject = wanted.subject();
  settings.undeclared_fields = static_cast<UndeclaredFields>(wanted.undeclared_fields());
  settings.comment = wanted.comment();
  return settings;
}

absl::StatusOr<schema::CategorySettings> ToSettings(const v1::CategorySettings& wanted) {
  if (wanted.schema_mode() != v1::SCHEMA_MODE_REQUIRED &&
      wanted.schema_mode() != v1::SCHEMA_MODE_OPTIONAL) {
    return MakeError(ErrorReason::kMalformedRequest,
                     "category_settings.schema_mode must be REQUIRED or OPTIONAL");
  }
  return schema::CategorySettings{wanted.category(),
                                  wanted.schema_mode() == v1::SCHEMA_MODE_REQUIRED
                                      ? schema::SchemaMode::kRequired
                                      : schema::SchemaMode::kOptional};
}

void FillCompatibility(const schema::CompatibilitySettings& settings,
                       v1::CompatibilitySettings& out) {
  out.set_subject(settings.subject);
  out.set_mode(ToProto(settings.rules.mode));
  out.set_policy(ToProto(settings.rules.policy));
  out.set_allow_new_fields(settings.rules.flags.allow_new_fields);
  out.set_require_defaults(settings.rules.flags.require_defaults);
  out.set_allow_field_removal(settings.rules.flags.allow_field_removal);
  out.set_allow_type_changes(settings.rules.flags.allow_type_changes);
  out.set_comment(settings.comment);
  out.set_inherited(settings.inherited);
  out.set_updated_by(settings.updated_by);
  if (settings.stored) FillTimestamp(settings.updated, *out.mutable_update_time());
}

absl::StatusOr<schema::CompatibilitySettings> ToCompatibility(
    const v1::CompatibilitySettings& wanted) {
  schema::CompatibilitySettings settings;
  if (wanted.mode() == v1::COMPATIBILITY_MODE_UNSPECIFIED ||
      !v1::CompatibilityMode_IsValid(wanted.mode())) {
    return UnknownValue("settings.mode", "CompatibilityMode");
  }
  if (!v1::CompatibilityPolicy_IsValid(wanted.policy())) {
    return UnknownValue("settings.policy", "CompatibilityPolicy");
  }
  settings.subject = wanted.subject();
  settings.comment = wanted.comment();
  settings.rules.mode = static_cast<CompatibilityMode>(wanted.mode());
  if (wanted.policy() != v1::COMPATIBILITY_POLICY_UNSPECIFIED) {
    settings.rules.policy = static_cast<CompatibilityPolicy>(wanted.policy());
  }
  CompatibilityFlags& flags = settings.rules.flags;
  if (wanted.has_allow_new_fields()) flags.allow_new_fields = wanted.allow_new_fields();
  if (wanted.has_require_defaults()) flags.require_defaults = wanted.require_defaults();
  if (wanted.has_allow_field_removal()) flags.allow_field_removal = wanted.allow_field_removal();
  if (wanted.has_allow_type_changes()) flags.allow_type_changes = wanted.allow_type_changes();
  return settings;
}

void FillVerdict(const schema::JudgedSchema& judged, v1::CheckCompatibilityResponse& out) {
  out.set_compatible(judged.verdict.compatible());
  out.set_mode(ToProto(judged.rules.mode));
  out.set_policy(ToProto(judged.rules.policy));
  out.set_latest_version(judged.latest);
  out.set_same_as_version(judged.same_as);
  for (const CompatibilityFinding& finding : judged.verdict.findings) {
    v1::CompatibilityFinding& row = *out.add_findings();
    row.set_rule(finding.rule);
    row.set_path(finding.path);
    row.set_old_value(finding.old_value);
    row.set_new_value(finding.new_value);
    row.set_message(finding.message);
    row.set_fix(finding.fix);
    row.set_witness(finding.witness);
    row.set_version(finding.version);
    row.set_forward(finding.forward);
  }
}

}  // namespace nexus::rpc

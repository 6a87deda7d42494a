// The schema registry's part of the client.

#include <utility>

#include "client/convert.h"
#include "client/parts.h"
#include "client/status.h"
#include "nexus/client/client.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {
namespace {

SchemaMode FromProto(v1::SchemaMode mode) {
  return mode == v1::SCHEMA_MODE_OPTIONAL ? SchemaMode::kOptional : SchemaMode::kRequired;
}

ModeSettings ModeOf(const v1::RegistryModeSettings& in) {
  return {in.subject(), static_cast<RegistryMode>(in.mode()), in.comment(), in.inherited()};
}

// The numbers of both enumerations are the same by definition.
ValidationSettings ValidationOf(const v1::ValidationSettings& in) {
  return {in.subject(), static_cast<UndeclaredFields>(in.undeclared_fields()), in.comment(),
          in.inherited()};
}

Violation ViolationOf(const v1::SchemaViolation& in) {
  return {"data", in.pointer(), in.keyword(), in.expected(), in.actual(), in.message()};
}

}  // namespace

absl::StatusOr<Schema> Client::RegisterSchema(const SchemaDraft& draft) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::RegisterSchemaRequest request;
  FillDefinition(draft, request);
  request.set_comment(draft.comment);
  v1::Schema response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->schemas->RegisterSchema(call.context(), request, &response)));
  return client::FromProto(response);
}

absl::StatusOr<std::vector<uint32_t>> Client::DeleteSchema(const std::string& subject,
                                                           uint32_t version, bool permanent,
                                                           const std::string& comment) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::DeleteSchemaRequest request;
  request.set_subject(subject);
  request.set_version(version);
  request.set_permanent(permanent);
  request.set_comment(comment);
  v1::DeleteSchemaResponse response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->schemas->DeleteSchema(call.context(), request, &response)));
  return std::vector<uint32_t>(response.versions().begin(), response.versions().end());
}

absl::StatusOr<ModeSettings> Client::GetRegistryMode(const std::string& subject) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::GetRegistryModeRequest request;
  request.set_subject(subject);
  v1::RegistryModeSettings response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->schemas->GetRegistryMode(call.context(), request, &response)));
  return ModeOf(response);
}

absl::StatusOr<ModeSettings> Client::SetRegistryMode(const ModeSettings& settings, bool force) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::UpdateRegistryModeRequest request;
  request.mutable_settings()->set_subject(settings.subject);
  request.mutable_settings()->set_mode(static_cast<v1::RegistryMode>(settings.mode));
  request.mutable_settings()->set_comment(settings.comment);
  request.set_force(force);
  v1::RegistryModeSettings response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->schemas->UpdateRegistryMode(call.context(), request, &response)));
  return ModeOf(response);
}

absl::StatusOr<Schema> Client::GetSchema(const std::string& subject, uint32_t version) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::GetSchemaRequest request;
  request.set_subject(subject);
  request.set_version(version);
  v1::Schema response;
  NEXUS_RETURN_IF_ERROR(FromGrpc(parts_->schemas->GetSchema(call.context(), request, &response)));
  return client::FromProto(response);
}

absl::StatusOr<std::vector<Schema>> Client::ListSchemas(const SchemaQuery& query) {
  v1::ListSchemasRequest request;
  request.set_page_size(1'000);
  request.set_subject(query.subject);
  request.set_latest_only(query.latest_only);
  request.set_include_deleted(query.include_deleted);
  std::vector<Schema> schemas;
  while (true) {
    Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
    v1::ListSchemasResponse response;
    NEXUS_RETURN_IF_ERROR(
        FromGrpc(parts_->schemas->ListSchemas(call.context(), request, &response)));
    for (const v1::Schema& schema : response.schemas()) {
      schemas.push_back(client::FromProto(schema));
    }
    if (response.next_page_token().empty()) return schemas;
    request.set_page_token(response.next_page_token());
  }
}

absl::StatusOr<Validation> Client::ValidateData(const std::string& subject, uint32_t version,
                                                const std::string& data) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::ValidateDataRequest request;
  request.set_subject(subject);
  request.set_version(version);
  request.set_data(data);
  v1::ValidateDataResponse response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->schemas->ValidateData(call.context(), request, &response)));
  Validation validation;
  validation.valid = response.valid();
  validation.version = response.version();
  for (const auto& v : response.violations()) validation.violations.push_back(ViolationOf(v));
  for (const auto& v : response.warnings()) validation.warnings.push_back(ViolationOf(v));
  return validation;
}

absl::StatusOr<ValidationSettings> Client::GetValidation(const std::string& subject) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::GetValidationRequest request;
  request.set_subject(subject);
  v1::ValidationSettings response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->schemas->GetValidation(call.context(), request, &response)));
  return ValidationOf(response);
}

absl::StatusOr<ValidationSettings> Client::SetValidation(const ValidationSettings& settings) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::UpdateValidationRequest request;
  request.mutable_settings()->set_subject(settings.subject);
  request.mutable_settings()->set_comment(settings.comment);
  request.mutable_settings()->set_undeclared_fields(
      static_cast<v1::UndeclaredFields>(settings.undeclared_fields));
  v1::ValidationSettings response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->schemas->UpdateValidation(call.context(), request, &response)));
  return ValidationOf(response);
}

absl::StatusOr<ValidationSettings> Client::ClearValidation(const std::string& subject,
                                                           const std::string& comment) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::UpdateValidationRequest request;
  request.mutable_settings()->set_subject(subject);
  request.mutable_settings()->set_comment(comment);
  request.set_clear(true);
  v1::ValidationSettings response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->schemas->UpdateValidation(call.context(), request, &response)));
  return ValidationOf(response);
}

absl::StatusOr<SchemaMode> Client::GetCategoryMode(const std::string& category) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::GetCategorySettingsRequest request;
  request.set_category(category);
  v1::CategorySettings response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->schemas->GetCategorySettings(call.context(), request, &response)));
  return FromProto(response.schema_mode());
}

absl::StatusOr<SchemaMode> Client::SetCategoryMode(const std::string& category, SchemaMode mode) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::UpdateCategorySettingsRequest request;
  request.mutable_category_settings()->set_category(category);
  request.mutable_category_settings()->set_schema_mode(
      mode == SchemaMode::kOptional ? v1::SCHEMA_MODE_OPTIONAL : v1::SCHEMA_MODE_REQUIRED);
  v1::CategorySettings response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->schemas->UpdateCategorySettings(call.context(), request, &response)));
  return FromProto(response.schema_mode());
}

}  // namespace nexus::client

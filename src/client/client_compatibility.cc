// The compatibility of schemas: the client's part.

#include "client/convert.h"
#include "client/parts.h"
#include "client/status.h"
#include "nexus/client/client.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {
namespace {

// The numbers of both enumerations are the same by definition.
CompatibilitySettings SettingsOf(const v1::CompatibilitySettings& in) {
  CompatibilitySettings settings;
  settings.subject = in.subject();
  settings.rules.mode = static_cast<CompatibilityMode>(in.mode());
  settings.rules.policy = static_cast<CompatibilityPolicy>(in.policy());
  settings.rules.flags = {in.allow_new_fields(), in.require_defaults(), in.allow_field_removal(),
                          in.allow_type_changes()};
  settings.comment = in.comment();
  settings.inherited = in.inherited();
  settings.updated_by = in.updated_by();
  settings.updated = FromProto(in.update_time());
  return settings;
}

}  // namespace

absl::StatusOr<CompatibilityCheck> Client::CheckCompatibility(const SchemaDraft& draft) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::CheckCompatibilityRequest request;
  FillDefinition(draft, request);
  v1::CheckCompatibilityResponse response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->schemas->CheckCompatibility(call.context(), request, &response)));
  CompatibilityCheck check;
  check.mode = static_cast<CompatibilityMode>(response.mode());
  check.policy = static_cast<CompatibilityPolicy>(response.policy());
  check.latest_version = response.latest_version();
  check.same_as_version = response.same_as_version();
  for (const v1::CompatibilityFinding& row : response.findings()) {
    check.verdict.findings.push_back({row.rule(), row.path(), row.old_value(), row.new_value(),
                                      row.message(), row.fix(), row.witness(), row.version(),
                                      row.forward()});
  }
  return check;
}

absl::StatusOr<CompatibilitySettings> Client::GetCompatibility(const std::string& subject) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::GetCompatibilityRequest request;
  request.set_subject(subject);
  v1::CompatibilitySettings response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->schemas->GetCompatibility(call.context(), request, &response)));
  return SettingsOf(response);
}

absl::StatusOr<CompatibilitySettings> Client::SetCompatibility(
    const CompatibilitySettings& settings) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::UpdateCompatibilityRequest request;
  v1::CompatibilitySettings& wanted = *request.mutable_settings();
  wanted.set_subject(settings.subject);
  wanted.set_mode(static_cast<v1::CompatibilityMode>(settings.rules.mode));
  wanted.set_policy(static_cast<v1::CompatibilityPolicy>(settings.rules.policy));
  wanted.set_allow_new_fields(settings.rules.flags.allow_new_fields);
  wanted.set_require_defaults(settings.rules.flags.require_defaults);
  wanted.set_allow_field_removal(settings.rules.flags.allow_field_removal);
  wanted.set_allow_type_changes(settings.rules.flags.allow_type_changes);
  wanted.set_comment(settings.comment);
  v1::CompatibilitySettings response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->schemas->UpdateCompatibility(call.context(), request, &response)));
  return SettingsOf(response);
}

}  // namespace nexus::client

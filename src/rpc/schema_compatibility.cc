// The part of the schema registry's service that judges versions.

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "rpc/convert.h"
#include "rpc/schema_registry_service.h"
#include "rpc/unary.h"

namespace nexus::rpc {
namespace {

constexpr char kRegistryService[] = "nexus.v1.SchemaRegistryService/";

// The numbers of both enumerations are the same by definition.
v1::CompatibilityMode ToProto(CompatibilityMode mode) {
  return static_cast<v1::CompatibilityMode>(mode);
}
v1::CompatibilityPolicy ToProto(CompatibilityPolicy policy) {
  return static_cast<v1::CompatibilityPolicy>(policy);
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

absl::StatusOr<schema::CompatibilitySettings> ReadCompatibility(
    const v1::CompatibilitySettings& wanted) {
  schema::CompatibilitySettings settings;
  if (wanted.mode() == v1::COMPATIBILITY_MODE_UNSPECIFIED ||
      !v1::CompatibilityMode_IsValid(wanted.mode())) {
    return MakeError(ErrorReason::kMalformedRequest,
                     "settings.mode is not a value of nexus.v1.CompatibilityMode that this server "
                     "knows");
  }
  if (!v1::CompatibilityPolicy_IsValid(wanted.policy())) {
    return MakeError(ErrorReason::kMalformedRequest,
                     "settings.policy is not a value of nexus.v1.CompatibilityPolicy that this "
                     "server knows");
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

}  // namespace

grpc::ServerUnaryReactor* SchemaRegistryService::CheckCompatibility(
    grpc::CallbackServerContext* context, const v1::CheckCompatibilityRequest* request,
    v1::CheckCompatibilityResponse* response) {
  auto call = std::make_shared<UnaryCall>(context, parts_,
                                          absl::StrCat(kRegistryService, "CheckCompatibility"));
  absl::Status status = call->caller().status();
  if (status.ok() && request->format() != v1::SCHEMA_FORMAT_UNSPECIFIED &&
      request->format() != v1::SCHEMA_FORMAT_JSON_SCHEMA) {
    status = MakeError(ErrorReason::kMalformedRequest,
                       "format is not a value of nexus.v1.SchemaFormat that this server knows");
  }
  if (!status.ok()) {
    call->Finish(status);
    return call->reactor();
  }
  schema::RegisterRequest candidate;
  candidate.subject = request->subject();
  candidate.definition = request->definition();
  parts_.engine.schemas().CheckCompatibility(
      std::move(candidate), [call, response](absl::StatusOr<schema::JudgedSchema> judged) {
        if (judged.ok()) FillVerdict(*judged, *response);
        call->Finish(judged.status());
      });
  return call->reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::GetCompatibility(
    grpc::CallbackServerContext* context, const v1::GetCompatibilityRequest* request,
    v1::CompatibilitySettings* response) {
  UnaryCall call(context, parts_, absl::StrCat(kRegistryService, "GetCompatibility"));
  const absl::Status status = call.caller().status();
  if (status.ok()) {
    FillCompatibility(parts_.engine.schemas().GetCompatibility(request->subject()), *response);
  }
  call.Finish(status);
  return call.reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::UpdateCompatibility(
    grpc::CallbackServerContext* context, const v1::UpdateCompatibilityRequest* request,
    v1::CompatibilitySettings* response) {
  auto call = std::make_shared<UnaryCall>(context, parts_,
                                          absl::StrCat(kRegistryService, "UpdateCompatibility"));
  absl::Status status = call->caller().status();
  absl::StatusOr<schema::CompatibilitySettings> settings = ReadCompatibility(request->settings());
  if (status.ok()) status = settings.status();
  if (!status.ok()) {
    call->Finish(status);
    return call->reactor();
  }
  parts_.engine.UpdateCompatibility(*std::move(settings), *std::move(call->caller()),
                                    [call, response](auto now) {
                                      if (now.ok()) FillCompatibility(*now, *response);
                                      call->Finish(now.status());
                                    });
  return call->reactor();
}

}  // namespace nexus::rpc

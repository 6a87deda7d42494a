// The part of the schema registry's service that judges versions and says how they are judged.

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rpc/schema_convert.h"
#include "rpc/schema_registry_service.h"
#include "rpc/unary.h"

namespace nexus::rpc {
namespace {

constexpr char kRegistryService[] = "nexus.v1.SchemaRegistryService/";

}  // namespace

grpc::ServerUnaryReactor* SchemaRegistryService::CheckCompatibility(
    grpc::CallbackServerContext* context, const v1::CheckCompatibilityRequest* request,
    v1::CheckCompatibilityResponse* response) {
  auto call = std::make_shared<UnaryCall>(context, parts_,
                                          absl::StrCat(kRegistryService, "CheckCompatibility"));
  absl::StatusOr<schema::RegisterRequest> candidate = ToRegistration(*request);
  if (!call->Ready(candidate.status())) return call->reactor();
  parts_.engine.schemas().CheckCompatibility(
      *std::move(candidate), request->version(),
      [call, response](absl::StatusOr<schema::JudgedSchema> judged) {
        if (judged.ok()) FillVerdict(*judged, *response);
        call->Finish(judged.status());
      });
  return call->reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::GetCompatibility(
    grpc::CallbackServerContext* context, const v1::GetCompatibilityRequest* request,
    v1::CompatibilitySettings* response) {
  UnaryCall call(context, parts_, absl::StrCat(kRegistryService, "GetCompatibility"));
  if (!call.Ready(absl::OkStatus())) return call.reactor();
  FillCompatibility(parts_.engine.schemas().catalog().GetCompatibility(request->subject()),
                    *response);
  call.Finish(absl::OkStatus());
  return call.reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::UpdateCompatibility(
    grpc::CallbackServerContext* context, const v1::UpdateCompatibilityRequest* request,
    v1::CompatibilitySettings* response) {
  auto call = std::make_shared<UnaryCall>(context, parts_,
                                          absl::StrCat(kRegistryService, "UpdateCompatibility"));
  absl::StatusOr<schema::CompatibilitySettings> settings = schema::CompatibilitySettings();
  if (!request->clear()) settings = ToCompatibility(request->settings());
  if (!call->Ready(settings.status())) return call->reactor();
  const std::string subject = request->settings().subject();
  if (request->clear()) {
    parts_.engine.ClearCompatibility(
        subject, request->settings().comment(), *std::move(call->caller()),
        [this, call, response, subject](auto before) {
          if (before.ok()) {
            FillCompatibility(parts_.engine.schemas().catalog().GetCompatibility(subject),
                              *response);
          }
          call->Finish(before.status());
        });
    return call->reactor();
  }
  parts_.engine.UpdateCompatibility(*std::move(settings), *std::move(call->caller()),
                                    [call, response](auto now) {
                                      if (now.ok()) FillCompatibility(*now, *response);
                                      call->Finish(now.status());
                                    });
  return call->reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::GetRegistryMode(
    grpc::CallbackServerContext* context, const v1::GetRegistryModeRequest* request,
    v1::RegistryModeSettings* response) {
  UnaryCall call(context, parts_, absl::StrCat(kRegistryService, "GetRegistryMode"));
  if (!call.Ready(absl::OkStatus())) return call.reactor();
  FillMode(parts_.engine.schemas().catalog().GetMode(request->subject()), *response);
  call.Finish(absl::OkStatus());
  return call.reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::UpdateRegistryMode(
    grpc::CallbackServerContext* context, const v1::UpdateRegistryModeRequest* request,
    v1::RegistryModeSettings* response) {
  auto call = std::make_shared<UnaryCall>(context, parts_,
                                          absl::StrCat(kRegistryService, "UpdateRegistryMode"));
  absl::StatusOr<schema::ModeSettings> settings = schema::ModeSettings();
  if (!request->clear()) settings = ToMode(request->settings());
  if (!call->Ready(settings.status())) return call->reactor();
  const std::string subject = request->settings().subject();
  auto finish = [this, call, response, subject](absl::StatusOr<schema::ModeSettings> outcome) {
    if (outcome.ok()) {
      FillMode(parts_.engine.schemas().catalog().GetMode(subject), *response);
    }
    call->Finish(outcome.status());
  };
  if (request->clear()) {
    parts_.engine.ClearMode(subject, request->settings().comment(), *std::move(call->caller()),
                            std::move(finish));
  } else {
    parts_.engine.UpdateMode(*std::move(settings), request->force(), *std::move(call->caller()),
                             std::move(finish));
  }
  return call->reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::GetCategorySettings(
    grpc::CallbackServerContext* context, const v1::GetCategorySettingsRequest* request,
    v1::CategorySettings* response) {
  UnaryCall call(context, parts_, absl::StrCat(kRegistryService, "GetCategorySettings"));
  if (!call.Ready(StreamName::Parse(request->category()).status())) return call.reactor();
  FillSettings(parts_.engine.schemas().catalog().GetCategory(request->category()), *response);
  call.Finish(absl::OkStatus());
  return call.reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::UpdateCategorySettings(
    grpc::CallbackServerContext* context, const v1::UpdateCategorySettingsRequest* request,
    v1::CategorySettings* response) {
  auto call = std::make_shared<UnaryCall>(context, parts_,
                                          absl::StrCat(kRegistryService, "UpdateCategorySettings"));
  absl::StatusOr<schema::CategorySettings> settings = ToSettings(request->category_settings());
  if (!call->Ready(settings.status())) return call->reactor();
  parts_.engine.UpdateCategory(*std::move(settings), *std::move(call->caller()),
                               [call, response](absl::StatusOr<schema::CategorySettings> now) {
                                 if (now.ok()) FillSettings(*now, *response);
                                 call->Finish(now.status());
                               });
  return call->reactor();
}

}  // namespace nexus::rpc

// The part of the schema registry's service that judges versions and says how they are judged.

#include <memory>
#include <string>
#include <utility>

#include "rpc/schema_convert.h"
#include "rpc/schema_registry_service.h"

namespace nexus::rpc {

void SchemaRegistryService::CheckCompatibility(
    UnaryPtr<v1::CheckCompatibilityRequest, v1::CheckCompatibilityResponse> call) {
  absl::StatusOr<schema::RegisterRequest> candidate = ToRegistration(call->request());
  if (!call->Ready(candidate.status())) return;
  parts_.engine.schemas().CheckCompatibility(*std::move(candidate), call->request().version(),
                                             [call](absl::StatusOr<schema::JudgedSchema> judged) {
                                               if (judged.ok())
                                                 FillVerdict(*judged, call->response());
                                               call->Finish(judged.status());
                                             });
}

void SchemaRegistryService::GetCompatibility(
    UnaryPtr<v1::GetCompatibilityRequest, v1::CompatibilitySettings> call) {
  FillCompatibility(parts_.engine.schemas().catalog().GetCompatibility(call->request().subject()),
                    call->response());
  call->Finish(absl::OkStatus());
}

void SchemaRegistryService::UpdateCompatibility(
    UnaryPtr<v1::UpdateCompatibilityRequest, v1::CompatibilitySettings> call) {
  const v1::UpdateCompatibilityRequest& request = call->request();
  if (request.clear()) {
    const std::string& subject = request.settings().subject();
    parts_.engine.ClearCompatibility(
        subject, request.settings().comment(), std::move(call->caller()),
        [this, call, subject](auto before) {
          if (before.ok()) {
            FillCompatibility(parts_.engine.schemas().catalog().GetCompatibility(subject),
                              call->response());
          }
          call->Finish(before.status());
        });
    return;
  }
  absl::StatusOr<schema::CompatibilitySettings> settings = ToCompatibility(request.settings());
  if (!call->Ready(settings.status())) return;
  parts_.engine.UpdateCompatibility(*std::move(settings), std::move(call->caller()),
                                    [call](auto now) {
                                      if (now.ok()) FillCompatibility(*now, call->response());
                                      call->Finish(now.status());
                                    });
}

void SchemaRegistryService::GetRegistryMode(
    UnaryPtr<v1::GetRegistryModeRequest, v1::RegistryModeSettings> call) {
  FillMode(parts_.engine.schemas().catalog().GetMode(call->request().subject()), call->response());
  call->Finish(absl::OkStatus());
}

void SchemaRegistryService::UpdateRegistryMode(
    UnaryPtr<v1::UpdateRegistryModeRequest, v1::RegistryModeSettings> call) {
  const v1::UpdateRegistryModeRequest& request = call->request();
  const std::string& subject = request.settings().subject();
  auto finish = [this, call, subject](absl::StatusOr<schema::ModeSettings> outcome) {
    if (outcome.ok()) {
      FillMode(parts_.engine.schemas().catalog().GetMode(subject), call->response());
    }
    call->Finish(outcome.status());
  };
  if (request.clear()) {
    parts_.engine.ClearMode(subject, request.settings().comment(), std::move(call->caller()),
                            std::move(finish));
    return;
  }
  absl::StatusOr<schema::ModeSettings> settings = ToMode(request.settings());
  if (!call->Ready(settings.status())) return;
  parts_.engine.UpdateMode(*std::move(settings), request.force(), std::move(call->caller()),
                           std::move(finish));
}

void SchemaRegistryService::GetValidation(
    UnaryPtr<v1::GetValidationRequest, v1::ValidationSettings> call) {
  FillValidation(parts_.engine.schemas().catalog().GetValidation(call->request().subject()),
                 call->response());
  call->Finish(absl::OkStatus());
}

void SchemaRegistryService::UpdateValidation(
    UnaryPtr<v1::UpdateValidationRequest, v1::ValidationSettings> call) {
  const v1::UpdateValidationRequest& request = call->request();
  auto finish = [call](absl::StatusOr<schema::ValidationSettings> now) {
    if (now.ok()) FillValidation(*now, call->response());
    call->Finish(now.status());
  };
  if (request.clear()) {
    parts_.engine.ClearValidation(request.settings().subject(), request.settings().comment(),
                                  std::move(call->caller()), std::move(finish));
    return;
  }
  absl::StatusOr<schema::ValidationSettings> settings = ToValidation(request.settings());
  if (!call->Ready(settings.status())) return;
  parts_.engine.UpdateValidation(*std::move(settings), std::move(call->caller()),
                                 std::move(finish));
}

void SchemaRegistryService::GetCategorySettings(
    UnaryPtr<v1::GetCategorySettingsRequest, v1::CategorySettings> call) {
  const std::string& category = call->request().category();
  if (!call->Ready(StreamName::Parse(category).status())) return;
  FillSettings(parts_.engine.schemas().catalog().GetCategory(category), call->response());
  call->Finish(absl::OkStatus());
}

void SchemaRegistryService::UpdateCategorySettings(
    UnaryPtr<v1::UpdateCategorySettingsRequest, v1::CategorySettings> call) {
  absl::StatusOr<schema::CategorySettings> settings =
      ToSettings(call->request().category_settings());
  if (!call->Ready(settings.status())) return;
  parts_.engine.UpdateCategory(*std::move(settings), std::move(call->caller()),
                               [call](absl::StatusOr<schema::CategorySettings> now) {
                                 if (now.ok()) FillSettings(*now, call->response());
                                 call->Finish(now.status());
                               });
}

}  // namespace nexus::rpc

#pragma once

// nexus.v1.SchemaRegistryService over the engine.

#include "nexus/v1/schema_registry.pb.h"
#include "rpc/call_context.h"
#include "rpc/transport/method_table.h"
#include "rpc/unary.h"

namespace nexus::rpc {

class SchemaRegistryService {
 public:
  explicit SchemaRegistryService(const ServiceParts& parts) : parts_(parts) {}

  void AddTo(MethodTable& table);

 private:
  void RegisterSchema(UnaryPtr<v1::RegisterSchemaRequest, v1::Schema> call);
  void GetSchema(UnaryPtr<v1::GetSchemaRequest, v1::Schema> call);
  void LookupSchema(UnaryPtr<v1::LookupSchemaRequest, v1::Schema> call);
  void DeleteSchema(UnaryPtr<v1::DeleteSchemaRequest, v1::DeleteSchemaResponse> call);
  void ListSchemas(UnaryPtr<v1::ListSchemasRequest, v1::ListSchemasResponse> call);
  void ValidateData(UnaryPtr<v1::ValidateDataRequest, v1::ValidateDataResponse> call);

  void CheckCompatibility(
      UnaryPtr<v1::CheckCompatibilityRequest, v1::CheckCompatibilityResponse> call);
  void ObserveSchema(ServerCall& call, const grpc::ByteBuffer& bytes);

  // How versions are judged, and what the registry takes.
  void GetCompatibility(UnaryPtr<v1::GetCompatibilityRequest, v1::CompatibilitySettings> call);
  void UpdateCompatibility(
      UnaryPtr<v1::UpdateCompatibilityRequest, v1::CompatibilitySettings> call);
  void GetRegistryMode(UnaryPtr<v1::GetRegistryModeRequest, v1::RegistryModeSettings> call);
  void UpdateRegistryMode(UnaryPtr<v1::UpdateRegistryModeRequest, v1::RegistryModeSettings> call);
  void GetValidation(UnaryPtr<v1::GetValidationRequest, v1::ValidationSettings> call);
  void UpdateValidation(UnaryPtr<v1::UpdateValidationRequest, v1::ValidationSettings> call);
  void GetCategorySettings(UnaryPtr<v1::GetCategorySettingsRequest, v1::CategorySettings> call);
  void UpdateCategorySettings(
      UnaryPtr<v1::UpdateCategorySettingsRequest, v1::CategorySettings> call);

  const ServiceParts parts_;
};

}  // namespace nexus::rpc

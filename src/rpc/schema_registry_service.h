#pragma once

// nexus.v1.SchemaRegistryService over the engine.

#include "nexus/v1/schema_registry.grpc.pb.h"
#include "rpc/call_context.h"

namespace nexus::rpc {

class SchemaRegistryService final : public v1::SchemaRegistryService::CallbackService {
 public:
  explicit SchemaRegistryService(const ServiceParts& parts) : parts_(parts) {}

  grpc::ServerUnaryReactor* RegisterSchema(grpc::CallbackServerContext* context,
                                           const v1::RegisterSchemaRequest* request,
                                           v1::Schema* response) override;
  grpc::ServerUnaryReactor* GetSchema(grpc::CallbackServerContext* context,
                                      const v1::GetSchemaRequest* request,
                                      v1::Schema* response) override;
  grpc::ServerUnaryReactor* LookupSchema(grpc::CallbackServerContext* context,
                                         const v1::LookupSchemaRequest* request,
                                         v1::Schema* response) override;
  grpc::ServerUnaryReactor* DeleteSchema(grpc::CallbackServerContext* context,
                                         const v1::DeleteSchemaRequest* request,
                                         v1::DeleteSchemaResponse* response) override;
  grpc::ServerUnaryReactor* ListSchemas(grpc::CallbackServerContext* context,
                                        const v1::ListSchemasRequest* request,
                                        v1::ListSchemasResponse* response) override;
  grpc::ServerUnaryReactor* ValidateData(grpc::CallbackServerContext* context,
                                         const v1::ValidateDataRequest* request,
                                         v1::ValidateDataResponse* response) override;
  grpc::ServerUnaryReactor* GetCategorySettings(grpc::CallbackServerContext* context,
                                                const v1::GetCategorySettingsRequest* request,
                                                v1::CategorySettings* response) override;
  grpc::ServerUnaryReactor* UpdateCategorySettings(grpc::CallbackServerContext* context,
                                                   const v1::UpdateCategorySettingsRequest* request,
                                                   v1::CategorySettings* response) override;

  grpc::ServerUnaryReactor* CheckCompatibility(grpc::CallbackServerContext* context,
                                               const v1::CheckCompatibilityRequest* request,
                                               v1::CheckCompatibilityResponse* response) override;
  grpc::ServerWriteReactor<v1::ObserveSchemaResponse>* ObserveSchema(
      grpc::CallbackServerContext* context, const v1::ObserveSchemaRequest* request) override;
  grpc::ServerUnaryReactor* GetCompatibility(grpc::CallbackServerContext* context,
                                             const v1::GetCompatibilityRequest* request,
                                             v1::CompatibilitySettings* response) override;
  grpc::ServerUnaryReactor* UpdateCompatibility(grpc::CallbackServerContext* context,
                                                const v1::UpdateCompatibilityRequest* request,
                                                v1::CompatibilitySettings* response) override;
  grpc::ServerUnaryReactor* GetRegistryMode(grpc::CallbackServerContext* context,
                                            const v1::GetRegistryModeRequest* request,
                                            v1::RegistryModeSettings* response) override;
  grpc::ServerUnaryReactor* UpdateRegistryMode(grpc::CallbackServerContext* context,
                                               const v1::UpdateRegistryModeRequest* request,
                                               v1::RegistryModeSettings* response) override;

 private:
  const ServiceParts parts_;
};

}  // namespace nexus::rpc

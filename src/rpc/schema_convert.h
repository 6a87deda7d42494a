#pragma once

// The messages of the schema registry to its values and back.

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nexus/v1/schema_registry.pb.h"
#include "schema/schema_registry.h"

namespace nexus::rpc {

void FillSchema(const schema::SchemaRecord& record, v1::Schema& out);
// The same with the classified fields: compiles an old version that nobody has used yet.
void FillWholeSchema(const schema::SchemaRecord& record, v1::Schema& out);
void FillSettings(const schema::CategorySettings& settings, v1::CategorySettings& out);
void FillMode(const schema::ModeSettings& settings, v1::RegistryModeSettings& out);
void FillValidation(const schema::ValidationSettings& settings, v1::ValidationSettings& out);
void FillCompatibility(const schema::CompatibilitySettings& settings,
                       v1::CompatibilitySettings& out);
void FillViolation(const Violation& violation, v1::SchemaViolation& out);
void FillVerdict(const schema::JudgedSchema& judged, v1::CheckCompatibilityResponse& out);

// MALFORMED_REQUEST names the field with a value that is not one of its enumeration.
absl::StatusOr<schema::RegisterRequest> ToRegistration(const v1::RegisterSchemaRequest& request);
absl::StatusOr<schema::RegisterRequest> ToRegistration(const v1::LookupSchemaRequest& request);
absl::StatusOr<schema::RegisterRequest> ToRegistration(
    const v1::CheckCompatibilityRequest& request);
absl::StatusOr<schema::RegisterRequest> ToRegistration(const v1::ObserveSchemaRequest& request);
absl::StatusOr<schema::CompatibilitySettings> ToCompatibility(
    const v1::CompatibilitySettings& wanted);
absl::StatusOr<schema::ModeSettings> ToMode(const v1::RegistryModeSettings& wanted);
absl::StatusOr<schema::ValidationSettings> ToValidation(const v1::ValidationSettings& wanted);
absl::StatusOr<schema::CategorySettings> ToSettings(const v1::CategorySettings& wanted);

}  // namespace nexus::rpc

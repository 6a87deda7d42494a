// The part of the schema registry's service that runs a candidate over stored events.

#include <utility>

#include "engine/schema_audit.h"
#include "nexus/core/status_macros.h"
#include "rpc/request_bytes.h"
#include "rpc/schema_convert.h"
#include "rpc/schema_registry_service.h"
#include "rpc/walk_reactor.h"

namespace nexus::rpc {
namespace {

void FillObservation(const engine::SchemaAudit& walk, v1::ObserveSchemaResponse& out) {
  const engine::AuditProgress& progress = walk.progress();
  out.set_scanned(progress.scanned);
  out.set_head(progress.head.value);
  out.set_events(progress.events);
  out.set_valid_events(progress.valid);
  out.set_breaking_events(progress.failed);
  out.set_skipped_events(progress.skipped);
  out.set_done(progress.done);
  out.set_complete(progress.complete);
  if (!progress.done) return;
  for (const engine::FailedEvent& event : progress.failures) {
    v1::BreakingEvent& row = *out.add_findings();
    row.set_stream(event.stream);
    row.set_revision(event.revision.value);
    row.set_position(event.position.value);
    row.set_schema_version(event.schema_version);
    for (const Violation& violation : event.violations) {
      FillViolation(violation, *row.add_violations());
    }
  }
}

}  // namespace

void SchemaRegistryService::ObserveSchema(ServerCall& call, const grpc::ByteBuffer& bytes) {
  v1::ObserveSchemaRequest request;
  const absl::Status parsed = ParseRequest(bytes, request);
  auto candidate =
      parsed.ok() ? ToRegistration(request) : absl::StatusOr<schema::RegisterRequest>(parsed);
  engine::AuditOptions options;
  options.limit = request.limit();
  if (request.newest_first()) options.direction = Direction::kBackward;
  auto begin = [&engine = parts_.engine, options, candidate = std::move(candidate)]() mutable
      -> absl::StatusOr<std::unique_ptr<engine::SchemaAudit>> {
    NEXUS_RETURN_IF_ERROR(candidate.status());
    return engine.ObserveSchema(*std::move(candidate), options);
  };
  WalkReactor<engine::SchemaAudit, v1::ObserveSchemaResponse>::Begin(
      call, parts_,
      [&engine = parts_.engine](engine::Caller caller, auto go) {
        engine.questions().AskAboutObservation(std::move(caller), std::move(go));
      },
      std::move(begin), FillObservation);
}

}  // namespace nexus::rpc

// AdminService/VerifyAudit: whether every stored event has a whole stamp.

#include <memory>
#include <utility>

#include "engine/stamp_audit.h"
#include "nexus/core/status_macros.h"
#include "rpc/admin_service.h"
#include "rpc/request_bytes.h"
#include "rpc/walk_reactor.h"

namespace nexus::rpc {
namespace {

void FillAudit(const engine::StampAudit& walk, admin::v1::VerifyAuditResponse& out) {
  const engine::StampProgress& progress = walk.progress();
  out.set_scanned(progress.scanned);
  out.set_head(progress.head.value);
  out.set_events(progress.events);
  out.set_with_principal(progress.with_principal);
  out.set_with_decision(progress.with_decision);
  out.set_with_correlation(progress.with_correlation);
  out.set_caused_by_own_commit(progress.caused_by_own_commit);
  out.set_caused_by_event(progress.caused_by_event);
  out.set_caused_by_commit(progress.caused_by_commit);
  out.set_caused_outside(progress.caused_outside);
  out.set_cause_unknown(progress.cause_unknown);
  out.set_complete(progress.complete);
  out.set_digests_good(progress.digests_good);
  out.set_digests_wrong(progress.digests_wrong);
  out.set_without_digest(progress.without_digest);
  out.set_done(progress.done);
  out.set_proven(progress.proven());
  if (!progress.done) return;
  for (const engine::StampFinding& finding : progress.findings) {
    admin::v1::AuditFinding& row = *out.add_findings();
    row.set_position(finding.position.value);
    row.set_stream(finding.stream);
    row.set_message(finding.message);
  }
}

}  // namespace

void AdminService::VerifyAudit(ServerCall& call, const grpc::ByteBuffer& bytes) {
  admin::v1::VerifyAuditRequest request;
  const absl::Status parsed = ParseRequest(bytes, request);
  engine::StampAuditOptions options;
  options.unknown_is_outside = request.unknown_is_outside();
  auto begin = [&engine = parts_.engine, parsed,
                options]() -> absl::StatusOr<std::unique_ptr<engine::StampAudit>> {
    NEXUS_RETURN_IF_ERROR(parsed);
    return engine.VerifyStamps(options);
  };
  WalkReactor<engine::StampAudit, admin::v1::VerifyAuditResponse>::Begin(
      call, parts_,
      [&engine = parts_.engine](engine::Caller caller, auto go) {
        engine.questions().AskAboutAdmin("verify_audit", std::move(caller), std::move(go));
      },
      begin, FillAudit);
}

}  // namespace nexus::rpc

// AdminService/VerifySchemas: whether every stored event passes the schema that it names.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/schema_audit.h"
#include "rpc/admin_service.h"
#include "rpc/walk_reactor.h"

namespace nexus::rpc {
namespace {

std::string FirstFault(const Violation& violation) {
  const std::string place =
      violation.pointer.empty() ? "" : absl::StrCat("at \"", violation.pointer, "\": ");
  const std::string keyword =
      violation.keyword.empty() ? "" : absl::StrCat(violation.keyword, ": ");
  return absl::StrCat(place, keyword, violation.message);
}

void FillVerification(const engine::SchemaAudit& walk, admin::v1::VerifySchemasResponse& out) {
  const engine::AuditProgress& progress = walk.progress();
  out.set_position(progress.scanned);
  out.set_head(progress.head.value);
  out.set_events(progress.events);
  out.set_events_without_schema(progress.skipped);
  out.set_failures(progress.failed);
  out.set_done(progress.done);
  if (!progress.done) return;
  for (const engine::FailedEvent& event : progress.failures) {
    admin::v1::SchemaFailure& row = *out.add_findings();
    row.set_stream(event.stream);
    row.set_revision(event.revision.value);
    row.set_position(event.position.value);
    row.set_type(event.type);
    row.set_schema_version(event.schema_version);
    row.set_message(FirstFault(event.violations.front()));
  }
}

}  // namespace

void AdminService::VerifySchemas(ServerCall& call) {
  WalkReactor<engine::SchemaAudit, admin::v1::VerifySchemasResponse>::Begin(
      call, parts_,
      [&engine = parts_.engine](engine::Caller caller, auto go) {
        engine.questions().AskAboutAdmin("verify_schemas", std::move(caller), std::move(go));
      },
      [&engine = parts_.engine] { return engine.VerifySchemas({}); }, FillVerification);
}

}  // namespace nexus::rpc

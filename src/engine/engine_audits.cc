// The use cases that judge what is stored already.

#include <memory>
#include <utility>

#include "engine/engine.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::engine {

absl::StatusOr<std::unique_ptr<SchemaAudit>> Engine::ObserveSchema(
    schema::RegisterRequest candidate, AuditOptions options) {
  // Judged as an append under the settings of today would be.
  options.rejects_undeclared =
      parts_.schemas.catalog().UndeclaredFieldsOf(candidate.subject, candidate.format) ==
      UndeclaredFields::kReject;
  NEXUS_ASSIGN_OR_RETURN(const schema::Candidate compiled,
                         parts_.schemas.CompileCandidate(candidate));
  const index::Selection selection{.filter = {{FilterItem{.types = {candidate.subject}}}}};
  return std::make_unique<SchemaAudit>(
      parts_.filtered, Head(), selection,
      CandidateSchema(compiled.compiled, candidate.format, parts_.schemas.catalog()), options);
}

std::unique_ptr<SchemaAudit> Engine::VerifySchemas(const AuditOptions& options) {
  return std::make_unique<SchemaAudit>(parts_.filtered, Head(), index::Selection(),
                                       StoredSchema(parts_.schemas.catalog()), options);
}

std::unique_ptr<StampAudit> Engine::VerifyStamps(const StampAuditOptions& options) {
  return std::make_unique<StampAudit>(parts_.reader, Head(), options);
}

void Engine::FindDecision(std::string decision_id, Done<FoundDecision> done) {
  auto shared = std::make_shared<Done<FoundDecision>>(std::move(done));
  const bool accepted = parts_.workers.TrySubmit([this, shared, id = std::move(decision_id)] {
    (*shared)(engine::FindDecision(parts_.reader, parts_.filtered, parts_.ledger, id));
  });
  if (!accepted) {
    (*shared)(MakeError(ErrorReason::kOverloaded, "too many calls are waiting for a worker"));
  }
}

}  // namespace nexus::engine

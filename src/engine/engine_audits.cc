// The use cases that judge what is stored already.

#include <memory>
#include <utility>

#include "engine/engine.h"
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

}  // namespace nexus::engine

#include "schema/avro/avro_evolver.h"

#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/avro/compiled_avro_schema.h"

namespace nexus::schema {
namespace {

// Then all are forgotten: a pair that is in use is soon made again.
constexpr size_t kResolversMax = 1'024;

}  // namespace

absl::StatusOr<AvroEvolver::Resolver> AvroEvolver::Find(
    const std::shared_ptr<const AvroSchema>& from, const std::shared_ptr<const AvroSchema>& to) {
  const Pair pair(from.get(), to.get());
  {
    absl::MutexLock lock(&mutex_);
    if (const auto at = resolvers_.find(pair); at != resolvers_.end()) return at->second;
  }
  NEXUS_ASSIGN_OR_RETURN(Resolver made, DatumResolver::Make(from, to));
  absl::MutexLock lock(&mutex_);
  if (resolvers_.size() >= kResolversMax) resolvers_.clear();
  resolvers_.emplace(pair, made);
  return made;
}

absl::StatusOr<std::string> AvroEvolver::Evolve(absl::string_view data, const CompiledSchema& from,
                                                const CompiledSchema& to) {
  const auto* old_schema = dynamic_cast<const CompiledAvroSchema*>(&from);
  const auto* new_schema = dynamic_cast<const CompiledAvroSchema*>(&to);
  if (old_schema == nullptr || new_schema == nullptr) {
    return MakeError(ErrorReason::kInternal, "a schema is not one of Avro");
  }
  NEXUS_ASSIGN_OR_RETURN(const Resolver resolver,
                         Find(old_schema->shared_schema(), new_schema->shared_schema()));
  return resolver->Convert(data);
}

}  // namespace nexus::schema

// Data that one Avro schema wrote and another reads, as a schema of their own.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/avro/compiled_avro_schema.h"
#include "schema/avro/datum_resolver.h"

namespace nexus::schema {
namespace {

class ResolvedAvroSchema final : public CompiledSchema {
 public:
  explicit ResolvedAvroSchema(std::unique_ptr<const DatumResolver> resolver)
      : resolver_(std::move(resolver)) {}

  // Converts, and drops the result. Nothing behind the first fault can be read.
  absl::StatusOr<std::vector<Violation>> Validate(absl::string_view data, size_t) const override {
    const absl::Status converted = resolver_->Convert(data).status();
    if (converted.ok()) return std::vector<Violation>();
    ErrorDetails details = DetailsOf(converted);
    if (details.reason != ErrorReason::kSchemaViolation) return converted;
    return std::move(details.violations);
  }

 private:
  const std::unique_ptr<const DatumResolver> resolver_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const CompiledSchema>> CompiledAvroSchema::Reading(
    const CompiledSchema& writer) const {
  const auto* const avro = dynamic_cast<const CompiledAvroSchema*>(&writer);
  if (avro == nullptr) {
    return MakeError(ErrorReason::kInternal, "the schema of the writer is not Avro");
  }
  NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<const DatumResolver> resolver,
                         DatumResolver::Make(avro->shared_schema(), schema_, {}, limits_));
  return std::make_shared<const ResolvedAvroSchema>(std::move(resolver));
}

}  // namespace nexus::schema

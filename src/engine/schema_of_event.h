#pragma once

// The question of an audit: by which schema is a stored event judged?

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "nexus/core/event.h"
#include "nexus/core/schema_format.h"
#include "nexus/port/schema_validator.h"
#include "schema/schema_catalog.h"

namespace nexus::engine {

// Null: by none. An error says why the event cannot pass. Not thread-safe: it remembers.
using SchemaOfEvent =
    absl::AnyInvocable<absl::StatusOr<std::shared_ptr<const CompiledSchema>>(const RecordedEvent&)>;

// The version that the event was stored with, deleted or not; none if without. NOT_FOUND if it is
// not there. `catalog` must outlive the result.
SchemaOfEvent StoredSchema(const schema::SchemaCatalog& catalog);

// `candidate`, for events with data of its format. Where data are read by two schemas, the event's
// own is the writer's; none if it has none. `catalog` must outlive the result.
SchemaOfEvent CandidateSchema(std::shared_ptr<const CompiledSchema> candidate, SchemaFormat format,
                              const schema::SchemaCatalog& catalog);

}  // namespace nexus::engine

#pragma once

// Takes the frames of Confluent's serializers off the events of a commit, before anything looks at
// their data. docs/reference/framed-payloads.md says how an event asks for it; nothing is guessed,
// for raw Avro can look framed.

#include "absl/status/status.h"
#include "nexus/core/commit.h"
#include "schema/schema_catalog.h"

namespace nexus::engine {

// The key of the metadata that names the schema where the data has no frame, as in Confluent's
// headers.
inline constexpr char kSchemaIdKey[] = "__value_schema_id";

// Every framed event becomes what is stored of it: the bare data and content type, the schema
// version that the frame names. Those that are not framed stay as they are. Goes through all events
// even if one is wrong, so that a commit that is stored already can be told by its content; the
// first error is returned: MALFORMED_FRAME, MALFORMED_REQUEST, SCHEMA_NOT_REGISTERED.
absl::Status TakeFrames(const schema::SchemaCatalog& catalog, Commit& commit);

}  // namespace nexus::engine

#pragma once

// A registered version as JSON, and compiled here with all that it refers to.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/local_schema.h"
#include "cli/schema_diff.h"
#include "nexus/client/client.h"
#include "nexus/client/schema.h"

namespace nexus::cli {

std::string SchemaJson(const client::Schema& schema, bool with_definition);

// Every version of `subject` that the registry lists, deleted ones too, oldest first; NOT_FOUND if
// there is none.
absl::StatusOr<std::vector<client::Schema>> VersionsOf(client::Client& client,
                                                       const std::string& subject);

// Asks `client` for the schemas that `schema` refers to, directly or through others; at most 200,
// LIMIT_EXCEEDED beyond. SCHEMA_INVALID if it does not compile.
absl::StatusOr<std::shared_ptr<const CompiledSchema>> CompileRegistered(
    client::Client& client, const LocalLanguage& language, const client::Schema& schema);

// As DiffSchemas() of two registered versions. MALFORMED_REQUEST if they differ in their format.
absl::StatusOr<SchemaDiff> DiffRegistered(client::Client& client, const client::Schema& before,
                                          const client::Schema& after,
                                          const CompatibilityRules& rules);

}  // namespace nexus::cli

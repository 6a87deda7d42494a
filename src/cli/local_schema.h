#pragma once

// Schemas from files, compiled and compared here, by the code that the server runs.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "nexus/core/schema_format.h"
#include "nexus/port/schema_comparer.h"
#include "nexus/port/schema_source.h"
#include "nexus/port/schema_validator.h"

namespace nexus::cli {

struct LocalLanguage {
  std::unique_ptr<SchemaValidator> validator;
  std::unique_ptr<SchemaComparer> comparer;
};

LocalLanguage LanguageOf(SchemaFormat format);

// What `--reference NAME=FILE` names, in the order of the command line. A usage error for a text
// without a name or a file and for a name given twice; else as ReadFile().
absl::StatusOr<std::vector<SchemaReference>> ReadFileReferences(
    const std::vector<std::string>& texts);

// As SchemaValidator::Compile(); the message of an error begins with `name`.
absl::StatusOr<std::shared_ptr<const CompiledSchema>> CompileNamed(
    const LocalLanguage& language, absl::string_view name, absl::string_view definition,
    absl::Span<const SchemaReference> references);

}  // namespace nexus::cli

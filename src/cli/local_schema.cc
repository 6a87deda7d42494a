#include "cli/local_schema.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/avro/avro_schema_validator.h"
#include "schema/avro/compat/avro_comparer.h"
#include "schema/json/compat/json_schema_comparer.h"
#include "schema/json/json_schema_validator.h"
#include "schema/protobuf/compat/protobuf_comparer.h"
#include "schema/protobuf/protobuf_validator.h"

namespace nexus::cli {

LocalLanguage LanguageOf(SchemaFormat format) {
  switch (format) {
    case SchemaFormat::kAvro:
      return {std::make_unique<schema::AvroSchemaValidator>(),
              std::make_unique<schema::AvroComparer>()};
    case SchemaFormat::kProtobuf:
      return {std::make_unique<schema::ProtobufValidator>(),
              std::make_unique<schema::ProtobufComparer>()};
    case SchemaFormat::kJsonSchema:
      break;
  }
  return {std::make_unique<schema::JsonSchemaValidator>(),
          std::make_unique<schema::JsonSchemaComparer>()};
}

absl::StatusOr<std::vector<SchemaReference>> ReadFileReferences(
    const std::vector<std::string>& texts) {
  std::vector<SchemaReference> references;
  for (const std::string& text : texts) {
    // The name may be a URI with equals signs of its own.
    const size_t equals = text.rfind('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
      return UsageError(absl::StrCat("--reference is NAME=FILE here, not \"", text, "\""));
    }
    SchemaReference reference;
    reference.name = text.substr(0, equals);
    const bool is_known = std::any_of(references.begin(), references.end(), [&](const auto& other) {
      return other.name == reference.name;
    });
    if (is_known) {
      return UsageError(absl::StrCat("--reference names \"", reference.name, "\" twice"));
    }
    NEXUS_ASSIGN_OR_RETURN(reference.definition, ReadFile(text.substr(equals + 1)));
    references.push_back(std::move(reference));
  }
  return references;
}

absl::StatusOr<std::shared_ptr<const CompiledSchema>> CompileNamed(
    const LocalLanguage& language, absl::string_view name, absl::string_view definition,
    absl::Span<const SchemaReference> references) {
  auto compiled = language.validator->Compile(SchemaSource(definition, references));
  if (compiled.ok()) return compiled;
  return MakeError(absl::StrCat(name, ": ", compiled.status().message()),
                   DetailsOf(compiled.status()));
}

}  // namespace nexus::cli

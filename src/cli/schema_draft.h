#pragma once

// The options that say what language a schema is in and what it refers to.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nexus/client/schema.h"
#include "nexus/core/schema_format.h"

namespace nexus::cli {

struct DefinitionOptions {
  std::string format;                   // empty: by the name of the file
  std::vector<std::string> references;  // NAME=SUBJECT or NAME=SUBJECT:VERSION; or NAME=FILE
};

void AddDefinitionOptions(CLI::App* command, DefinitionOptions& options);
// The same where no server is asked: references are files.
void AddFileDefinitionOptions(CLI::App* command, DefinitionOptions& options);

// As --format says, else by the end of the file's name: .avsc is Avro, .proto is Protobuf, all else
// JSON Schema. A usage error for another word.
absl::StatusOr<SchemaFormat> FormatOf(const DefinitionOptions& options, const std::string& file);

// `definition` came from `file`. A usage error names a reference that cannot be read.
absl::StatusOr<client::SchemaDraft> DraftOf(const DefinitionOptions& options,
                                            const std::string& subject, const std::string& file,
                                            std::string definition);

}  // namespace nexus::cli

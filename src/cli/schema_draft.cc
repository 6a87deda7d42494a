#include "cli/schema_draft.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

absl::StatusOr<client::SchemaReference> ReferenceOf(const std::string& text) {
  // The name may hold colons and equals signs of its own (a URI), the subject holds neither.
  const size_t equals = text.rfind('=');
  client::SchemaReference reference;
  if (equals != std::string::npos && equals > 0) {
    reference.name = text.substr(0, equals);
    reference.subject = text.substr(equals + 1);
    const size_t colon = reference.subject.rfind(':');
    if (colon != std::string::npos &&
        absl::SimpleAtoi(reference.subject.substr(colon + 1), &reference.version)) {
      reference.subject.resize(colon);
    }
  }
  if (!reference.subject.empty()) return reference;
  return UsageError(
      absl::StrCat("--reference is NAME=SUBJECT or NAME=SUBJECT:VERSION, not \"", text, "\""));
}

}  // namespace

void AddDefinitionOptions(CLI::App* command, DefinitionOptions& options) {
  command->add_option("--format", options.format, "json, avro or protobuf; default by the file")
      ->type_name("FORMAT");
  command
      ->add_option("--reference", options.references,
                   "Another subject that it uses, as NAME=SUBJECT[:VERSION]")
      ->type_name("REFERENCE");
}

void AddFileDefinitionOptions(CLI::App* command, DefinitionOptions& options) {
  command
      ->add_option("--format", options.format,
                   "json, avro or protobuf; default by the file of the schema")
      ->type_name("FORMAT");
  command
      ->add_option("--reference", options.references,
                   "A file that the schema uses, as NAME=FILE; one that others use comes first")
      ->type_name("REFERENCE");
}

absl::StatusOr<SchemaFormat> FormatOf(const DefinitionOptions& options, const std::string& file) {
  if (options.format == "avro") return SchemaFormat::kAvro;
  if (options.format == "protobuf") return SchemaFormat::kProtobuf;
  if (options.format == "json") return SchemaFormat::kJsonSchema;
  if (!options.format.empty()) {
    return UsageError(
        absl::StrCat("--format is json, avro or protobuf, not \"", options.format, "\""));
  }
  if (absl::EndsWith(file, ".avsc")) return SchemaFormat::kAvro;
  if (absl::EndsWith(file, ".proto")) return SchemaFormat::kProtobuf;
  return SchemaFormat::kJsonSchema;
}

absl::StatusOr<client::SchemaDraft> DraftOf(const DefinitionOptions& options,
                                            const std::string& subject, const std::string& file,
                                            std::string definition) {
  client::SchemaDraft draft;
  draft.subject = subject;
  draft.definition = std::move(definition);
  NEXUS_ASSIGN_OR_RETURN(draft.format, FormatOf(options, file));
  for (const std::string& text : options.references) {
    NEXUS_ASSIGN_OR_RETURN(client::SchemaReference reference, ReferenceOf(text));
    draft.references.push_back(std::move(reference));
  }
  return draft;
}

}  // namespace nexus::cli

#pragma once

// What ProtobufValidator::Compile() gives: a schema that can also turn its events into JSON, name
// its messages and print itself. Immutable and thread-safe; shows no type of libprotobuf.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "nexus/port/schema_validator.h"
#include "schema/protobuf/protobuf_options.h"

namespace google::protobuf {
class Descriptor;
class FileDescriptor;
}  // namespace google::protobuf

namespace nexus::schema {

class WirePlan;
struct SchemaFiles;

// Which message of a file: the index of a top-level message, then of one inside it, and so on.
// Entries of maps do not count. Empty: the first.
using MessageIndexes = absl::Span<const int32_t>;

enum class JsonNames {
  kLowerCamel,  // as the JSON mapping of Protobuf has it, and `json_name`
  kOriginal,    // as the definition writes them
};

class CompiledProtobufSchema : public CompiledSchema {
 public:
  CompiledProtobufSchema(std::unique_ptr<const SchemaFiles> files, const ProtobufOptions& options,
                         ClassifiedFields classified);
  ~CompiledProtobufSchema() override;

  // `data` is a message of the first type in the file, without a frame. Never an error: bytes that
  // are no message are a violation.
  absl::StatusOr<std::vector<Violation>> Validate(absl::string_view data,
                                                  size_t violations_max) const override;
  absl::StatusOr<DataFindings> Inspect(absl::string_view data, size_t violations_max,
                                       size_t undeclared_max) const override;
  // Validate() for another type of the file; one that is not there is a violation.
  std::vector<Violation> ValidateMessage(MessageIndexes indexes, absl::string_view data,
                                         size_t violations_max) const;

  // Valid data in Protobuf's JSON mapping; SCHEMA_VIOLATION for data that is not valid, or that has
  // no form in JSON: a google.protobuf.Any of a type that the schema does not know, a Timestamp or
  // Duration that is out of range. LIMIT_EXCEEDED if the text grows beyond its limit. By itself the
  // names are the original ones, as in the pointers of violations.
  absl::StatusOr<std::string> ToJson(absl::string_view data) const override;
  absl::StatusOr<std::string> ToJson(absl::string_view data, JsonNames names) const;
  absl::StatusOr<std::string> ToJson(MessageIndexes indexes, absl::string_view data,
                                     JsonNames names) const;

  // A message of the first type without the fields that the schema does not declare.
  // SCHEMA_VIOLATION if the bytes cannot be read as one.
  absl::StatusOr<std::string> WithoutUnknownFields(absl::string_view data) const;

  const ClassifiedFields& Classified() const override { return classified_; }

  // Full name of a message; empty if there is none.
  std::string MessageName(MessageIndexes indexes) const;

  // The file in both forms that Confluent's registry hands out: base64 of its FileDescriptorProto
  // (`?format=serialized`), and .proto text.
  std::string Serialized() const;
  std::string Text() const;
  // Both by name: "serialized", "text".
  std::string Rendered(absl::string_view form) const override;
  // As ProtobufValidator::Canonical(), with the names of imported types written in full.
  std::string Canonical() const;

  const google::protobuf::FileDescriptor& file() const;

 private:
  const google::protobuf::Descriptor* Message(MessageIndexes indexes) const;
  DataFindings Check(MessageIndexes indexes, absl::string_view data, size_t violations_max,
                     size_t undeclared_max) const;

  const std::unique_ptr<const SchemaFiles> files_;
  const ProtobufOptions options_;
  const std::unique_ptr<const WirePlan> plan_;
  const ClassifiedFields classified_;
};

}  // namespace nexus::schema

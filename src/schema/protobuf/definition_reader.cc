#include "schema/protobuf/definition_reader.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/text.h"
#include "schema/protobuf/descriptor_size.h"
#include "schema/protobuf/proto_errors.h"
#include "schema/protobuf/proto_text.h"
#include "schema/protobuf/wire_check.h"
#include "schema/protobuf/wire_plan.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;
using Files = std::vector<std::unique_ptr<DefinitionFile>>;

constexpr absl::string_view kDefaultSyntax = "syntax = \"proto2\"; ";

class ParserErrors : public pb::io::ErrorCollector {
 public:
  ParserErrors(ProtoErrors& errors, int first_line_shift)
      : errors_(errors), first_line_shift_(first_line_shift) {}

  void AddError(int line, int column, const std::string& message) override {
    errors_.Add(line, line == 0 ? std::max(0, column - first_line_shift_) : column, message);
  }

 private:
  ProtoErrors& errors_;
  const int first_line_shift_;
};

absl::StatusOr<Files> ReadText(absl::string_view text, absl::string_view name,
                               const ProtobufOptions& options) {
  ProtoErrors errors(name, options.errors_max);
  const ProtoTextOutline outline = OutlineOf(text);
  if (outline.nesting > options.nesting_max) {
    errors.Add(outline.deepest_line, 0,
               absl::StrCat("it nests deeper than ", options.nesting_max, " brackets"));
    return errors.ToStatus();
  }
  auto file = std::make_unique<DefinitionFile>();
  std::string whole;
  if (!outline.begins_with_syntax) {
    whole = std::string(kDefaultSyntax);
    file->first_line_shift = static_cast<int>(kDefaultSyntax.size());
  }
  absl::StrAppend(&whole, text);
  pb::io::ArrayInputStream stream(whole.data(), static_cast<int>(whole.size()));
  ParserErrors parser_errors(errors, file->first_line_shift);
  pb::io::Tokenizer tokenizer(&stream, &parser_errors);
  pb::compiler::Parser parser;
  parser.RecordErrorsTo(&parser_errors);
  parser.RecordSourceLocationsTo(&file->locations);
  const bool parsed = parser.Parse(&tokenizer, &file->proto);
  if (!errors.empty()) return errors.ToStatus();
  if (!parsed) return ProtoInvalid(name, "it is not .proto text");
  file->proto.clear_source_code_info();
  Files files;
  files.push_back(std::move(file));
  return files;
}

// A text that can be parsed has a character that base64 has not.
bool LooksLikeBase64(absl::string_view definition) {
  return std::all_of(definition.begin(), definition.end(), [](char c) {
    return absl::ascii_isalnum(c) || absl::ascii_isspace(c) || c == '+' || c == '/' || c == '=';
  });
}

// What libprotobuf's own parser would only log, or not mind: bad UTF-8 and endless nesting.
absl::Status CheckBytes(const pb::Descriptor& type, absl::string_view bytes, absl::string_view name,
                        const ProtobufOptions& options) {
  const WirePlan plan({&type});
  // A level of a descriptor is a level of a message, and options have some of their own.
  const WireLimits limits{options.nesting_max + 8, 0};
  const std::vector<Violation> violations =
      WireCheck(*plan.Find(type), limits, options.errors_max).Run(bytes);
  if (violations.empty()) return absl::OkStatus();
  ProtoErrors errors(name, options.errors_max);
  for (const Violation& violation : violations) {
    errors.AddAt(violation.pointer,
                 absl::StrCat("its bytes are not a ", type.name(), ": ", violation.message));
  }
  return errors.ToStatus();
}

bool IsSet(const pb::FileDescriptorSet& set) {
  return set.file_size() > 0 && set.unknown_fields().empty() &&
         std::all_of(set.file().begin(), set.file().end(), [](const auto& file) {
           return file.has_name() && file.unknown_fields().empty();
         });
}

absl::StatusOr<Files> ReadSerialized(const std::string& bytes, absl::string_view name,
                                     const ProtobufOptions& options) {
  Files files;
  pb::FileDescriptorSet set;
  // A set has messages where a file has its name; hardly any name reads as a message.
  if (CheckBytes(*pb::FileDescriptorSet::descriptor(), bytes, name, options).ok() &&
      set.ParseFromString(bytes) && IsSet(set)) {
    for (pb::FileDescriptorProto& proto : *set.mutable_file()) {
      files.push_back(std::make_unique<DefinitionFile>());
      files.back()->proto.Swap(&proto);
    }
  } else {
    NEXUS_RETURN_IF_ERROR(CheckBytes(*pb::FileDescriptorProto::descriptor(), bytes, name, options));
    files.push_back(std::make_unique<DefinitionFile>());
    if (!files.back()->proto.ParseFromString(bytes)) {
      return ProtoInvalid(name, "its bytes are not a FileDescriptorProto");
    }
  }
  for (const auto& file : files) {
    if (!file->proto.unknown_fields().empty()) {
      return ProtoInvalid(name, "its FileDescriptorProto has a field that is not known");
    }
    // Its text would be parsed as deep as it nests.
    if (HasUninterpretedOption(file->proto)) {
      return ProtoInvalid(name, "its FileDescriptorProto has an option that is still text");
    }
    file->proto.clear_source_code_info();
  }
  return files;
}

}  // namespace

absl::StatusOr<Files> ReadDefinition(absl::string_view definition, absl::string_view name,
                                     const ProtobufOptions& options) {
  if (definition.size() > options.definition_bytes_max) {
    return ProtoInvalid(name, absl::StrCat("it has ", definition.size(), " bytes, more than ",
                                           options.definition_bytes_max));
  }
  if (absl::StripAsciiWhitespace(definition).empty()) {
    return ProtoInvalid(name, "it is empty");
  }
  if (LooksLikeBase64(definition)) {
    std::string bytes;
    if (!absl::Base64Unescape(definition, &bytes)) {
      return ProtoInvalid(name, "it is neither .proto text nor base64");
    }
    return ReadSerialized(bytes, name, options);
  }
  if (definition.find('\0') != absl::string_view::npos) {
    return ProtoInvalid(name, "it holds a zero byte");
  }
  if (const auto at = FindInvalidUtf8(definition)) {
    return ProtoInvalid(name, absl::StrCat("byte ", *at, ": it is not valid UTF-8"));
  }
  return ReadText(definition, name, options);
}

}  // namespace nexus::schema

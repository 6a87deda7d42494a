#include "schema/protobuf/option_text.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;
using OptionField = pb::FieldDescriptor;

// Options that have a name of their own are numbers, words and texts.
std::string ValueText(const pb::Message& options, const OptionField& field) {
  const pb::Reflection& reflection = *options.GetReflection();
  switch (field.cpp_type()) {
    case OptionField::CPPTYPE_BOOL:
      return reflection.GetBool(options, &field) ? "true" : "false";
    case OptionField::CPPTYPE_ENUM:
      return reflection.GetEnum(options, &field)->name();
    case OptionField::CPPTYPE_STRING:
      return QuotedProtoText(reflection.GetString(options, &field));
    case OptionField::CPPTYPE_INT32:
      return absl::StrCat(reflection.GetInt32(options, &field));
    case OptionField::CPPTYPE_INT64:
      return absl::StrCat(reflection.GetInt64(options, &field));
    case OptionField::CPPTYPE_UINT32:
      return absl::StrCat(reflection.GetUInt32(options, &field));
    case OptionField::CPPTYPE_UINT64:
      return absl::StrCat(reflection.GetUInt64(options, &field));
    default:
      return "";
  }
}

std::string UninterpretedText(const pb::UninterpretedOption& option) {
  std::string text;
  for (const auto& part : option.name()) {
    absl::StrAppend(&text, text.empty() ? "" : ".", part.is_extension() ? "(" : "",
                    part.name_part(), part.is_extension() ? ")" : "");
  }
  absl::StrAppend(&text, " = ");
  if (option.has_identifier_value()) return text + option.identifier_value();
  if (option.has_positive_int_value()) return absl::StrCat(text, option.positive_int_value());
  if (option.has_negative_int_value()) return absl::StrCat(text, option.negative_int_value());
  if (option.has_string_value()) return text + QuotedProtoText(option.string_value());
  if (option.has_aggregate_value()) return absl::StrCat(text, "{ ", option.aggregate_value(), " }");
  return absl::StrFormat("%s%.17g", text, option.double_value());
}

// Unknown fields as the bytes that they are written in.
void AddUnknown(const pb::UnknownFieldSet& fields, std::vector<std::string>& texts) {
  for (int i = 0; i < fields.field_count(); ++i) {
    pb::UnknownFieldSet one;
    one.AddField(fields.field(i));
    std::string bytes;
    one.SerializeToString(&bytes);
    texts.push_back(absl::StrCat(fields.field(i).number(), " = ", QuotedProtoText(bytes)));
  }
}

}  // namespace

std::string QuotedProtoText(absl::string_view text) {
  return absl::StrCat("\"", absl::CEscape(text), "\"");
}

OptionTexts TextsOf(const pb::Message& options) {
  OptionTexts texts;
  const pb::Reflection& reflection = *options.GetReflection();
  std::vector<const OptionField*> fields;
  reflection.ListFields(options, &fields);
  std::vector<std::string> uninterpreted;
  for (const OptionField* field : fields) {
    if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(options, field); ++i) {
        if (field->message_type() != pb::UninterpretedOption::descriptor()) continue;
        pb::UninterpretedOption option;
        option.CopyFrom(reflection.GetRepeatedMessage(options, field, i));
        uninterpreted.push_back(UninterpretedText(option));
      }
    } else if (field->name() != "map_entry") {
      texts.explained.push_back(absl::StrCat(field->name(), " = ", ValueText(options, *field)));
    }
  }
  std::sort(uninterpreted.begin(), uninterpreted.end());
  texts.explained.insert(texts.explained.end(), uninterpreted.begin(), uninterpreted.end());
  AddUnknown(reflection.GetUnknownFields(options), texts.unexplained);
  return texts;
}

}  // namespace nexus::schema

#include "schema/protobuf/compat/declaration_rules.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "schema/protobuf/compat/element_text.h"
#include "schema/protobuf/compat/enum_rules.h"
#include "schema/protobuf/compat/protobuf_findings.h"
#include "schema/protobuf/compat/type_pairs.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;

std::string OneofName(const pb::FieldDescriptor& field) {
  const pb::OneofDescriptor* oneof = field.real_containing_oneof();
  return oneof == nullptr ? "" : oneof->name();
}

// What a reader gets where the field is not set, as text.
std::string DefaultText(const pb::FieldDescriptor& field) {
  using Field = pb::FieldDescriptor;
  switch (field.cpp_type()) {
    case Field::CPPTYPE_BOOL:
      return field.default_value_bool() ? "true" : "false";
    case Field::CPPTYPE_INT32:
      return absl::StrCat(field.default_value_int32());
    case Field::CPPTYPE_INT64:
      return absl::StrCat(field.default_value_int64());
    case Field::CPPTYPE_UINT32:
      return absl::StrCat(field.default_value_uint32());
    case Field::CPPTYPE_UINT64:
      return absl::StrCat(field.default_value_uint64());
    case Field::CPPTYPE_FLOAT:
      return absl::StrCat(field.default_value_float());
    case Field::CPPTYPE_DOUBLE:
      return absl::StrCat(field.default_value_double());
    case Field::CPPTYPE_STRING:
      return field.default_value_string();
    case Field::CPPTYPE_ENUM:
      return field.default_value_enum()->name();
    case Field::CPPTYPE_MESSAGE:
      return "";
  }
  return "";
}

class DeclarationCheck {
 public:
  DeclarationCheck(const pb::FileDescriptor& latest, const pb::FileDescriptor& to,
                   const DeclarationQuestion& question)
      : latest_(latest), to_(to), question_(question), paths_(to.package()) {}

  std::vector<CompatibilityFinding> Run();

 private:
  void CheckMessage(const pb::Descriptor& from, const pb::Descriptor& to);
  void CheckGone(const pb::FieldDescriptor& field, const pb::Descriptor& to);
  void CheckNew(const pb::FieldDescriptor& field, const std::string& path);
  void CheckKept(const pb::FieldDescriptor& from, const pb::FieldDescriptor& to,
                 const std::string& path);
  void CheckMeaning(const pb::FieldDescriptor& from, const pb::FieldDescriptor& to,
                    const std::string& path);

  const pb::FileDescriptor& latest_;
  const pb::FileDescriptor& to_;
  const DeclarationQuestion& question_;
  const ElementPaths paths_;
  ProtobufFindings findings_;
};

std::vector<CompatibilityFinding> DeclarationCheck::Run() {
  // Another package is told by the reader's rules; nothing has its name any more.
  if (latest_.package() != to_.package()) return {};
  if (latest_.syntax() != to_.syntax()) {
    const std::string before = pb::FileDescriptor::SyntaxName(latest_.syntax());
    const std::string after = pb::FileDescriptor::SyntaxName(to_.syntax());
    findings_.Add("SYNTAX_CHANGED", "", before, after,
                  absl::StrCat("the syntax was ", before, " and is ", after));
  }
  const TypePairs pairs = PairTypes(latest_, to_);
  for (const auto& [before, after] : pairs.messages) CheckMessage(*before, *after);
  for (const auto& [before, after] : pairs.enums) {
    CheckEnumValues(*before, *after, question_.forward, paths_, findings_);
  }
  for (const pb::Descriptor* type : pairs.removed_messages) {
    findings_.Add("MESSAGE_REMOVED", paths_.OfType(*type), type->name(), "",
                  absl::StrCat("the message ", type->full_name(), " is gone"));
  }
  for (const pb::EnumDescriptor* type : pairs.removed_enums) {
    findings_.Add("ENUM_REMOVED", paths_.OfType(*type), type->name(), "",
                  absl::StrCat("the enum ", type->full_name(), " is gone"));
  }
  return findings_.Take();
}

void DeclarationCheck::CheckMessage(const pb::Descriptor& from, const pb::Descriptor& to) {
  const FieldsByNumber before = FieldsOf(from);
  const FieldsByNumber after = FieldsOf(to);
  for (const auto& [number, field] : before) {
    const auto found = after.find(number);
    if (found == after.end()) {
      CheckGone(*field, to);
    } else {
      CheckKept(*field, *found->second, paths_.Of(to, number));
    }
  }
  for (const auto& [number, field] : after) {
    if (!before.contains(number)) CheckNew(*field, paths_.Of(to, number));
  }
}

void DeclarationCheck::CheckGone(const pb::FieldDescriptor& field, const pb::Descriptor& to) {
  const std::string path = paths_.Of(to, field.number());
  if (!question_.flags.allow_field_removal) {
    findings_.Add("FIELD_REMOVED", path, FieldText(field), "",
                  absl::StrCat("the field ", field.name(), " is gone"));
    return;
  }
  // The number of an extension belongs to a range that its message has given away.
  if (field.is_extension()) return;
  if (!to.IsReservedNumber(field.number())) {
    findings_.Add("FIELD_NUMBER_NOT_RESERVED", path, absl::StrCat(field.number()), "",
                  absl::StrCat("the field ", field.name(), " is gone, and its number ",
                               field.number(), " is not reserved"));
  }
  if (!to.IsReservedName(field.name())) {
    findings_.Add(
        "FIELD_NAME_NOT_RESERVED", path, field.name(), "",
        absl::StrCat("the field ", field.name(), " is gone, and its name is not ", "reserved"));
  }
}

void DeclarationCheck::CheckNew(const pb::FieldDescriptor& field, const std::string& path) {
  if (!question_.flags.allow_new_fields) {
    findings_.Add("NEW_FIELD_NOT_ALLOWED", path, "", FieldText(field),
                  absl::StrCat("the field ", field.name(), " is new"));
  } else if (question_.flags.require_defaults && field.is_required()) {
    findings_.Add("NEW_FIELD_WITHOUT_DEFAULT", path, "", FieldText(field),
                  absl::StrCat("the new field ", field.name(), " is required: it has no default"));
  }
}

void DeclarationCheck::CheckKept(const pb::FieldDescriptor& from, const pb::FieldDescriptor& to,
                                 const std::string& path) {
  const std::string old_type = TypeText(from);
  const std::string new_type = TypeText(to);
  if (old_type != new_type && !question_.flags.allow_type_changes) {
    findings_.Add("TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE", path, old_type, new_type,
                  absl::StrCat("the field ", to.name(), " was ", old_type, " and is ", new_type));
  }
  if (from.name() != to.name()) {
    findings_.Add(
        "FIELD_RENAMED", path, from.name(), to.name(),
        absl::StrCat("the field ", from.number(), " was ", from.name(), " and is ", to.name()));
  } else if (from.json_name() != to.json_name()) {
    findings_.Add("FIELD_JSON_NAME_CHANGED", path, from.json_name(), to.json_name(),
                  absl::StrCat("the field ", to.name(), " was \"", from.json_name(),
                               "\" in JSON and is \"", to.json_name(), "\""));
  }
  CheckMeaning(from, to, path);
}

// Which values there can be, beside which others, and what it means that there is none.
void DeclarationCheck::CheckMeaning(const pb::FieldDescriptor& from, const pb::FieldDescriptor& to,
                                    const std::string& path) {
  const std::string before = CardinalityText(from);
  const std::string after = CardinalityText(to);
  if (OneofName(from) != OneofName(to)) {
    findings_.Add("FIELD_ONEOF_CHANGED", path, OneofName(from), OneofName(to),
                  absl::StrCat("the field ", to.name(), " belongs to another oneof, or to none"));
  } else if (after == "required" && before != after) {
    findings_.Add("REQUIRED_FIELD_ADDED", path, before, after,
                  absl::StrCat("the field ", to.name(), " is required and was not"));
  } else if (before != after && !(before == "required" && after != "repeated")) {
    // That a field need not be there any more is the business of the reader's rules.
    findings_.Add("FIELD_CARDINALITY_CHANGED", path, before, after,
                  absl::StrCat("the field ", to.name(), " was ", before, " and is ", after));
  }
  const bool same_type = TypeText(from) == TypeText(to);
  if (same_type && !from.is_repeated() && DefaultText(from) != DefaultText(to)) {
    findings_.Add("FIELD_DEFAULT_CHANGED", path, DefaultText(from), DefaultText(to),
                  absl::StrCat("the default of ", to.name(), " was \"", DefaultText(from),
                               "\" and is \"", DefaultText(to), "\""));
  }
}

// A field that is new, against the one that an earlier version had by its number or its name.
void CheckReturn(const pb::FieldDescriptor& before, const pb::FieldDescriptor& field,
                 const std::string& path, ProtobufFindings& findings) {
  const char* rule = nullptr;
  std::string what;
  if (TypeText(before) != TypeText(field)) {
    rule = "FIELD_RETURNED_WITH_OTHER_TYPE";
    what = "type";
  } else if (before.name() != field.name()) {
    rule = "FIELD_RETURNED_WITH_OTHER_NAME";
    what = "name";
  } else if (before.number() != field.number()) {
    rule = "FIELD_RETURNED_WITH_OTHER_NUMBER";
    what = "number";
  } else {
    return;
  }
  findings.Add(rule, path, absl::StrCat(FieldText(before), " = ", before.number()),
               absl::StrCat(FieldText(field), " = ", field.number()),
               absl::StrCat("the field ", field.name(), " comes back with another ", what));
}

void CheckReturnsOf(const pb::Descriptor& earlier, const pb::Descriptor* latest,
                    const pb::Descriptor& to, const ElementPaths& paths,
                    ProtobufFindings& findings) {
  const FieldsByNumber before = FieldsOf(earlier);
  const FieldsByNumber known = latest == nullptr ? FieldsByNumber() : FieldsOf(*latest);
  for (const auto& [number, field] : FieldsOf(to)) {
    if (known.contains(number)) continue;
    const auto by_number = before.find(number);
    if (by_number != before.end()) {
      CheckReturn(*by_number->second, *field, paths.Of(to, number), findings);
      continue;
    }
    const pb::FieldDescriptor* by_name = earlier.FindFieldByName(field->name());
    const bool gone = by_name != nullptr && !known.contains(by_name->number());
    if (gone) CheckReturn(*by_name, *field, paths.Of(to, number), findings);
  }
}

}  // namespace

std::vector<CompatibilityFinding> CheckDeclarations(const pb::FileDescriptor& latest,
                                                    const pb::FileDescriptor& to,
                                                    const DeclarationQuestion& question) {
  return DeclarationCheck(latest, to, question).Run();
}

std::vector<CompatibilityFinding> CheckReturns(const pb::FileDescriptor& earlier,
                                               const pb::FileDescriptor& latest,
                                               const pb::FileDescriptor& to) {
  ProtobufFindings findings;
  const ElementPaths paths(to.package());
  const TypePairs pairs = PairTypes(earlier, to);
  for (const auto& [before, after] : pairs.messages) {
    CheckReturnsOf(*before, latest.pool()->FindMessageTypeByName(after->full_name()), *after, paths,
                   findings);
  }
  for (const auto& [before, after] : pairs.enums) {
    CheckReturnedValues(*before, latest.pool()->FindEnumTypeByName(after->full_name()), *after,
                        paths, findings);
  }
  return findings.Take();
}

}  // namespace nexus::schema

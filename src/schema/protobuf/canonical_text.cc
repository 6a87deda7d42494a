#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "schema/protobuf/canonical_form.h"
#include "schema/protobuf/option_text.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;
using FieldProto = pb::FieldDescriptorProto;

// After the last dot.
absl::string_view LastName(absl::string_view name) {
  const size_t dot = name.rfind('.');
  return dot == absl::string_view::npos ? name : name.substr(dot + 1);
}

class FilePrinter {
 public:
  explicit FilePrinter(const pb::FileDescriptorProto& file)
      : file_(file), proto3_(file.syntax() == "proto3") {}

  std::string Print();

 private:
  void Line(absl::string_view text) {
    absl::StrAppend(&text_, std::string(2 * indent_, ' '), text, "\n");
  }
  void Open(absl::string_view head) {
    Line(absl::StrCat(head, " {"));
    ++indent_;
  }
  void Close() {
    --indent_;
    Line("}");
  }
  void PrintImports();
  void PrintOptions(const pb::Message& options);
  void PrintMessage(const pb::DescriptorProto& type);
  void PrintBody(const pb::DescriptorProto& type);
  void PrintFields(const pb::DescriptorProto& type);
  void PrintField(const FieldProto& field, bool in_oneof);
  void PrintEnum(const pb::EnumDescriptorProto& type);
  void PrintService(const pb::ServiceDescriptorProto& service);
  template <typename Scope>
  void PrintExtensions(const Scope& scope);
  template <typename Type>
  void PrintReserved(const Type& type, int behind_end, int number_max);
  void Remember(const pb::DescriptorProto& type, const std::string& scope);
  std::string Brackets(const FieldProto& field);
  std::string Brackets(std::vector<std::string> options, const OptionTexts& texts) const;
  std::string TypeText(const FieldProto& field) const;

  const pb::FileDescriptorProto& file_;
  const bool proto3_;
  size_t indent_ = 0;
  std::string text_;
  // By full name with a leading dot: entries of maps and bodies of groups, which have no text of
  // their own.
  absl::flat_hash_map<std::string, const pb::DescriptorProto*> entries_;
  absl::flat_hash_map<std::string, const pb::DescriptorProto*> types_;
  absl::flat_hash_set<const pb::DescriptorProto*> groups_;
};

void FilePrinter::Remember(const pb::DescriptorProto& type, const std::string& scope) {
  const std::string name = absl::StrCat(scope, ".", type.name());
  types_[name] = &type;
  if (type.options().map_entry()) entries_[name] = &type;
  for (const auto& nested : type.nested_type()) Remember(nested, name);
}

std::string FilePrinter::Print() {
  const std::string scope = file_.package().empty() ? "" : absl::StrCat(".", file_.package());
  for (const auto& type : file_.message_type()) Remember(type, scope);
  const auto note_groups = [this](const auto& fields) {
    for (const FieldProto& field : fields) {
      if (field.type() != FieldProto::TYPE_GROUP) continue;
      const auto found = types_.find(field.type_name());
      if (found != types_.end()) groups_.insert(found->second);
    }
  };
  for (const auto& [name, type] : types_) {
    note_groups(type->field());
    note_groups(type->extension());
  }
  note_groups(file_.extension());
  Line(absl::StrCat("syntax = ", QuotedProtoText(file_.syntax()), ";"));
  if (file_.has_package()) Line(absl::StrCat("package ", file_.package(), ";"));
  PrintImports();
  PrintOptions(file_.options());
  for (const auto& type : file_.message_type()) PrintMessage(type);
  for (const auto& type : file_.enum_type()) PrintEnum(type);
  PrintExtensions(file_);
  for (const auto& service : file_.service()) PrintService(service);
  return std::move(text_);
}

void FilePrinter::PrintImports() {
  for (int i = 0; i < file_.dependency_size(); ++i) {
    const auto holds = [i](const pb::RepeatedField<int>& indexes) {
      return std::find(indexes.begin(), indexes.end(), i) != indexes.end();
    };
    const absl::string_view kind = holds(file_.public_dependency()) ? "public "
                                   : holds(file_.weak_dependency()) ? "weak "
                                                                    : "";
    Line(absl::StrCat("import ", kind, QuotedProtoText(file_.dependency(i)), ";"));
  }
}

void FilePrinter::PrintOptions(const pb::Message& options) {
  const OptionTexts texts = TextsOf(options);
  for (const std::string& text : texts.explained) Line(absl::StrCat("option ", text, ";"));
  for (const std::string& text : texts.unexplained) Line(absl::StrCat("// option ", text));
}

void FilePrinter::PrintMessage(const pb::DescriptorProto& type) {
  if (type.options().map_entry() || groups_.contains(&type)) return;
  Open(absl::StrCat("message ", type.name()));
  PrintBody(type);
  Close();
}

void FilePrinter::PrintBody(const pb::DescriptorProto& type) {
  PrintOptions(type.options());
  PrintFields(type);
  for (const auto& range : type.extension_range()) {
    const int last = range.end() - 1;
    Line(absl::StrCat("extensions ", range.start(), " to ",
                      last >= pb::FieldDescriptor::kMaxNumber ? "max" : absl::StrCat(last),
                      Brackets({}, TextsOf(range.options())), ";"));
  }
  PrintReserved(type, 1, pb::FieldDescriptor::kMaxNumber);
  for (const auto& nested : type.nested_type()) PrintMessage(nested);
  for (const auto& nested : type.enum_type()) PrintEnum(nested);
  PrintExtensions(type);
}

void FilePrinter::PrintFields(const pb::DescriptorProto& type) {
  absl::flat_hash_set<int> printed;  // oneofs, each where its first field stands
  for (const FieldProto& field : type.field()) {
    if (!field.has_oneof_index() || field.proto3_optional()) {
      PrintField(field, false);
      continue;
    }
    if (!printed.insert(field.oneof_index()).second) continue;
    const pb::OneofDescriptorProto& oneof = type.oneof_decl(field.oneof_index());
    Open(absl::StrCat("oneof ", oneof.name()));
    PrintOptions(oneof.options());
    for (const FieldProto& member : type.field()) {
      const bool inside = member.has_oneof_index() && !member.proto3_optional();
      if (inside && member.oneof_index() == field.oneof_index()) PrintField(member, true);
    }
    Close();
  }
}

std::string FilePrinter::TypeText(const FieldProto& field) const {
  if (field.type() == FieldProto::TYPE_GROUP) {
    return absl::StrCat("group ", LastName(field.type_name()));
  }
  const auto entry = entries_.find(field.type_name());
  if (entry != entries_.end() && entry->second->field_size() == 2) {
    return absl::StrCat("map<", TypeText(entry->second->field(0)), ", ",
                        TypeText(entry->second->field(1)), ">");
  }
  if (!field.type_name().empty()) return field.type_name();
  return std::string(
      pb::FieldDescriptor::TypeName(static_cast<pb::FieldDescriptor::Type>(field.type())));
}

void FilePrinter::PrintField(const FieldProto& field, bool in_oneof) {
  absl::string_view label;
  if (field.label() == FieldProto::LABEL_REPEATED) {
    label = entries_.contains(field.type_name()) ? "" : "repeated ";
  } else if (field.label() == FieldProto::LABEL_REQUIRED) {
    label = "required ";
  } else if (!in_oneof && (field.proto3_optional() || !proto3_)) {
    label = "optional ";
  }
  // A group's field is called as its type is, in small letters.
  const std::string name =
      field.type() == FieldProto::TYPE_GROUP ? "" : absl::StrCat(" ", field.name());
  const std::string head =
      absl::StrCat(label, TypeText(field), name, " = ", field.number(), Brackets(field));
  const auto body = types_.find(field.type_name());
  if (field.type() != FieldProto::TYPE_GROUP || body == types_.end()) {
    Line(absl::StrCat(head, ";"));
    return;
  }
  Open(head);
  PrintBody(*body->second);
  Close();
}

std::string FilePrinter::Brackets(const FieldProto& field) {
  std::vector<std::string> options;
  if (field.has_default_value()) {
    const bool text = field.type() == FieldProto::TYPE_STRING;
    const bool bytes = field.type() == FieldProto::TYPE_BYTES;  // escaped already
    options.push_back(absl::StrCat(
        "default = ", bytes ? "\"" : "",
        text ? QuotedProtoText(field.default_value()) : field.default_value(), bytes ? "\"" : ""));
  }
  if (field.has_json_name()) {
    options.push_back(absl::StrCat("json_name = ", QuotedProtoText(field.json_name())));
  }
  return Brackets(std::move(options), TextsOf(field.options()));
}

std::string FilePrinter::Brackets(std::vector<std::string> options,
                                  const OptionTexts& texts) const {
  options.insert(options.end(), texts.explained.begin(), texts.explained.end());
  std::string text = options.empty() ? "" : absl::StrCat(" [", absl::StrJoin(options, ", "), "]");
  for (const std::string& unexplained : texts.unexplained) {
    // Text is escaped and has no end of a comment.
    absl::StrAppend(&text, " /* ", absl::StrReplaceAll(unexplained, {{"*/", "*\\/"}}), " */");
  }
  return text;
}

void FilePrinter::PrintEnum(const pb::EnumDescriptorProto& type) {
  Open(absl::StrCat("enum ", type.name()));
  PrintOptions(type.options());
  for (const auto& value : type.value()) {
    Line(absl::StrCat(value.name(), " = ", value.number(), Brackets({}, TextsOf(value.options())),
                      ";"));
  }
  PrintReserved(type, 0, INT32_MAX);
  Close();
}

// `behind_end`: how far the end of a range lies behind its last number.
template <typename Type>
void FilePrinter::PrintReserved(const Type& type, int behind_end, int number_max) {
  for (const auto& range : type.reserved_range()) {
    const int last = range.end() - behind_end;
    std::string text = absl::StrCat("reserved ", range.start());
    if (last != range.start()) {
      absl::StrAppend(&text, " to ", last >= number_max ? "max" : absl::StrCat(last));
    }
    Line(absl::StrCat(text, ";"));
  }
  for (const auto& name : type.reserved_name()) {
    Line(absl::StrCat("reserved ", QuotedProtoText(name), ";"));
  }
}

template <typename Scope>
void FilePrinter::PrintExtensions(const Scope& scope) {
  for (const FieldProto& field : scope.extension()) {
    Open(absl::StrCat("extend ", field.extendee()));
    PrintField(field, false);
    Close();
  }
}

void FilePrinter::PrintService(const pb::ServiceDescriptorProto& service) {
  Open(absl::StrCat("service ", service.name()));
  PrintOptions(service.options());
  for (const auto& method : service.method()) {
    Open(absl::StrCat("rpc ", method.name(), "(", method.client_streaming() ? "stream " : "",
                      method.input_type(), ") returns (",
                      method.server_streaming() ? "stream " : "", method.output_type(), ")"));
    PrintOptions(method.options());
    Close();
  }
  Close();
}

}  // namespace

std::string CanonicalText(const pb::FileDescriptorProto& file) { return FilePrinter(file).Print(); }

}  // namespace nexus::schema

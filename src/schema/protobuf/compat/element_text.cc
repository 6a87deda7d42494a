#include "schema/protobuf/compat/element_text.h"

#include <vector>

#include "absl/strings/str_cat.h"

namespace nexus::schema {

namespace pb = google::protobuf;

std::string ElementPaths::Shown(const std::string& full_name, const std::string& package) const {
  if (package != package_) return absl::StrCat(".", full_name);
  return package.empty() ? full_name : full_name.substr(package.size() + 1);
}

std::string ElementPaths::Of(const pb::Descriptor& message, int number) const {
  return absl::StrCat(OfType(message), "/#", number);
}

std::string ElementPaths::Of(const pb::EnumDescriptor& type, int number) const {
  return absl::StrCat(OfType(type), "/#", number);
}

std::string ElementPaths::Of(const pb::OneofDescriptor& oneof) const {
  return absl::StrCat(OfType(*oneof.containing_type()), "/", oneof.name());
}

FieldsByNumber FieldsOf(const pb::Descriptor& message) {
  FieldsByNumber fields;
  std::vector<const pb::FieldDescriptor*> extensions;
  message.file()->pool()->FindAllExtensions(&message, &extensions);
  for (const pb::FieldDescriptor* field : extensions) fields[field->number()] = field;
  for (int i = 0; i < message.field_count(); ++i) {
    fields[message.field(i)->number()] = message.field(i);
  }
  return fields;
}

std::string TypeText(const pb::FieldDescriptor& field) {
  if (field.is_map()) {
    const pb::Descriptor& entry = *field.message_type();
    return absl::StrCat("map<", TypeText(*entry.map_key()), ", ", TypeText(*entry.map_value()),
                        ">");
  }
  if (field.enum_type() != nullptr) return absl::StrCat(".", field.enum_type()->full_name());
  if (field.message_type() == nullptr) return field.type_name();
  return absl::StrCat(field.type() == pb::FieldDescriptor::TYPE_GROUP ? "group ." : ".",
                      field.message_type()->full_name());
}

std::string CardinalityText(const pb::FieldDescriptor& field) {
  if (field.is_repeated()) return "repeated";
  if (field.is_required()) return "required";
  return field.has_presence() ? "optional" : "implicit";
}

std::string FieldText(const pb::FieldDescriptor& field) {
  const std::string cardinality = CardinalityText(field);
  const bool plain = cardinality == "implicit" || field.is_map();
  return absl::StrCat(plain ? "" : cardinality, plain ? "" : " ", TypeText(field), " ",
                      field.is_extension() ? field.full_name() : field.name());
}

}  // namespace nexus::schema

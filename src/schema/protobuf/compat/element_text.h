#pragma once

// How findings name the elements of a schema: their paths, types and cardinalities.

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>
#include <utility>

namespace nexus::schema {

// "/Order" is a message or an enum, "/Order.Line" one inside it, "/Order/#4" the field or value
// with the number 4, "/Order/payment" a oneof. Names are told without the schema's own package; one
// of another package in full, with a dot before it: "/.google.type.Money/#1". "" is the file.
class ElementPaths {
 public:
  explicit ElementPaths(std::string package) : package_(std::move(package)) {}

  template <typename Type>
  std::string OfType(const Type& type) const {
    return "/" + Shown(type.full_name(), type.file()->package());
  }
  std::string Of(const google::protobuf::Descriptor& message, int number) const;
  std::string Of(const google::protobuf::EnumDescriptor& type, int number) const;
  std::string Of(const google::protobuf::OneofDescriptor& oneof) const;

 private:
  std::string Shown(const std::string& full_name, const std::string& package) const;

  const std::string package_;
};

// Fields of a message by number, with the extensions that its schema knows.
using FieldsByNumber = std::map<int, const google::protobuf::FieldDescriptor*>;
FieldsByNumber FieldsOf(const google::protobuf::Descriptor& message);

// "int32", ".shop.Line", "group .shop.Order.Body", "map<string, .shop.Line>".
std::string TypeText(const google::protobuf::FieldDescriptor& field);
// "repeated", "required", "optional", or "implicit": there unless it has its default.
std::string CardinalityText(const google::protobuf::FieldDescriptor& field);
// "repeated int32 marks".
std::string FieldText(const google::protobuf::FieldDescriptor& field);

}  // namespace nexus::schema

#include "schema/protobuf/descriptor_size.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "schema/protobuf/proto_errors.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;

void AddEnum(const pb::EnumDescriptorProto& type, DescriptorSize& size) {
  size.fields += static_cast<size_t>(type.value_size());
  size.ranges += static_cast<size_t>(type.reserved_range_size() + type.reserved_name_size());
}

// As deep as the nesting of the definition, which its parser has bounded.
void AddMessage(const pb::DescriptorProto& type, size_t depth, DescriptorSize& size) {
  size.messages += 1;
  size.nesting = std::max(size.nesting, depth);
  size.fields += static_cast<size_t>(type.field_size() + type.extension_size());
  size.ranges += static_cast<size_t>(type.reserved_range_size() + type.reserved_name_size() +
                                     type.extension_range_size());
  for (const auto& nested : type.enum_type()) AddEnum(nested, size);
  for (const auto& nested : type.nested_type()) AddMessage(nested, depth + 1, size);
}

}  // namespace

absl::Status DescriptorSize::Add(const pb::FileDescriptorProto& file, absl::string_view name,
                                 const ProtobufOptions& options) {
  for (const auto& type : file.message_type()) AddMessage(type, 1, *this);
  for (const auto& type : file.enum_type()) AddEnum(type, *this);
  for (const auto& service : file.service()) fields += static_cast<size_t>(service.method_size());
  fields += static_cast<size_t>(file.extension_size());
  const struct {
    size_t have;
    size_t most;
    absl::string_view what;
  } kRows[] = {{messages, options.messages_max, "messages"},
               {fields, options.fields_max, "fields and enum values"},
               {ranges, options.ranges_max, "reserved and extension ranges"},
               {nesting, options.nesting_max, "levels of messages"}};
  for (const auto& row : kRows) {
    if (row.have <= row.most) continue;
    return ProtoInvalid(name, absl::StrCat("with its imports it has ", row.have, " ", row.what,
                                           ", more than ", row.most));
  }
  return absl::OkStatus();
}

bool HasUninterpretedOption(const pb::Message& descriptor) {
  if (descriptor.GetDescriptor() == pb::UninterpretedOption::descriptor()) return true;
  const pb::Reflection& reflection = *descriptor.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  reflection.ListFields(descriptor, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      if (HasUninterpretedOption(reflection.GetMessage(descriptor, field))) return true;
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(descriptor, field); ++i) {
      if (HasUninterpretedOption(reflection.GetRepeatedMessage(descriptor, field, i))) return true;
    }
  }
  return false;
}

}  // namespace nexus::schema

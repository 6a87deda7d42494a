#include "schema/protobuf/classified_options.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "schema/protobuf/proto_errors.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;

class Walk {
 public:
  Walk(const pb::FieldDescriptor& data_class, const pb::FieldDescriptor& subject_key)
      : class_number_(data_class.number()), key_number_(subject_key.number()) {}

  absl::StatusOr<ClassifiedFields> Run(const pb::Descriptor& event) {
    Visit(event, "");
    if (!fault_.ok()) return fault_;
    return list_.Take();
  }

 private:
  static constexpr size_t kDepthMax = 512;

  void Visit(const pb::Descriptor& type, const std::string& path) {
    if (open_.size() >= kDepthMax || std::find(open_.begin(), open_.end(), &type) != open_.end()) {
      return list_.Cut();
    }
    open_.push_back(&type);
    for (int i = 0; i < type.field_count() && fault_.ok(); ++i) {
      if (!list_.Step()) break;
      const pb::FieldDescriptor& field = *type.field(i);
      const std::string inner =
          absl::StrCat(path, "/", field.name(), field.is_repeated() ? "/*" : "");
      list_.Add(inner, ClassOf(field));
      if (field.message_type() != nullptr) Visit(*field.message_type(), inner);
    }
    open_.pop_back();
  }

  // Read from the bytes: it does not matter who else knows these options.
  FieldClass ClassOf(const pb::FieldDescriptor& field) {
    pb::UnknownFieldSet options;
    options.ParseFromString(field.options().SerializeAsString());
    FieldClass found;
    for (int i = 0; i < options.field_count(); ++i) {
      const pb::UnknownField& option = options.field(i);
      if (option.number() == key_number_ && option.type() == pb::UnknownField::TYPE_VARINT) {
        found.subject_key = option.varint() != 0;
      }
      if (option.number() != class_number_ ||
          option.type() != pb::UnknownField::TYPE_LENGTH_DELIMITED) {
        continue;
      }
      found.data_class = option.length_delimited();
      if (IsDataClass(found.data_class)) continue;
      fault_ = ProtoInvalid(
          "", absl::StrCat(field.full_name(), ": (nexus.schema.v1.class) is \"",
                           absl::CEscape(found.data_class), "\", not ", kDataClassForm));
    }
    return found;
  }

  const int class_number_;
  const int key_number_;
  std::vector<const pb::Descriptor*> open_;
  ClassifiedFieldsList list_;
  absl::Status fault_;
};

}  // namespace

absl::StatusOr<ClassifiedFields> ListClassifiedFields(const pb::DescriptorPool& pool,
                                                      const pb::Descriptor* event) {
  // Without the import no option can be ours.
  const pb::FieldDescriptor* data_class = pool.FindExtensionByName("nexus.schema.v1.class");
  const pb::FieldDescriptor* key = pool.FindExtensionByName("nexus.schema.v1.subject_key");
  if (data_class == nullptr || key == nullptr || event == nullptr ||
      data_class->file()->name() != kAnnotationsFile) {
    return ClassifiedFields();
  }
  return Walk(*data_class, *key).Run(*event);
}

}  // namespace nexus::schema

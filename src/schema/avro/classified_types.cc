#include "schema/avro/classified_types.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace nexus::schema {
namespace {

bool IsClassified(const AvroType& type) {
  const auto has_class = [](const AvroField& field) { return !field.field_class.empty(); };
  return !type.field_class.empty() ||
         std::any_of(type.fields.begin(), type.fields.end(), has_class);
}

class Walk {
 public:
  ClassifiedFields Run(const AvroType& root) {
    Visit(root, "");
    return list_.Take();
  }

 private:
  static constexpr size_t kDepthMax = 512;

  void Visit(const AvroType& type, const std::string& path) {
    if (!list_.Step()) return;
    list_.Add(path, type.field_class);
    if (open_.size() >= kDepthMax || std::find(open_.begin(), open_.end(), &type) != open_.end()) {
      return list_.Cut();
    }
    open_.push_back(&type);
    for (const AvroField& field : type.fields) {
      const std::string inner = absl::StrCat(path, "/", field.name);
      list_.Add(inner, field.field_class);
      Visit(*field.type, inner);
    }
    if (type.items != nullptr) Visit(*type.items, path + "/*");
    for (const AvroType* branch : type.branches) Visit(*branch, path);
    open_.pop_back();
  }

  std::vector<const AvroType*> open_;
  ClassifiedFieldsList list_;
};

}  // namespace

ClassifiedFields ListClassifiedFields(const AvroSchema& schema) {
  const bool any = std::any_of(schema.types.begin(), schema.types.end(),
                               [](const auto& type) { return IsClassified(*type); });
  return any ? Walk().Run(*schema.root) : ClassifiedFields();
}

}  // namespace nexus::schema

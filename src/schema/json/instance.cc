#include "schema/json/instance.h"

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "schema/json/json_compare.h"
#include "schema/json/json_describe.h"
#include "schema/json/json_pointer.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

Instance Instance::Of(JsonElement element) {
  using simdjson::dom::element_type;
  Instance instance;
  instance.element = element;
  switch (element.type()) {
    case element_type::STRING:
      instance.text = element.get_string().value_unsafe();
      instance.types = kStringBit;
      break;
    case element_type::OBJECT:
      instance.types = kObjectBit;
      break;
    case element_type::ARRAY:
      instance.types = kArrayBit;
      break;
    case element_type::BOOL:
      instance.types = kBooleanBit;
      break;
    case element_type::NULL_VALUE:
      instance.types = kNullBit;
      break;
    case element_type::DOUBLE:
      instance.types = IsWhole(NumberOf(element)) ? kIntegerBit | kNumberBit : kNumberBit;
      break;
    default:
      instance.types = kIntegerBit | kNumberBit;
  }
  return instance;
}

Instance Instance::OfName(std::string_view name) {
  Instance instance;
  instance.text = name;
  instance.types = kStringBit;
  instance.is_name = true;
  return instance;
}

std::string Instance::Describe() const {
  return is_name ? DescribeText(text) : DescribeJson(element);
}

std::string Instance::TypeName() const { return is_name ? "string" : JsonTypeName(element); }

bool Instance::Equals(JsonElement constant) const {
  if ((types & kStringBit) != 0) {
    return constant.is_string() && constant.get_string().value_unsafe() == text;
  }
  return SameJson(element, constant);
}

size_t Instance::Hash() const {
  return (types & kStringBit) != 0 ? HashText(text) : HashJson(element);
}

std::string InstancePath::ToPointer() const {
  std::string pointer;
  if (parent == nullptr) return pointer;
  pointer = parent->ToPointer();
  if (is_index) {
    absl::StrAppend(&pointer, "/", index);
  } else {
    AppendPointerToken(pointer, name);
  }
  return pointer;
}

void Evaluated::Merge(const Evaluated& other) {
  all_members_ = all_members_ || other.all_members_;
  all_items_ = all_items_ || other.all_items_;
  Merge(members_, other.members_);
  Merge(items_, other.items_);
}

void Evaluated::Merge(std::vector<bool>& into, const std::vector<bool>& from) {
  if (from.size() > into.size()) into.resize(from.size());
  for (size_t i = 0; i < from.size(); ++i) {
    if (from[i]) into[i] = true;
  }
}

}  // namespace nexus::schema

#pragma once

// One value under evaluation: a part of the document, or the name of a property (which the parser
// does not give out as a value).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schema/json/json_document.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

struct Instance {
  static Instance Of(JsonElement element);
  static Instance OfName(std::string_view name);

  std::string Describe() const;
  std::string TypeName() const;
  bool Equals(JsonElement constant) const;
  size_t Hash() const;  // as HashJson()
  // 1.0 and 1e3; to the drafts since 6 a whole number is a whole number.
  bool IsWrittenWithPoint() const {
    return (types & kNumberBit) != 0 && element.type() == simdjson::dom::element_type::DOUBLE;
  }

  JsonElement element;    // unless `is_name`
  std::string_view text;  // of a string
  uint8_t types = 0;      // bits of schema_model.h
  bool is_name = false;
};

// Where an instance stands, as a list on the stack that leads to the root.
struct InstancePath {
  const InstancePath* parent = nullptr;
  std::string_view name;
  size_t index = 0;
  bool is_index = false;

  std::string ToPointer() const;
};

// Which members and items of one value have been looked at by some schema (unevaluatedProperties,
// unevaluatedItems). Empty until something is marked.
class Evaluated {
 public:
  void MarkMember(size_t index) { Mark(members_, index); }
  void MarkItem(size_t index) { Mark(items_, index); }
  void MarkAllMembers() { all_members_ = true; }
  void MarkAllItems() { all_items_ = true; }
  bool HasMember(size_t i) const { return all_members_ || (i < members_.size() && members_[i]); }
  bool HasItem(size_t i) const { return all_items_ || (i < items_.size() && items_[i]); }
  void Merge(const Evaluated& other);

 private:
  static void Mark(std::vector<bool>& bits, size_t index) {
    if (index >= bits.size()) bits.resize(index + 1);
    bits[index] = true;
  }
  static void Merge(std::vector<bool>& into, const std::vector<bool>& from);

  std::vector<bool> members_;
  std::vector<bool> items_;
  bool all_members_ = false;
  bool all_items_ = false;
};

}  // namespace nexus::schema

#include "schema/protobuf/compat/type_pairs.h"

#include <google/protobuf/descriptor.pb.h>

#include "absl/container/flat_hash_set.h"
#include "schema/protobuf/compat/element_text.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;

class TypePairer {
 public:
  explicit TypePairer(const pb::FileDescriptor& to) : to_(*to.pool()) {}

  TypePairs Pair(const pb::FileDescriptor& from) {
    for (int i = 0; i < from.message_type_count(); ++i) SeekMessage(*from.message_type(i));
    for (int i = 0; i < from.enum_type_count(); ++i) SeekEnum(*from.enum_type(i));
    // Grows while it is walked: what fields lead to.
    for (size_t i = 0; i < pairs_.messages.size(); ++i) {
      const auto [before, after] = pairs_.messages[i];
      FollowFields(*before, *after);
    }
    return std::move(pairs_);
  }

 private:
  void Add(const pb::Descriptor* before, const pb::Descriptor* after) {
    if (seen_.insert(before).second) pairs_.messages.emplace_back(before, after);
  }
  void Add(const pb::EnumDescriptor* before, const pb::EnumDescriptor* after) {
    if (seen_.insert(before).second) pairs_.enums.emplace_back(before, after);
  }

  // Recurses by the nesting of a definition, which is bounded.
  void SeekMessage(const pb::Descriptor& type) {
    if (type.options().map_entry()) return;
    const pb::Descriptor* after = to_.FindMessageTypeByName(type.full_name());
    if (after != nullptr) {
      Add(&type, after);
    } else {
      pairs_.removed_messages.push_back(&type);
    }
    for (int i = 0; i < type.nested_type_count(); ++i) SeekMessage(*type.nested_type(i));
    for (int i = 0; i < type.enum_type_count(); ++i) SeekEnum(*type.enum_type(i));
  }

  void SeekEnum(const pb::EnumDescriptor& type) {
    const pb::EnumDescriptor* after = to_.FindEnumTypeByName(type.full_name());
    if (after != nullptr) {
      Add(&type, after);
    } else {
      pairs_.removed_enums.push_back(&type);
    }
  }

  void FollowFields(const pb::Descriptor& before, const pb::Descriptor& after) {
    const FieldsByNumber fields = FieldsOf(after);
    for (const auto& [number, field] : FieldsOf(before)) {
      const auto found = fields.find(number);
      if (found != fields.end()) FollowField(*field, *found->second);
    }
  }

  void FollowField(const pb::FieldDescriptor& before, const pb::FieldDescriptor& after) {
    if (before.is_map() && after.is_map()) {
      FollowField(*before.message_type()->map_value(), *after.message_type()->map_value());
    } else if (before.message_type() != nullptr && after.message_type() != nullptr) {
      if (before.is_map() || after.is_map()) return;
      if (before.message_type()->full_name() == after.message_type()->full_name()) {
        Add(before.message_type(), after.message_type());
      }
    } else if (before.enum_type() != nullptr && after.enum_type() != nullptr) {
      if (before.enum_type()->full_name() == after.enum_type()->full_name()) {
        Add(before.enum_type(), after.enum_type());
      }
    }
  }

  const pb::DescriptorPool& to_;
  TypePairs pairs_;
  absl::flat_hash_set<const void*> seen_;
};

}  // namespace

TypePairs PairTypes(const pb::FileDescriptor& from, const pb::FileDescriptor& to) {
  return TypePairer(to).Pair(from);
}

}  // namespace nexus::schema

#include "schema/protobuf/wire_plan.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;
using Type = pb::FieldDescriptor;

// The bit behind these is no field's: a message with more required fields never shows it.
constexpr unsigned kRequiredBits = 63;

WireValue ValueOf(const pb::FieldDescriptor& field) {
  switch (field.type()) {
    case Type::TYPE_FIXED32:
    case Type::TYPE_SFIXED32:
    case Type::TYPE_FLOAT:
      return WireValue::kFixed32;
    case Type::TYPE_FIXED64:
    case Type::TYPE_SFIXED64:
    case Type::TYPE_DOUBLE:
      return WireValue::kFixed64;
    case Type::TYPE_STRING:
      return WireValue::kString;
    case Type::TYPE_BYTES:
      return WireValue::kBytes;
    case Type::TYPE_MESSAGE:
      return WireValue::kMessage;
    case Type::TYPE_GROUP:
      return WireValue::kGroup;
    case Type::TYPE_ENUM:
      // As libprotobuf decides: by the file of the field.
      return field.file()->syntax() == pb::FileDescriptor::SYNTAX_PROTO3 ? WireValue::kVarint
                                                                         : WireValue::kClosedEnum;
    default:
      return WireValue::kVarint;
  }
}

// As a token of a JSON pointer; an extension as it is written in JSON.
std::string NameOf(const pb::FieldDescriptor& field) {
  if (!field.is_extension()) return field.name();
  return absl::StrCat("[", absl::StrReplaceAll(field.full_name(), {{"~", "~0"}, {"/", "~1"}}), "]");
}

}  // namespace

const FieldPlan* MessagePlan::Find(uint32_t number) const {
  // Most messages number their fields without a gap.
  if (number <= fields.size() && number > 0 && fields[number - 1].number == number) {
    return &fields[number - 1];
  }
  const auto at = std::lower_bound(
      fields.begin(), fields.end(), number,
      [](const FieldPlan& field, uint32_t wanted) { return field.number < wanted; });
  return at != fields.end() && at->number == number ? &*at : nullptr;
}

WirePlan::WirePlan(const std::vector<const pb::Descriptor*>& roots) {
  for (const pb::Descriptor* root : roots) Planned(root);
  while (!waiting_.empty()) {
    const pb::Descriptor* type = waiting_.back();
    waiting_.pop_back();
    Fill(*type, *by_type_[type]);
  }
}

const MessagePlan* WirePlan::Find(const pb::Descriptor& type) const {
  const auto found = by_type_.find(&type);
  return found == by_type_.end() ? nullptr : found->second;
}

MessagePlan* WirePlan::Planned(const pb::Descriptor* type) {
  const auto [at, is_new] = by_type_.try_emplace(type, nullptr);
  if (is_new) {
    at->second = &messages_.emplace_back();
    waiting_.push_back(type);
  }
  return at->second;
}

FieldPlan WirePlan::PlanField(const pb::FieldDescriptor& field) {
  FieldPlan plan;
  plan.number = static_cast<uint32_t>(field.number());
  plan.value = ValueOf(field);
  plan.repeated = field.is_repeated();
  plan.name = NameOf(field);
  if (field.message_type() != nullptr) plan.message = Planned(field.message_type());
  if (plan.value == WireValue::kClosedEnum) {
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      plan.numbers.push_back(field.enum_type()->value(i)->number());
    }
    std::sort(plan.numbers.begin(), plan.numbers.end());
  }
  return plan;
}

void WirePlan::Fill(const pb::Descriptor& type, MessagePlan& plan) {
  plan.name = type.full_name();
  unsigned required = 0;
  std::vector<const pb::FieldDescriptor*> fields;
  type.file()->pool()->FindAllExtensions(&type, &fields);
  for (int i = 0; i < type.field_count(); ++i) fields.push_back(type.field(i));
  for (const pb::FieldDescriptor* field : fields) {
    plan.fields.push_back(PlanField(*field));
    if (!field->is_required()) continue;
    if (required < kRequiredBits) plan.fields.back().required_bit = uint64_t{1} << required;
    plan.required |= uint64_t{1} << std::min(required++, kRequiredBits);
  }
  std::sort(plan.fields.begin(), plan.fields.end(),
            [](const FieldPlan& a, const FieldPlan& b) { return a.number < b.number; });
}

}  // namespace nexus::schema

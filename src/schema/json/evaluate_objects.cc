#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "schema/json/evaluator.h"
#include "schema/json/json_describe.h"
#include "schema/json/tape.h"

namespace nexus::schema {
namespace {

bool HasMember(const Instance& instance, std::string_view name) {
  return MembersOf(instance.element).at_key(name).error() == simdjson::SUCCESS;
}

std::string PropertyText(std::string_view name) {
  return absl::StrCat("the property ", DescribeText(name));
}

}  // namespace

int ObjectRules::FindSlot(std::string_view name) const {
  if (!slot_of.empty()) {
    const auto at = slot_of.find(absl::string_view(name.data(), name.size()));
    return at == slot_of.end() ? -1 : static_cast<int>(at->second);
  }
  for (size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

bool ObjectRules::DeclaresMembers() const {
  const auto is_property = [](const Slot& slot) { return slot.property != nullptr; };
  return additional != nullptr || !patterns.empty() ||
         std::any_of(slots.begin(), slots.end(), is_property);
}

bool Evaluator::CheckObject(const ObjectRules& rules, const Frame& frame) {
  bool holds = true;
  uint64_t count = 0;
  absl::InlinedVector<bool, 64> seen(rules.slots.size(), false);
  const size_t object = Tape::IndexOf(frame.instance.element);
  if (members_ != nullptr && rules.DeclaresMembers()) members_->Describe(object, rules);
  for (const auto field : MembersOf(frame.instance.element)) {
    const size_t index = count++;
    const int slot = rules.FindSlot(field.key);
    if (slot >= 0) seen[static_cast<size_t>(slot)] = true;
    bool looked_at = false;
    holds &= CheckMember(rules, slot, field.key, field.value, frame, &looked_at);
    if (looked_at && frame.evaluated != nullptr) frame.evaluated->MarkMember(index);
    if (looked_at && members_ != nullptr) members_->Declare(object, index);
    if (Stop(holds)) return false;
  }
  for (size_t i = 0; i < rules.slots.size(); ++i) {
    if (!rules.slots[i].required || seen[i]) continue;
    holds = Fail(
        frame.path, "required", [&] { return PropertyText(rules.slots[i].name); },
        [] { return "no such property"; });
  }
  if (Stop(holds)) return false;
  holds &= CheckCount(count, rules.count_min, rules.count_max, "minProperties", "maxProperties",
                      "properties", frame);
  if (rules.dependencies.empty() || Stop(holds)) return holds;
  holds &= CheckDependencies(rules, frame);
  return holds;
}

bool Evaluator::CheckMember(const ObjectRules& rules, int slot, std::string_view name,
                            JsonElement value, const Frame& frame, bool* looked_at) {
  const InstancePath path{&frame.path, name, 0, false};
  const Node* property = slot < 0 ? nullptr : rules.slots[static_cast<size_t>(slot)].property;
  bool holds = true;
  if (rules.names != nullptr) holds = CheckName(*rules.names, name, path);
  if (property == nullptr && rules.patterns.empty() && rules.additional == nullptr) return holds;
  const Instance instance = Instance::Of(value);
  if (property != nullptr) {
    *looked_at = true;
    holds &= Apply(*property, instance, path, nullptr);
  }
  for (const auto& [pattern, schema] : rules.patterns) {
    if (Stop(holds) || !Enter()) return false;
    if (!pattern->Matches(name)) continue;
    *looked_at = true;
    holds &= Apply(*schema, instance, path, nullptr);
  }
  if (!*looked_at && rules.additional != nullptr) {
    *looked_at = true;
    holds &= Apply(*rules.additional, instance, path, nullptr);
  }
  return holds;
}

bool Evaluator::CheckName(const Node& names, std::string_view name, const InstancePath& path) {
  const Instance instance = Instance::OfName(name);
  const Frame frame{instance, path, nullptr};
  if (Holds(names, frame)) return true;
  return Fail(
      path, "propertyNames",
      [&] { return absl::StrCat("another name (", Explain(names, frame), ")"); },
      [&] { return instance.Describe(); });
}

bool Evaluator::CheckDependencies(const ObjectRules& rules, const Frame& frame) {
  bool holds = true;
  for (const ObjectRules::Dependency& dependency : rules.dependencies) {
    if (Stop(holds)) return false;
    if (!HasMember(frame.instance, dependency.trigger)) continue;
    if (dependency.schema != nullptr) {
      holds &= Apply(*dependency.schema, frame.instance, frame.path, frame.evaluated);
    }
    for (const std::string& name : dependency.required) {
      if (HasMember(frame.instance, name)) continue;
      holds = Fail(
          frame.path, dependency.keyword,
          [&] {
            return absl::StrCat(PropertyText(name), " beside ", DescribeText(dependency.trigger));
          },
          [] { return "no such property"; });
    }
  }
  return holds;
}

bool Evaluator::CheckUnevaluated(const Node& node, const Frame& frame) {
  bool holds = true;
  if (node.unevaluated_properties != nullptr && (frame.instance.types & kObjectBit) != 0) {
    size_t index = 0;
    for (const auto field : MembersOf(frame.instance.element)) {
      if (!frame.evaluated->HasMember(index++)) {
        const InstancePath path{&frame.path, field.key, 0, false};
        holds &= Apply(*node.unevaluated_properties, Instance::Of(field.value), path, nullptr);
      }
      if (Stop(holds)) return false;
    }
    frame.evaluated->MarkAllMembers();
    if (members_ != nullptr) members_->DeclareAll(Tape::IndexOf(frame.instance.element));
  }
  if (node.unevaluated_items != nullptr && (frame.instance.types & kArrayBit) != 0) {
    size_t index = 0;
    for (const JsonElement item : ItemsOf(frame.instance.element)) {
      if (!frame.evaluated->HasItem(index)) {
        const InstancePath path{&frame.path, {}, index, true};
        holds &= Apply(*node.unevaluated_items, Instance::Of(item), path, nullptr);
      }
      ++index;
      if (Stop(holds)) return false;
    }
    frame.evaluated->MarkAllItems();
  }
  return holds;
}

}  // namespace nexus::schema

#include "schema/json/evolve/applied_schemas.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "schema/json/json_compare.h"

namespace nexus::schema {
namespace {

// Whether no constant of a branch speaks against an object: how unions tell their branches apart.
bool ConstantsFit(Evaluator& evaluator, const Node& branch, JsonElement value) {
  if (branch.object == nullptr || !value.is_object()) return false;
  bool has_constant = false;
  for (const ObjectRules::Slot& slot : branch.object->slots) {
    if (slot.property == nullptr) continue;
    const bool is_constant = slot.property->constant.has_value() || slot.property->has_enum;
    JsonElement member;
    if (!is_constant || value.get_object().value_unsafe().at_key(slot.name).get(member)) continue;
    if (!evaluator.Accepts(*slot.property, member)) return false;
    has_constant = true;
  }
  return has_constant;
}

// A branch that is only a reference is what it refers to.
const Node& Target(const Node& branch) {
  const Node* node = &branch;
  for (int hops = 0; hops < 8; ++hops) {
    if (node->object != nullptr || node->in_place == nullptr || node->in_place->ref == nullptr) {
      break;
    }
    node = node->in_place->ref;
  }
  return *node;
}

}  // namespace

void AppliedSchemas::AddBranches(const NodeList& branches, JsonElement value, NodeList& waiting) {
  bool accepted = false;
  for (const Node* branch : branches) {
    if (!evaluator_.Accepts(*branch, value)) continue;
    waiting.push_back(branch);
    accepted = true;
  }
  if (accepted) return;
  // The value lacks what is new: its constants may still say where it belongs.
  const Node* only = nullptr;
  for (const Node* branch : branches) {
    if (!ConstantsFit(evaluator_, Target(*branch), value)) continue;
    if (only != nullptr) return;
    only = branch;
  }
  if (only != nullptr) waiting.push_back(only);
}

NodeList AppliedSchemas::Of(const NodeList& start, JsonElement value) {
  NodeList applied;
  absl::flat_hash_set<const Node*> seen;
  NodeList waiting = start;
  while (!waiting.empty() && !exhausted()) {
    const Node* node = waiting.back();
    waiting.pop_back();
    if (node == nullptr || !seen.insert(node).second) continue;
    applied.push_back(node);
    if (node->in_place == nullptr) continue;
    const InPlaceRules& rules = *node->in_place;
    waiting.insert(waiting.end(), {rules.ref, rules.dynamic_ref});
    waiting.insert(waiting.end(), rules.all_of.begin(), rules.all_of.end());
    AddBranches(rules.any_of, value, waiting);
    AddBranches(rules.one_of, value, waiting);
    if (rules.condition != nullptr) {
      waiting.push_back(evaluator_.Accepts(*rules.condition, value) ? rules.consequence
                                                                    : rules.alternative);
    }
  }
  return applied;
}

NodeList SchemasOfMember(const NodeList& applied, std::string_view name) {
  NodeList schemas;
  for (const Node* node : applied) {
    if (node->object == nullptr) continue;
    const ObjectRules& rules = *node->object;
    bool named = false;
    if (const int slot = rules.FindSlot(name); slot >= 0) {
      const Node* property = rules.slots[static_cast<size_t>(slot)].property;
      named = property != nullptr;
      schemas.push_back(property);
    }
    for (const auto& [pattern, schema] : rules.patterns) {
      if (!pattern->Matches(name)) continue;
      named = true;
      schemas.push_back(schema);
    }
    if (!named) schemas.push_back(rules.additional);
  }
  return schemas;
}

NodeList SchemasOfItem(const NodeList& applied, size_t index) {
  NodeList schemas;
  for (const Node* node : applied) {
    if (node->array == nullptr) continue;
    const ArrayRules& rules = *node->array;
    schemas.push_back(index < rules.prefix.size() ? rules.prefix[index] : rules.rest);
  }
  return schemas;
}

}  // namespace nexus::schema

#include "schema/json/compat/facts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace nexus::schema {
namespace {

template <typename T>
void Raise(std::optional<T>& bound, const std::optional<T>& other) {
  if (other && (!bound || *bound < *other)) bound = other;
}
template <typename T>
void Lower(std::optional<T>& bound, const std::optional<T>& other) {
  if (other && (!bound || *other < *bound)) bound = other;
}

// Keeps the tighter of two bounds; `sign` is 1 for lower bounds and -1 for upper ones.
void Tighten(std::optional<NumberBound>& bound, const std::optional<Number>& other, bool exclusive,
             int sign) {
  if (!other) return;
  const int order = bound ? sign * CompareNumbers(*other, bound->value) : 1;
  if (order > 0 || (order == 0 && exclusive)) bound = NumberBound{*other, exclusive};
}

void MergeNumber(const NumberRules& rules, Facts& facts) {
  Tighten(facts.low, rules.minimum, false, 1);
  Tighten(facts.low, rules.above, true, 1);
  Tighten(facts.high, rules.maximum, false, -1);
  Tighten(facts.high, rules.below, true, -1);
  if (rules.step && IsMultipleOf(*rules.step, Number::Int(1))) facts.kinds &= ~kNumberBit;
}

size_t ListedValues(const Node& node) { return node.constant ? 1 : node.enumeration.size(); }

bool IsEmptyInPlace(const InPlaceRules& rules) {
  return rules.ref == nullptr && rules.dynamic_ref == nullptr && !rules.metaschema &&
         rules.all_of.empty() && rules.any_of.empty() && rules.one_of.empty() &&
         rules.negated == nullptr &&
         (rules.condition == nullptr ||
          (IsAnything(rules.consequence) && IsAnything(rules.alternative)));
}

}  // namespace

uint8_t KindsOf(uint8_t types) {
  if (types == 0) return kAllKinds;
  return (types & kNumberBit) != 0 ? types | kIntegerBit : types;
}

std::string KindsText(uint8_t kinds) {
  if (kinds == kAllKinds) return "any";
  static constexpr std::pair<uint8_t, const char*> kNames[] = {
      {kNullBit, "null"},     {kBooleanBit, "boolean"}, {kIntegerBit, "integer"},
      {kNumberBit, "number"}, {kStringBit, "string"},   {kArrayBit, "array"},
      {kObjectBit, "object"}};
  std::string text;
  for (const auto& [bit, name] : kNames) {
    if ((kinds & bit) == 0) continue;
    if (bit == kIntegerBit && (kinds & kNumberBit) != 0) continue;  // said by "number"
    absl::StrAppend(&text, text.empty() ? "" : " or ", name);
  }
  return text.empty() ? "none" : text;
}

bool IsAnything(const Node& node) {
  if (node.kind != Node::Kind::kRules) return node.kind == Node::Kind::kAlways;
  return node.types == 0 && !node.constant && !node.has_enum && node.number == nullptr &&
         node.text == nullptr && node.array == nullptr && node.object == nullptr &&
         (node.in_place == nullptr || IsEmptyInPlace(*node.in_place)) &&
         IsAnything(node.unevaluated_items) && IsAnything(node.unevaluated_properties);
}

const Node* RestOfMembers(const Node& node) {
  if (node.object != nullptr && node.object->additional != nullptr) return node.object->additional;
  // Without neighbours that look at members too, "unevaluated" and "additional" are the same.
  const bool alone =
      node.in_place == nullptr && (node.object == nullptr || node.object->dependencies.empty());
  return alone ? node.unevaluated_properties : nullptr;
}

const Node* RestOfItems(const Node& node) {
  if (node.array != nullptr && node.array->rest != nullptr) return node.array->rest;
  const bool alone =
      node.in_place == nullptr && (node.array == nullptr || node.array->contains == nullptr);
  return alone ? node.unevaluated_items : nullptr;
}

bool Facts::Requires(std::string_view name) const {
  return std::any_of(parts.begin(), parts.end(), [&](const Node* part) {
    if (part->object == nullptr) return false;
    const int slot = part->object->FindSlot(name);
    return slot >= 0 && part->object->slots[static_cast<size_t>(slot)].required;
  });
}

NodeList FactsBook::PartsOf(const Node& node) const {
  NodeList parts;
  absl::flat_hash_set<const Node*> seen;
  NodeList waiting = {&node};  // by hand: a chain of references may be long
  while (!waiting.empty()) {
    const Node* next = waiting.back();
    waiting.pop_back();
    if (next == nullptr || !seen.insert(next).second) continue;
    parts.push_back(next);
    if (next->in_place == nullptr) continue;
    const InPlaceRules& rules = *next->in_place;
    waiting.insert(waiting.end(), rules.all_of.rbegin(), rules.all_of.rend());
    if (!IsAmbiguous(rules)) waiting.push_back(rules.dynamic_ref);
    waiting.push_back(rules.ref);
  }
  return parts;
}

void FactsBook::Merge(Facts& facts) const {
  absl::flat_hash_set<const Node*> seen;
  for (const Node* node : facts.nodes) {
    for (const Node* part : PartsOf(*node)) {
      if (!seen.insert(part).second || part->kind == Node::Kind::kAlways) continue;
      facts.parts.push_back(part);
    }
  }
  for (const Node* part : facts.parts) {
    if (part->kind == Node::Kind::kNever) facts.nothing = true;
    facts.kinds &= KindsOf(part->types);
    facts.written_integers |= part->written_integer;
    if (part->number != nullptr) MergeNumber(*part->number, facts);
    if (part->text != nullptr) {
      Raise(facts.length_min, part->text->length_min);
      Lower(facts.length_max, part->text->length_max);
    }
    if (part->array != nullptr) {
      Raise(facts.items_min, part->array->count_min);
      Lower(facts.items_max, part->array->count_max);
    }
    if (part->object != nullptr) {
      Raise(facts.members_min, part->object->count_min);
      Lower(facts.members_max, part->object->count_max);
    }
    const bool listed = part->constant || part->has_enum;
    if (listed && (facts.finite == nullptr || ListedValues(*part) < ListedValues(*facts.finite))) {
      facts.finite = part;
    }
    const Node* negated = part->in_place == nullptr ? nullptr : part->in_place->negated;
    if (negated != nullptr &&
        std::find(facts.negs.begin(), facts.negs.end(), negated) == facts.negs.end()) {
      facts.negs.push_back(negated);
    }
  }
  if (facts.low && facts.high) {
    const int order = CompareNumbers(facts.low->value, facts.high->value);
    if (order > 0 || (order == 0 && (facts.low->exclusive || facts.high->exclusive))) {
      facts.kinds &= ~kNumericKinds;
    }
  }
  if (facts.kinds == 0) facts.nothing = true;
}

const Facts& FactsBook::Of(NodeList nodes, NodeList negs, NodeList split) {
  std::vector<const Node*> key = nodes;
  key.push_back(nullptr);
  key.insert(key.end(), negs.begin(), negs.end());
  key.push_back(nullptr);
  key.insert(key.end(), split.begin(), split.end());
  const auto [at, is_new] = known_.try_emplace(std::move(key));
  if (is_new) {
    facts_.push_back({});
    Facts& facts = facts_.back();
    facts.nodes = std::move(nodes);
    facts.negs = std::move(negs);
    facts.split = std::move(split);
    Merge(facts);
    at->second = &facts;
  }
  return *at->second;
}

const Facts& FactsBook::With(const Facts& facts, const NodeList& nodes, const NodeList& negs,
                             const Node* split) {
  // Tables, because alternatives may come in thousands.
  const auto joined = [](NodeList all, const NodeList& more) {
    absl::flat_hash_set<const Node*> seen(all.begin(), all.end());
    for (const Node* node : more) {
      if (node != nullptr && seen.insert(node).second) all.push_back(node);
    }
    return all;
  };
  NodeList chosen = facts.split;
  if (split != nullptr) chosen.push_back(split);
  return Of(joined(facts.nodes, nodes), joined(facts.negs, negs), std::move(chosen));
}

NodeList CoversOf(const Node& part, std::string_view name) {
  NodeList covers;
  if (part.object != nullptr) {
    const ObjectRules& rules = *part.object;
    const int slot = rules.FindSlot(name);
    const Node* property = slot < 0 ? nullptr : rules.slots[static_cast<size_t>(slot)].property;
    if (property != nullptr) covers.push_back(property);
    for (const auto& [pattern, schema] : rules.patterns) {
      if (pattern->Matches(name)) covers.push_back(schema);
    }
  }
  if (covers.empty()) {
    if (const Node* rest = RestOfMembers(part)) covers.push_back(rest);
  }
  return covers;
}

NodeList CoversOf(const Facts& facts, std::string_view name) {
  NodeList covers;
  for (const Node* part : facts.parts) {
    const NodeList of_part = CoversOf(*part, name);
    covers.insert(covers.end(), of_part.begin(), of_part.end());
  }
  return covers;
}

bool Declares(const Node& part, std::string_view name) {
  if (part.object == nullptr) return false;
  const int slot = part.object->FindSlot(name);
  if (slot >= 0 && part.object->slots[static_cast<size_t>(slot)].property != nullptr) return true;
  return std::any_of(part.object->patterns.begin(), part.object->patterns.end(),
                     [&](const auto& row) { return row.first->Matches(name); });
}

bool Declares(const Facts& facts, std::string_view name) {
  return std::any_of(facts.parts.begin(), facts.parts.end(),
                     [&](const Node* part) { return Declares(*part, name); });
}

}  // namespace nexus::schema

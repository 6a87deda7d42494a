#include "schema/json/compat/place.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "schema/json/compat/facts.h"

namespace nexus::schema {
namespace {

bool IsSchemaForAny(const Node* node) {
  return node != nullptr && node->kind == Node::Kind::kRules && !IsAnything(*node);
}

void AddUnnamed(const Node& node, NodeList& next) {
  if (node.object != nullptr) {
    for (const auto& [pattern, schema] : node.object->patterns) next.push_back(schema);
    next.push_back(node.object->additional);
  }
  next.push_back(node.unevaluated_properties);
}

}  // namespace

NodeList InPlaceClosure(const NodeList& start) {
  NodeList closure;
  absl::flat_hash_set<const Node*> seen;
  NodeList waiting(start.rbegin(), start.rend());
  while (!waiting.empty()) {
    const Node* node = waiting.back();
    waiting.pop_back();
    if (node == nullptr || !seen.insert(node).second) continue;
    closure.push_back(node);
    if (node->object != nullptr) {
      for (const auto& dependency : node->object->dependencies) {
        waiting.push_back(dependency.schema);
      }
    }
    if (node->in_place == nullptr) continue;
    const InPlaceRules& rules = *node->in_place;
    for (const NodeList* list : {&rules.all_of, &rules.any_of, &rules.one_of}) {
      waiting.insert(waiting.end(), list->rbegin(), list->rend());
    }
    for (const Node* next : {rules.ref, rules.dynamic_ref, rules.negated, rules.condition,
                             rules.consequence, rules.alternative}) {
      waiting.push_back(next);
    }
  }
  return closure;
}

bool Place::Declares(std::string_view name) const {
  if (any_name_ || named_.contains(absl::string_view(name.data(), name.size()))) return true;
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const Pattern* pattern) { return pattern->Matches(name); });
}

void PlaceMap::Describe(Place& place) const {
  const auto mention = [&](const std::string& name) {
    if (place.named_.try_emplace(name, true).second) place.names_.push_back(name);
  };
  for (const Node* node : place.nodes_) {
    place.any_name_ |= IsSchemaForAny(node->unevaluated_properties);
    if (node->object == nullptr) continue;
    const ObjectRules& rules = *node->object;
    place.any_name_ |= IsSchemaForAny(rules.additional);
    for (const auto& slot : rules.slots) mention(slot.name);
    for (const auto& [pattern, schema] : rules.patterns) place.patterns_.push_back(pattern.get());
    for (const auto& dependency : rules.dependencies) {
      mention(dependency.trigger);
      for (const std::string& name : dependency.required) mention(name);
    }
  }
}

const Place* PlaceMap::Of(NodeList start) {
  NodeList closure = InPlaceClosure(start);
  work_ += closure.size() + 1;
  const auto [at, is_new] = known_.try_emplace(closure);
  if (is_new) {
    places_.push_back({});
    places_.back().nodes_ = std::move(closure);
    Describe(places_.back());
    at->second = &places_.back();
  }
  return at->second;
}

const Place* PlaceMap::Member(const Place* place, const std::string& name) {
  if (const auto at = place->members_.find(name); at != place->members_.end()) return at->second;
  NodeList next;
  for (const Node* node : place->nodes_) {
    if (node->object != nullptr) {
      const int slot = node->object->FindSlot(name);
      if (slot >= 0) next.push_back(node->object->slots[static_cast<size_t>(slot)].property);
    }
    AddUnnamed(*node, next);
  }
  const Place* found = Of(std::move(next));
  const_cast<Place*>(place)->members_.emplace(name, found);
  return found;
}

const Place* PlaceMap::Others(const Place* place) {
  if (place->others_ != nullptr) return place->others_;
  NodeList next;
  for (const Node* node : place->nodes_) AddUnnamed(*node, next);
  return const_cast<Place*>(place)->others_ = Of(std::move(next));
}

const Place* PlaceMap::Items(const Place* place) {
  if (place->items_ != nullptr) return place->items_;
  NodeList next;
  for (const Node* node : place->nodes_) {
    next.push_back(node->unevaluated_items);
    if (node->array == nullptr) continue;
    next.insert(next.end(), node->array->prefix.begin(), node->array->prefix.end());
    next.push_back(node->array->rest);
    next.push_back(node->array->contains);
  }
  return const_cast<Place*>(place)->items_ = Of(std::move(next));
}

}  // namespace nexus::schema

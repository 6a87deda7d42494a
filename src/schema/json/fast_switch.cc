#include "schema/json/fast_switch.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nexus::schema {
namespace {

constexpr int kHopsMax = 8;

bool IsBareReference(const Node& node) {
  if (node.kind != Node::Kind::kRules || node.types != 0 || node.constant || node.has_enum ||
      node.number != nullptr || node.text != nullptr || node.array != nullptr ||
      node.object != nullptr || node.in_place == nullptr || node.unevaluated_items != nullptr ||
      node.unevaluated_properties != nullptr) {
    return false;
  }
  const InPlaceRules& rules = *node.in_place;
  return rules.ref != nullptr && rules.dynamic_ref == nullptr && !rules.metaschema &&
         rules.all_of.empty() && rules.any_of.empty() && rules.one_of.empty() &&
         rules.negated == nullptr && rules.condition == nullptr;
}

// The strings that are all that `node` takes; empty if it takes anything else.
std::vector<std::string> TextsOf(const Node* node) {
  std::vector<std::string> texts;
  if (node == nullptr) return texts;
  const Node& at = Followed(*node);
  std::vector<JsonElement> values = at.enumeration;
  if (at.constant) values = {*at.constant};
  for (const JsonElement value : values) {
    if (!value.is_string()) return {};
    texts.emplace_back(value.get_string().value_unsafe());
  }
  return texts;
}

const Node* PropertyOf(const Node& node, const std::string& name) {
  const Node& at = Followed(node);
  if (at.object == nullptr) return nullptr;
  const int slot = at.object->FindSlot(name);
  return slot < 0 ? nullptr : at.object->slots[static_cast<size_t>(slot)].property;
}

std::unique_ptr<const FastSwitch> SwitchOn(const std::string& property, const NodeList& nodes,
                                           const FastList& branches) {
  std::vector<std::string> texts;
  auto made = std::make_unique<FastSwitch>();
  for (size_t i = 0; i < nodes.size(); ++i) {
    std::vector<std::string> own = TextsOf(PropertyOf(*nodes[i], property));
    if (own.empty()) return nullptr;
    for (std::string& text : own) {
      if (std::find(texts.begin(), texts.end(), text) != texts.end()) return nullptr;
      texts.push_back(std::move(text));
      made->branches.push_back(branches[i]);
    }
  }
  made->property = property;
  made->texts = KeyTable(std::move(texts));
  return made;
}

}  // namespace

const Node& Followed(const Node& node) {
  const Node* at = &node;
  for (int hops = 0; hops < kHopsMax && IsBareReference(*at); ++hops) at = at->in_place->ref;
  return *at;
}

std::unique_ptr<const FastSwitch> MakeSwitch(const NodeList& nodes, const FastList& branches) {
  if (nodes.size() < 2 || nodes.size() != branches.size()) return nullptr;
  const Node& first = Followed(*nodes[0]);
  if (first.object == nullptr) return nullptr;
  for (const ObjectRules::Slot& slot : first.object->slots) {
    if (auto made = SwitchOn(slot.name, nodes, branches)) return made;
  }
  return nullptr;
}

}  // namespace nexus::schema

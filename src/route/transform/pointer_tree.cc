#include "route/transform/pointer_tree.h"

#include <utility>

namespace nexus::route {
namespace {

PointerNode& NodeAt(PointerNode& root, const std::string& pointer) {
  std::vector<std::string> segments;
  ParsePointer(pointer, segments);
  PointerNode* node = &root;
  for (const std::string& segment : segments) {
    std::unique_ptr<PointerNode>& next = segment == "*" ? node->any : node->members[segment];
    if (next == nullptr) next = std::make_unique<PointerNode>();
    node = next.get();
  }
  node->pointer = pointer;
  return *node;
}

void Inherit(const PointerNode& child, PointerNode& parent) {
  parent.picks_below |= child.pick || child.picks_below;
  if (parent.required_below == nullptr) {
    parent.required_below = child.require ? &child.pointer : child.required_below;
  }
  if (parent.hidden_below == nullptr) {
    parent.hidden_below = child.hides() ? &child.pointer : child.hidden_below;
  }
}

// Depth is bounded by kPointerSegmentsMax.
void LookBelow(PointerNode& node) {
  for (const auto& [name, child] : node.members) {
    LookBelow(*child);
    Inherit(*child, node);
  }
  if (node.any == nullptr) return;
  LookBelow(*node.any);
  Inherit(*node.any, node);
}

}  // namespace

std::unique_ptr<PointerNode> BuildPointerTree(const TransformDeclaration& declaration) {
  auto root = std::make_unique<PointerNode>();
  for (const std::string& pointer : declaration.require) NodeAt(*root, pointer).require = true;
  for (const std::string& pointer : declaration.pick) NodeAt(*root, pointer).pick = true;
  for (const std::string& pointer : declaration.drop) NodeAt(*root, pointer).drop = true;
  for (const std::string& pointer : declaration.hash) NodeAt(*root, pointer).hash = true;
  for (const auto& [pointer, text] : declaration.mask) NodeAt(*root, pointer).mask = &text;
  for (const auto& [pointer, name] : declaration.rename) NodeAt(*root, pointer).rename = &name;
  LookBelow(*root);
  return root;
}

PointerNodes Below(const PointerNodes& nodes, absl::string_view name) {
  PointerNodes below;
  for (const PointerNode* node : nodes) {
    if (node->any != nullptr) below.push_back(node->any.get());
    const auto found = node->members.find(name);
    if (found != node->members.end()) below.push_back(found->second.get());
  }
  return below;
}

}  // namespace nexus::route

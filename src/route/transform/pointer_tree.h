#pragma once

// The pointers of a transform as one tree, so that a document is passed over once.
//
// Immutable once built; thread-safe then.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "route/declaration/transform_declaration.h"

namespace nexus::route {

// What is declared of the place that a node stands for.
struct PointerNode {
  std::map<std::string, std::unique_ptr<PointerNode>, std::less<>> members;
  std::unique_ptr<PointerNode> any;  // '*'

  std::string pointer;  // as in the declaration, for errors
  bool require = false;
  bool pick = false;
  bool drop = false;
  bool hash = false;
  const std::string* mask = nullptr;    // of the declaration
  const std::string* rename = nullptr;  // the same

  // Of nodes below this one: whether one is picked, and the pointer of the first that is required
  // or hidden (dropped, masked or hashed); null: none is.
  bool picks_below = false;
  const std::string* required_below = nullptr;
  const std::string* hidden_below = nullptr;

  bool hides() const { return drop || hash || mask != nullptr; }
};

// The nodes that stand for one place of a document: '*' and names may both do.
using PointerNodes = absl::InlinedVector<const PointerNode*, 4>;

// `declaration` must outlive the tree.
std::unique_ptr<PointerNode> BuildPointerTree(const TransformDeclaration& declaration);

// Those of a member or item.
PointerNodes Below(const PointerNodes& nodes, absl::string_view name);

template <typename Has>
bool AnyOf(const PointerNodes& nodes, Has has) {
  for (const PointerNode* node : nodes) {
    if (has(*node)) return true;
  }
  return false;
}

}  // namespace nexus::route

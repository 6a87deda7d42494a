#include "schema/json/reference_loops.h"

#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace nexus::schema {
namespace {

enum class Mark { kOpen, kDone };

// The nodes that an evaluation of `node` visits with the same instance.
NodeList InPlaceNodes(const Node& node) {
  NodeList next;
  const auto add = [&next](const Node* n) {
    if (n != nullptr) next.push_back(n);
  };
  if (node.object != nullptr) {
    for (const auto& dependency : node.object->dependencies) add(dependency.schema);
  }
  if (node.in_place == nullptr) return next;
  const InPlaceRules& rules = *node.in_place;
  for (const NodeList* list : {&rules.all_of, &rules.any_of, &rules.one_of}) {
    for (const Node* n : *list) add(n);
  }
  for (const Node* n :
       {rules.ref, rules.negated, rules.condition, rules.consequence, rules.alternative}) {
    add(n);
  }
  if (rules.dynamic_anchor.empty()) add(rules.dynamic_ref);
  return next;
}

}  // namespace

const Node* FindReferenceLoop(const SchemaProgram& program) {
  struct Frame {
    const Node* node;
    NodeList next;
    size_t at = 0;
  };
  absl::flat_hash_map<const Node*, Mark> marks;
  std::vector<Frame> stack;  // by hand: a chain of references may be long
  for (const Node& start : program.nodes) {
    if (!marks.try_emplace(&start, Mark::kOpen).second) continue;
    stack.push_back({&start, InPlaceNodes(start)});
    while (!stack.empty()) {
      Frame& frame = stack.back();
      if (frame.at == frame.next.size()) {
        marks[frame.node] = Mark::kDone;
        stack.pop_back();
        continue;
      }
      const Node* next = frame.next[frame.at++];
      const auto [mark, is_new] = marks.try_emplace(next, Mark::kOpen);
      if (!is_new && mark->second == Mark::kOpen) return next;
      if (is_new) stack.push_back({next, InPlaceNodes(*next)});
    }
  }
  return nullptr;
}

}  // namespace nexus::schema

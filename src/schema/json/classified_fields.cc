#include "schema/json/classified_fields.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "schema/json/json_describe.h"
#include "schema/json/json_pointer.h"
#include "schema/json/schema_fault.h"

namespace nexus::schema {
namespace {

// Schemas inside one another.
constexpr size_t kDepthMax = 512;

// A schema that a schema applies, and to what: the same value (empty), or a part of it.
using Step = std::pair<const Node*, std::string>;

void AddSteps(const ObjectRules& rules, std::vector<Step>& steps) {
  for (const ObjectRules::Slot& slot : rules.slots) {
    std::string token;
    AppendPointerToken(token, absl::string_view(slot.name));
    steps.emplace_back(slot.property, std::move(token));
  }
  for (const auto& [pattern, schema] : rules.patterns) steps.emplace_back(schema, "/*");
  steps.emplace_back(rules.additional, "/*");
  for (const ObjectRules::Dependency& dependency : rules.dependencies) {
    steps.emplace_back(dependency.schema, "");
  }
}

void AddSteps(const ArrayRules& rules, std::vector<Step>& steps) {
  for (size_t i = 0; i < rules.prefix.size(); ++i) {
    steps.emplace_back(rules.prefix[i], absl::StrCat("/", i));
  }
  steps.emplace_back(rules.rest, "/*");
  steps.emplace_back(rules.contains, "/*");
}

void AddSteps(const InPlaceRules& rules, std::vector<Step>& steps) {
  for (const Node* node :
       {rules.ref, rules.dynamic_ref, rules.condition, rules.consequence, rules.alternative}) {
    steps.emplace_back(node, "");
  }
  for (const NodeList* list : {&rules.all_of, &rules.any_of, &rules.one_of}) {
    for (const Node* node : *list) steps.emplace_back(node, "");
  }
}

std::vector<Step> StepsFrom(const Node& node) {
  std::vector<Step> steps;
  if (node.object != nullptr) AddSteps(*node.object, steps);
  if (node.array != nullptr) AddSteps(*node.array, steps);
  if (node.in_place != nullptr) AddSteps(*node.in_place, steps);
  steps.emplace_back(node.unevaluated_properties, "/*");
  steps.emplace_back(node.unevaluated_items, "/*");
  std::erase_if(steps, [](const Step& step) { return step.first == nullptr; });
  return steps;
}

class Walk {
 public:
  explicit Walk(const SchemaProgram& program) {
    absl::flat_hash_map<const Node*, std::vector<const Node*>> leading;  // who leads to it
    std::vector<const Node*> waiting;
    for (const Node& node : program.nodes) {
      for (const Step& step : StepsFrom(node)) leading[step.first].push_back(&node);
      if (node.field_class != nullptr && wanted_.insert(&node).second) waiting.push_back(&node);
    }
    while (!waiting.empty()) {
      const Node* node = waiting.back();
      waiting.pop_back();
      for (const Node* before : leading[node]) {
        if (wanted_.insert(before).second) waiting.push_back(before);
      }
    }
  }

  ClassifiedFields Run(const Node& root) {
    Visit(root, "");
    return list_.Take();
  }

 private:
  void Visit(const Node& node, const std::string& path) {
    if (!wanted_.contains(&node) || !list_.Step()) return;
    if (open_.size() >= kDepthMax || std::find(open_.begin(), open_.end(), &node) != open_.end()) {
      return list_.Cut();
    }
    if (node.field_class != nullptr) list_.Add(path, *node.field_class);
    open_.push_back(&node);
    for (const auto& [next, part] : StepsFrom(node)) Visit(*next, path + part);
    open_.pop_back();
  }

  absl::flat_hash_set<const Node*> wanted_;  // leads to an annotation, or has one
  std::vector<const Node*> open_;
  ClassifiedFieldsList list_;
};

}  // namespace

absl::StatusOr<FieldClass> ReadFieldClass(JsonElement object, const std::string& location) {
  FieldClass found;
  JsonElement value;
  if (!object.at_key(kClassKeyword).get(value)) {
    std::string_view text;
    if (value.get(text) || !IsDataClass(absl::string_view(text.data(), text.size()))) {
      return SchemaInvalid({absl::StrCat(location, "/", kClassKeyword), kClassKeyword,
                            kDataClassForm, DescribeJson(value)});
    }
    found.data_class = std::string(text);
  }
  if (!object.at_key(kSubjectKeyKeyword).get(value) && value.get(found.subject_key)) {
    return SchemaInvalid({absl::StrCat(location, "/", kSubjectKeyKeyword), kSubjectKeyKeyword,
                          "a boolean", DescribeJson(value)});
  }
  return found;
}

ClassifiedFields ListClassifiedFields(const SchemaProgram& program) {
  const auto has_class = [](const Node& node) { return node.field_class != nullptr; };
  if (std::none_of(program.nodes.begin(), program.nodes.end(), has_class)) return {};
  return Walk(program).Run(*program.root);
}

}  // namespace nexus::schema

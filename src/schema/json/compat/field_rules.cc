#include "schema/json/compat/field_rules.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "schema/json/compat/facts.h"
#include "schema/json/compat/place.h"
#include "schema/json/evaluator.h"
#include "schema/json/json_pointer.h"
#include "schema/json/schema_default.h"

namespace nexus::schema {
namespace {

constexpr size_t kFieldWorkMax = 200'000;
constexpr size_t kFieldDepthMax = 64;

uint8_t KindsOfValues(const Node& node) {
  uint8_t kinds = 0;
  const auto add = [&](JsonElement value) {
    const uint8_t types = Instance::Of(value).types;
    kinds |= (types & kIntegerBit) != 0 ? kIntegerBit : types;
  };
  if (node.constant) add(*node.constant);
  for (const JsonElement value : node.enumeration) add(value);
  return kinds;
}

// What a schema declares as its type, through references, allOf and alternatives.
uint8_t DeclaredKinds(const Node& node, size_t depth, size_t& work) {
  if (node.kind == Node::Kind::kNever) return 0;
  if (++work > kFieldWorkMax || depth > kFieldDepthMax) return kAllKinds;
  uint8_t kinds = KindsOf(node.types);
  if (node.types == 0 && (node.constant || node.has_enum)) kinds = KindsOfValues(node);
  if (node.in_place == nullptr) return kinds;
  const InPlaceRules& rules = *node.in_place;
  for (const Node* part : {rules.ref, rules.dynamic_ref}) {
    if (part != nullptr) kinds &= DeclaredKinds(*part, depth + 1, work);
  }
  for (const Node* part : rules.all_of) kinds &= DeclaredKinds(*part, depth + 1, work);
  for (const NodeList* branches : {&rules.any_of, &rules.one_of}) {
    if (branches->empty()) continue;
    uint8_t any = 0;
    for (const Node* branch : *branches) any |= DeclaredKinds(*branch, depth + 1, work);
    kinds &= any;
  }
  return kinds;
}

class FieldReader {
 public:
  FieldTable Read(const Node& root) {
    Note("", {&root}, false, true);
    Visit({&root}, "");
    table_.complete = work_ <= kFieldWorkMax;
    return std::move(table_);
  }

 private:
  void Note(const std::string& path, const NodeList& nodes, bool required, bool container) {
    Field& field = table_.fields[path];
    field.node = nodes[0];
    field.required = required;
    field.container = container;
    for (const Node* node : nodes) field.kinds |= DeclaredKinds(*node, 0, work_);
  }

  // `nodes` all speak about the values at `path`.
  void Visit(const NodeList& nodes, const std::string& path) {
    // What is inside a recursive schema was read where it began.
    for (const Node* node : nodes) {
      if (open_.contains(node)) return;
    }
    const NodeList all = InPlaceClosure(nodes);
    work_ += all.size();
    if (work_ > kFieldWorkMax || depth_ > kFieldDepthMax) {
      work_ = kFieldWorkMax + 1;
      return;
    }
    std::vector<const Node*> opened;
    for (const Node* node : all) {
      if (open_.insert(node).second) opened.push_back(node);
    }
    ++depth_;
    VisitMembers(all, path);
    NodeList items;
    NodeList others;
    for (const Node* node : all) {
      if (node->array != nullptr) {
        items.insert(items.end(), node->array->prefix.begin(), node->array->prefix.end());
        items.push_back(node->array->rest);
      }
      if (node->object == nullptr) continue;
      others.push_back(node->object->additional);
      for (const auto& row : node->object->patterns) others.push_back(row.second);
    }
    VisitContainer(items, path + "/*");
    VisitContainer(others, path + "/{}");
    --depth_;
    for (const Node* node : opened) open_.erase(node);
  }

  void VisitContainer(NodeList& nodes, const std::string& path) {
    nodes.erase(std::remove_if(nodes.begin(), nodes.end(),
                               [](const Node* node) {
                                 return node == nullptr || node->kind != Node::Kind::kRules;
                               }),
                nodes.end());
    if (nodes.empty()) return;
    Note(path, nodes, false, true);
    Visit(nodes, path);
  }

  void VisitMembers(const NodeList& all, const std::string& path) {
    std::map<std::string, NodeList> members;
    absl::flat_hash_set<std::string> required;
    for (const Node* node : all) {
      if (node->object == nullptr) continue;
      for (const ObjectRules::Slot& slot : node->object->slots) {
        if (slot.required) required.insert(slot.name);
        if (slot.property == nullptr || slot.property->kind == Node::Kind::kNever) continue;
        members[slot.name].push_back(slot.property);
      }
    }
    for (const auto& [name, nodes] : members) {
      std::string below = path;
      AppendPointerToken(below, absl::string_view(name));
      Note(below, nodes, required.contains(name), false);
      Visit(nodes, below);
    }
  }

  FieldTable table_;
  absl::flat_hash_set<const Node*> open_;
  size_t depth_ = 0;
  size_t work_ = 0;
};

std::string ParentOf(const std::string& path) {
  return path.empty() ? path : path.substr(0, path.rfind('/'));
}

// A default that the schema accepts.
bool HasValidDefault(const SchemaProgram& program, const Node& property) {
  const std::optional<JsonElement> value = DefaultOf(program, property);
  if (!value.has_value()) return false;
  const auto violations = Evaluator(program, {}).RunAt(property, *value, 1);
  return violations.ok() && violations->empty();
}

CompatibilityFinding Found(const char* rule, const Node& node, std::string old_value,
                           std::string new_value, std::string message) {
  CompatibilityFinding finding;
  finding.rule = rule;
  finding.path = node.location;
  finding.old_value = std::move(old_value);
  finding.new_value = std::move(new_value);
  finding.message = std::move(message);
  return finding;
}

}  // namespace

FieldTable FieldsOf(const SchemaProgram& program) { return FieldReader().Read(*program.root); }

std::vector<CompatibilityFinding> CheckFields(const FieldTable& from, const FieldTable& to,
                                              const SchemaProgram& program,
                                              const CompatibilityFlags& flags) {
  std::vector<CompatibilityFinding> findings;
  for (const auto& [path, field] : to.fields) {
    const auto before = from.fields.find(path);
    if (before == from.fields.end()) {
      // What lies inside a new field is new with it.
      if (field.container || !from.fields.contains(ParentOf(path))) continue;
      if (!flags.allow_new_fields) {
        findings.push_back(Found("NEW_FIELD_NOT_ALLOWED", *field.node, "", KindsText(field.kinds),
                                 absl::StrCat("the field ", path, " is new")));
      } else if (flags.require_defaults && !HasValidDefault(program, *field.node)) {
        findings.push_back(
            Found("NEW_FIELD_WITHOUT_DEFAULT", *field.node, "", KindsText(field.kinds),
                  absl::StrCat("the new field ", path, " has no default that its schema accepts")));
      }
    } else if (!flags.allow_type_changes && before->second.kinds != field.kinds) {
      const std::string old_kinds = KindsText(before->second.kinds);
      const std::string new_kinds = KindsText(field.kinds);
      findings.push_back(
          Found("TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE", *field.node, old_kinds, new_kinds,
                absl::StrCat(path.empty() ? "the document" : absl::StrCat("the field ", path),
                             " was ", old_kinds, " and is ", new_kinds)));
    }
  }
  for (const auto& [path, field] : from.fields) {
    if (field.container || to.fields.contains(path) || !to.fields.contains(ParentOf(path)))
      continue;
    if (!flags.allow_field_removal) {
      findings.push_back(Found("FIELD_REMOVED", *field.node, KindsText(field.kinds), "",
                               absl::StrCat("the field ", path, " is gone")));
    } else if (field.required) {
      findings.push_back(Found("REQUIRED_FIELD_REMOVED", *field.node, "required", "",
                               absl::StrCat("the field ", path, " was required until now")));
    }
  }
  return findings;
}

std::vector<CompatibilityFinding> CheckReturns(const FieldTable& earlier, const FieldTable& latest,
                                               const FieldTable& to) {
  std::vector<CompatibilityFinding> findings;
  for (const auto& [path, field] : to.fields) {
    if (latest.fields.contains(path)) continue;
    const auto before = earlier.fields.find(path);
    if (before == earlier.fields.end() || before->second.kinds == field.kinds) continue;
    findings.push_back(Found("FIELD_RETURNED_WITH_OTHER_TYPE", *field.node,
                             KindsText(before->second.kinds), KindsText(field.kinds),
                             absl::StrCat("the field ", path, " comes back with another type")));
  }
  return findings;
}

}  // namespace nexus::schema

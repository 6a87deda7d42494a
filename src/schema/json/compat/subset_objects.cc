#include <algorithm>

#include "absl/strings/str_cat.h"
#include "schema/json/compat/subset_check.h"
#include "schema/json/json_describe.h"
#include "schema/json/json_pointer.h"

namespace nexus::schema {
namespace {

std::string PropertyPointer(const std::string& name) {
  std::string pointer = "/properties";
  AppendPointerToken(pointer, absl::string_view(name));
  return pointer;
}

// The expression under which a schema of patternProperties stands, as its pointer spells it.
std::string PatternToken(const Node& node) {
  return node.location.substr(node.location.rfind('/') + 1);
}

}  // namespace

bool SubsetCheck::FitsObject(const Goal& goal) {
  if ((goal.facts.kinds & kObjectBit) == 0) return true;
  const bool says_nothing = goal.to.object == nullptr && IsAnything(RestOfMembers(goal.to));
  if (says_nothing) return true;
  // Every name that somebody mentions, once.
  std::vector<std::string> names;
  absl::flat_hash_set<std::string> seen;
  const auto mention = [&](const std::string& name) {
    if (seen.insert(name).second) names.push_back(name);
  };
  const auto mention_all = [&](const Node& part) {
    if (part.object == nullptr) return;
    for (const auto& slot : part.object->slots) mention(slot.name);
  };
  mention_all(goal.to);
  for (const Node* part : goal.facts.parts) mention_all(*part);
  for (const std::string& name : goal.where.from->names()) mention(name);
  bool fits = true;
  for (const std::string& name : names) {
    if (!Spend(1 + goal.facts.parts.size())) return false;
    fits &= FitsMember(goal, name);
    if (gave_up_ || (!fits && !goal.report)) return false;
  }
  fits &= FitsPatterns(goal);
  fits &= FitsAdditional(goal);
  if (goal.to.object == nullptr || (!fits && !goal.report)) return fits;
  fits &= FitsRequired(goal);
  const ObjectRules& to = *goal.to.object;
  std::optional<uint64_t> members_min = goal.facts.members_min;
  const uint64_t required =
      static_cast<uint64_t>(std::count_if(names.begin(), names.end(), [&](const std::string& name) {
        return goal.facts.Requires(name);
      }));
  if (required > 0) members_min = std::max(members_min.value_or(0), required);
  fits &= FitsCountMin(goal, "MIN_PROPERTIES", "minProperties", members_min, to.count_min);
  fits &=
      FitsCountMax(goal, "MAX_PROPERTIES", "maxProperties", goal.facts.members_max, to.count_max);
  fits &= FitsNames(goal);
  return FitsDependencies(goal) && fits;
}

bool SubsetCheck::FitsMember(const Goal& goal, const std::string& name) {
  const NodeList to = CoversOf(goal.to, name);
  if (std::all_of(to.begin(), to.end(), [](const Node* node) { return IsAnything(node); })) {
    return true;
  }
  if (IsAbsent(name, goal.where)) return true;
  const NodeList from = CoversOf(goal.facts, name);
  const bool was_declared = Declares(goal.facts, name);
  const bool is_declared = Declares(goal.to, name);
  if (is_declared && !was_declared) return FitsNewMember(goal, name, from, to);
  const Facts& facts = facts_.Of(from);
  const Where inside{places_.Member(goal.where.from, name), places_.Member(goal.where.to, name)};
  bool fits = true;
  for (const Node* cover : to) {
    instance_.push_back(name);
    const bool holds = Fits(facts, *cover, inside, goal.report && is_declared);
    instance_.pop_back();
    if (!holds && !is_declared) {
      FitsLostMember(goal, name, from, *cover);
    }
    fits &= holds;
    if (gave_up_ || (!fits && !goal.report)) return false;
  }
  return fits;
}

bool SubsetCheck::FitsNewMember(const Goal& goal, const std::string& name, const NodeList& from,
                                const NodeList& to) {
  const Facts& facts = facts_.Of(from);
  const Where inside{places_.Member(goal.where.from, name), places_.Member(goal.where.to, name)};
  instance_.push_back(name);
  const bool fits = std::all_of(
      to.begin(), to.end(), [&](const Node* cover) { return Fits(facts, *cover, inside, false); });
  const auto shown = [&] {
    const bool open = facts.parts.empty();
    return Fail(goal,
                open ? "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"
                     : "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
                PropertyPointer(name),
                {open ? "any value" : "the schema of additional properties", "a schema"},
                absl::StrCat("documents may have carried ", DescribeText(name),
                             " with a value that its new schema refuses"));
  };
  // A required one is named as such.
  const int slot = goal.to.object->FindSlot(name);
  const bool required = slot >= 0 && goal.to.object->slots[static_cast<size_t>(slot)].required;
  if (!fits && !(required && !goal.facts.Requires(name))) shown();
  instance_.pop_back();
  return fits;
}

bool SubsetCheck::FitsLostMember(const Goal& goal, const std::string& name, const NodeList& from,
                                 const Node& to) {
  instance_.push_back(name);
  const bool closed = to.kind == Node::Kind::kNever;
  Fail(goal,
       closed ? "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL"
              : "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
       PropertyPointer(name),
       {from.empty() ? "any value" : KindsText(facts_.Of(from).kinds), closed ? "" : "a schema"},
       absl::StrCat("documents that carry ", DescribeText(name), " are refused now"));
  instance_.pop_back();
  return false;
}

bool SubsetCheck::FitsRequired(const Goal& goal) {
  bool fits = true;
  for (const ObjectRules::Slot& slot : goal.to.object->slots) {
    if (!slot.required || goal.facts.Requires(slot.name)) continue;
    const bool has_default = slot.property != nullptr && (HasDefault(to_, *slot.property));
    const bool was_declared = Declares(goal.facts, slot.name);
    const char* with = has_default ? "_WITH_DEFAULT" : "";
    std::string rule = absl::StrCat("REQUIRED_ATTRIBUTE", with, "_ADDED");
    if (!was_declared) {
      const bool open =
          std::all_of(goal.facts.parts.begin(), goal.facts.parts.end(), [](const Node* part) {
            return IsAnything(RestOfMembers(*part)) &&
                   (part->object == nullptr || part->object->patterns.empty());
          });
      rule = absl::StrCat("REQUIRED_PROPERTY", with, "_ADDED_TO_", open ? "OPEN" : "UNOPEN",
                          "_CONTENT_MODEL");
    }
    fits = Fail(goal, rule,
                was_declared || slot.property == nullptr ? "/required" : PropertyPointer(slot.name),
                {was_declared ? "optional" : "", "required"},
                absl::StrCat("documents without ", DescribeText(slot.name), " are refused now",
                             has_default ? "; a default is not filled in" : ""),
                "required");
    if (!goal.report) return false;
  }
  return fits;
}

bool SubsetCheck::FitsPatterns(const Goal& goal) {
  if (goal.to.object == nullptr) return true;
  bool fits = true;
  for (const auto& [pattern, cover] : goal.to.object->patterns) {
    NodeList from;
    for (const Node* part : goal.facts.parts) {
      bool same_text = false;
      if (part->object != nullptr) {
        for (const auto& [other, schema] : part->object->patterns) {
          if (PatternToken(*schema) != PatternToken(*cover)) continue;
          from.push_back(schema);
          same_text = true;
        }
      }
      // Without patterns of its own, a name that nobody mentions falls to the rest.
      const bool plain = part->object == nullptr || part->object->patterns.empty();
      const Node* rest = RestOfMembers(*part);
      if (!same_text && plain && rest != nullptr) from.push_back(rest);
    }
    if (!Spend(1 + goal.facts.parts.size())) return false;
    const Facts& facts = facts_.Of(std::move(from));
    const Where inside{places_.Others(goal.where.from), places_.Others(goal.where.to)};
    instance_.push_back("*");
    const bool known = !facts.parts.empty();
    const bool holds = Fits(facts, *cover, inside, goal.report && known);
    instance_.pop_back();
    if (!holds && !known) {
      Fail(goal, "PATTERN_PROPERTY_ADDED", "/patternProperties/" + PatternToken(*cover),
           {"any value", "a schema"}, "fields whose names match the pattern have a schema now");
    }
    fits &= holds;
    if (gave_up_ || (!fits && !goal.report)) return false;
  }
  return fits;
}

bool SubsetCheck::FitsAdditional(const Goal& goal) {
  const Node* to = RestOfMembers(goal.to);
  if (IsAnything(to)) return true;
  // Fields that nobody declared are left out; those that somebody did have been looked at by name.
  if (policy_ == CompatibilityPolicy::kLenient && !goal.where.from->HasOpenDeclarations()) {
    return true;
  }
  const auto is_known = [&](const Node& cover) {
    if (goal.to.object == nullptr) return false;
    const auto& patterns = goal.to.object->patterns;
    return std::any_of(patterns.begin(), patterns.end(), [&](const auto& row) {
      return PatternToken(*row.second) == PatternToken(cover);
    });
  };
  NodeList from;
  for (const Node* part : goal.facts.parts) {
    const Node* rest = RestOfMembers(*part);
    if (rest == nullptr) continue;
    // A name may match a pattern that only the earlier schema has: then the rest says nothing.
    bool applies = true;
    if (part->object != nullptr) {
      for (const auto& row : part->object->patterns) applies &= is_known(*row.second);
    }
    if (applies) from.push_back(rest);
  }
  const Facts& facts = facts_.Of(std::move(from));
  const Where inside{places_.Others(goal.where.from), places_.Others(goal.where.to)};
  const bool known = !facts.parts.empty() && to->kind != Node::Kind::kNever;
  instance_.push_back("*");
  bool fits = Fits(facts, *to, inside, goal.report && known);
  if (!fits && !known) {
    const bool closed = to->kind == Node::Kind::kNever;
    const std::string keyword =
        to->keyword.empty() ? "additionalProperties" : std::string(to->keyword);
    Fail(goal, closed ? "ADDITIONAL_PROPERTIES_REMOVED" : "ADDITIONAL_PROPERTIES_NARROWED",
         absl::StrCat("/", keyword),
         {facts.parts.empty() ? "true" : "a schema", closed ? "false" : "a schema"},
         closed ? "fields that are not declared are refused now"
                : "fields that are not declared have a schema now");
  }
  instance_.pop_back();
  return fits;
}

bool SubsetCheck::FitsNames(const Goal& goal) {
  const Node* to = goal.to.object->names;
  if (IsAnything(to)) return true;
  for (const Node* part : goal.facts.parts) {
    if (part->object != nullptr && part->object->names != nullptr &&
        same_.Are(*part->object->names, *to)) {
      return true;
    }
  }
  return Undecided(goal, "propertyNames");
}

bool SubsetCheck::FitsDependencies(const Goal& goal) {
  bool fits = true;
  for (const ObjectRules::Dependency& wanted : goal.to.object->dependencies) {
    if (IsAbsent(wanted.trigger, goal.where)) continue;
    if (IsEmpty(facts_.Of(CoversOf(goal.facts, wanted.trigger)), 0)) continue;
    fits &= FitsDependency(goal, wanted);
    if (gave_up_ || (!fits && !goal.report)) return false;
  }
  return fits;
}

bool SubsetCheck::FitsDependency(const Goal& goal, const ObjectRules::Dependency& wanted) {
  std::vector<std::string> known;
  NodeList schemas;
  for (const Node* part : goal.facts.parts) {
    if (part->object == nullptr) continue;
    for (const ObjectRules::Dependency& other : part->object->dependencies) {
      if (other.trigger != wanted.trigger) continue;
      known.insert(known.end(), other.required.begin(), other.required.end());
      if (other.schema != nullptr) schemas.push_back(other.schema);
    }
  }
  const Facts& facts = facts_.With(goal.facts, schemas);
  std::string pointer = absl::StrCat("/", wanted.keyword);
  AppendPointerToken(pointer, absl::string_view(wanted.trigger));
  if (wanted.schema != nullptr && !Fits(facts, *wanted.schema, goal.where, false)) {
    return Fail(goal, schemas.empty() ? "DEPENDENCY_SCHEMA_ADDED" : "DEPENDENCY_SCHEMA_NARROWED",
                pointer, {schemas.empty() ? "" : "a schema", "a schema"},
                absl::StrCat("documents with ", DescribeText(wanted.trigger),
                             " must fit a schema that they need not have fitted"));
  }
  for (const std::string& name : wanted.required) {
    if (facts.Requires(name) || name == wanted.trigger ||
        std::find(known.begin(), known.end(), name) != known.end()) {
      continue;
    }
    return Fail(goal, known.empty() ? "DEPENDENCY_ARRAY_ADDED" : "DEPENDENCY_ARRAY_EXTENDED",
                pointer, {"", name},
                absl::StrCat("documents with ", DescribeText(wanted.trigger), " need ",
                             DescribeText(name), " now"),
                wanted.keyword);
  }
  return true;
}

}  // namespace nexus::schema

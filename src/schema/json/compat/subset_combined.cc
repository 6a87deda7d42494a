#include <algorithm>

#include "absl/strings/str_cat.h"
#include "schema/json/compat/subset_check.h"
#include "schema/json/evaluator.h"

namespace nexus::schema {
namespace {

constexpr int kEmptyDepthMax = 3;

}  // namespace

bool SubsetCheck::FitsCombinations(const Goal& goal) {
  if (goal.to.in_place == nullptr) return true;
  const InPlaceRules& to = *goal.to.in_place;
  bool fits = true;
  if (facts_.IsAmbiguous(to)) fits = Undecided(goal, "$dynamicRef");
  if (to.metaschema) {
    const auto same = [&](const Node* part) {
      return part->in_place != nullptr && part->in_place->metaschema == to.metaschema;
    };
    if (std::none_of(goal.facts.parts.begin(), goal.facts.parts.end(), same)) {
      fits = Undecided(goal, "$ref");
    }
  }
  if (!to.any_of.empty() && (fits || goal.report)) fits &= FitsAlternatives(goal, to.any_of, false);
  if (!to.one_of.empty() && (fits || goal.report)) fits &= FitsAlternatives(goal, to.one_of, true);
  if (to.negated != nullptr && (fits || goal.report)) fits &= FitsNot(goal);
  if (to.condition != nullptr && (fits || goal.report)) fits &= FitsCondition(goal);
  return fits;
}

bool SubsetCheck::FitsAlternatives(const Goal& goal, const NodeList& branches, bool exclusive) {
  for (const Node* part : goal.facts.parts) {
    if (part->in_place == nullptr) continue;
    const NodeList& known = exclusive ? part->in_place->one_of : part->in_place->any_of;
    if (!known.empty() && same_.AreSets(known, branches)) return true;
  }
  if (FitsOneOf(goal.facts, branches, exclusive, goal.where)) return true;
  // Each type by itself may find a branch: ["string", "null"] fits two.
  bool split = false;
  bool fits = true;
  for (size_t i = 0; i < kind_nodes_.size() && fits; ++i) {
    const uint8_t kind = static_cast<uint8_t>(1u << i);
    if ((goal.facts.kinds & kind) == 0) continue;
    // Whole numbers are looked at with the others, where there are others.
    if (kind == kIntegerBit && (goal.facts.kinds & kNumberBit) != 0) continue;
    const uint8_t own = KindsOf(kind) & goal.facts.kinds;
    split |= own != goal.facts.kinds;
    if (!split) break;
    fits = FitsOneOf(facts_.With(goal.facts, {&kind_nodes_[i]}), branches, exclusive, goal.where);
  }
  if (split && fits) return true;
  if (goal.report && !gave_up_) ReportAlternatives(goal, branches, exclusive);
  return false;
}

bool SubsetCheck::FitsOneOf(const Facts& facts, const NodeList& branches, bool exclusive,
                            Where where) {
  for (const Node* branch : branches) {
    if (!Spend(1)) return false;
    if (!Fits(facts, *branch, where, false)) continue;
    if (!exclusive) return true;
    const Facts& chosen = facts_.With(facts, {branch});
    return std::all_of(branches.begin(), branches.end(), [&](const Node* other) {
      return other == branch || (Spend(1) && Excludes(chosen, *other, where));
    });
  }
  return false;
}

bool SubsetCheck::Excludes(const Facts& facts, const Node& node, Where where) {
  for (const Node* neg : facts.negs) {
    if (same_.Are(*neg, node)) return true;
  }
  if (IsEmpty(facts_.With(facts, {&node}), 0)) return true;
  const Facts& other = facts_.Of({&node});
  return std::any_of(facts.negs.begin(), facts.negs.end(),
                     [&](const Node* neg) { return Fits(other, *neg, where, false); });
}

bool SubsetCheck::IsEmpty(const Facts& facts, int depth) {
  if (facts.nothing) return true;
  if (depth > kEmptyDepthMax || !Spend(1 + facts.parts.size())) return false;
  if (facts.finite != nullptr && !facts_.HasAmbiguity()) {
    std::vector<JsonElement> values = facts.finite->enumeration;
    if (facts.finite->constant) values.assign(1, *facts.finite->constant);
    return std::none_of(values.begin(), values.end(), [&](JsonElement value) {
      return std::all_of(facts.parts.begin(), facts.parts.end(),
                         [&](const Node* part) { return gave_up_ || IsValid(*part, value); });
    });
  }
  if (facts.kinds != kObjectBit) return false;
  for (const Node* part : facts.parts) {
    if (part->object == nullptr) continue;
    for (const ObjectRules::Slot& slot : part->object->slots) {
      if (!slot.required || !Spend(1 + facts.parts.size())) continue;
      if (IsEmpty(facts_.Of(CoversOf(facts, slot.name)), depth + 1)) return true;
    }
  }
  return false;
}

bool SubsetCheck::FitsNot(const Goal& goal) {
  const Node& negated = *goal.to.in_place->negated;
  if (Excludes(goal.facts, negated, goal.where)) return true;
  return Fail(goal, "NOT_TYPE_EXTENDED", "/not",
              {goal.facts.negs.empty() ? "" : "a schema", "a schema"},
              "what must not hold refuses documents that were accepted", "not");
}

bool SubsetCheck::FitsCondition(const Goal& goal) {
  const InPlaceRules& to = *goal.to.in_place;
  NodeList then = {to.condition};
  NodeList otherwise;
  for (const Node* part : goal.facts.parts) {
    if (part->in_place == nullptr || part->in_place->condition == nullptr) continue;
    if (!same_.Are(*part->in_place->condition, *to.condition)) continue;
    then.push_back(part->in_place->consequence);
    otherwise.push_back(part->in_place->alternative);
  }
  const bool fits =
      (to.consequence == nullptr ||
       Fits(facts_.With(goal.facts, then), *to.consequence, goal.where, false)) &&
      (to.alternative == nullptr || Fits(facts_.With(goal.facts, otherwise, {to.condition}),
                                         *to.alternative, goal.where, false));
  return fits || Undecided(goal, "if");
}

void SubsetCheck::ReportAlternatives(const Goal& goal, const NodeList& branches, bool exclusive) {
  size_t same_kind = 0;
  size_t other_kind = 0;
  const NodeList* known = nullptr;
  for (const Node* part : goal.facts.parts) {
    if (part->in_place == nullptr) continue;
    const InPlaceRules& rules = *part->in_place;
    const NodeList& like = exclusive ? rules.one_of : rules.any_of;
    if (!like.empty()) known = &like;
    same_kind = std::max(same_kind, like.size());
    other_kind = std::max(other_kind, (exclusive ? rules.any_of : rules.one_of).size());
  }
  const std::string keyword = exclusive ? "oneOf" : "anyOf";
  const auto fail = [&](absl::string_view rule, const std::string& old, const std::string& why) {
    Fail(goal, rule, "/" + keyword, {old, absl::StrCat(branches.size(), " branches")}, why,
         keyword);
  };
  const std::string count = absl::StrCat(same_kind, " branches");
  if (same_kind > branches.size()) {
    fail("SUM_TYPE_NARROWED", count, "an alternative is not accepted any more");
  } else if (same_kind == branches.size()) {
    fail("COMBINED_TYPE_SUBSCHEMAS_CHANGED", count, "an alternative accepts less than before");
    for (size_t i = 0; i < branches.size(); ++i) {
      const Facts& one = facts_.Of({(*known)[i]});
      if (!FitsOneOf(one, branches, false, goal.where)) {
        Fits(one, *branches[i], goal.where, true);
      }
    }
  } else if (same_kind > 0) {
    fail("COMBINED_TYPE_SUBSCHEMAS_CHANGED", count,
         exclusive ? "the alternatives are not known to exclude each other"
                   : "an alternative accepts less than before");
  } else if (other_kind > 0) {
    fail("COMBINED_TYPE_CHANGED", exclusive ? "anyOf" : "oneOf",
         absl::StrCat(keyword, " need not accept what the other combination did"));
  } else {
    fail("TYPE_CHANGED", KindsText(goal.facts.kinds),
         "none of the alternatives accepts all that was accepted");
  }
}

}  // namespace nexus::schema

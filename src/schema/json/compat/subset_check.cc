#include "schema/json/compat/subset_check.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "schema/json/evaluator.h"
#include "schema/json/json_compare.h"
#include "schema/json/json_describe.h"
#include "schema/json/schema_default.h"

namespace nexus::schema {
namespace {

constexpr size_t kNothingAssumed = std::numeric_limits<size_t>::max();

constexpr size_t kDynamicWorkMax = 100'000;

// Anchors that more than one resource has: where such a reference leads depends on the way there.
absl::flat_hash_set<std::string> AmbiguousAnchors(const SchemaProgram& a, const SchemaProgram& b) {
  absl::flat_hash_set<std::string> ambiguous;
  for (const SchemaProgram* program : {&a, &b}) {
    absl::flat_hash_set<std::string> seen;
    for (const Resource& resource : program->resources) {
      for (const auto& [name, node] : resource.dynamic_anchors) {
        if (!seen.insert(name).second) ambiguous.insert(name);
      }
    }
    size_t looked_at = 0;
    for (const Node& node : program->nodes) {
      if (node.in_place == nullptr || node.in_place->dynamic_anchor.empty()) continue;
      // One that leads back to itself has no end, and the compiler does not find it.
      const NodeList inside = looked_at > kDynamicWorkMax
                                  ? NodeList{&node}
                                  : InPlaceClosure({node.in_place->dynamic_ref});
      looked_at += inside.size();
      if (std::find(inside.begin(), inside.end(), &node) != inside.end()) {
        ambiguous.insert(node.in_place->dynamic_anchor);
      }
    }
  }
  return ambiguous;
}

// What a refused value says about the kind of change.
std::string RuleForRefusedValue(absl::string_view keyword) {
  if (keyword == "enum") return "ENUM_ARRAY_NARROWED";
  if (keyword == "const") return "ENUM_ARRAY_CHANGED";
  if (keyword == "type") return "TYPE_CHANGED";
  return "VALUE_NO_LONGER_ACCEPTED";
}

}  // namespace

std::string Below(const Node& node, absl::string_view suffix) {
  return absl::StrCat(node.location, suffix);
}

bool HasDefault(const SchemaProgram& program, const Node& property) {
  return DefaultOf(program, property).has_value();
}

SubsetCheck::SubsetCheck(const SchemaProgram& from, const SchemaProgram& to,
                         CompatibilityPolicy policy, const SubsetLimits& limits)
    : from_(from),
      to_(to),
      policy_(policy),
      limits_(limits),
      facts_(AmbiguousAnchors(from, to)),
      same_(facts_),
      lowest_assumed_(kNothingAssumed) {
  for (const uint8_t types :
       {kNullBit, kBooleanBit, kIntegerBit, kNumberBit, kStringBit, kArrayBit, kObjectBit}) {
    kind_nodes_.emplace_back();
    kind_nodes_.back().types = types;
    kind_nodes_.back().resource = &from.resources.front();
  }
}

std::vector<Difference> SubsetCheck::Run() {
  absl::StatusOr<std::unique_ptr<const JsonDocument>> small =
      JsonDocument::Parse("[null,true,false]", 4);
  if (small.ok()) small_values_ = *std::move(small);
  const Facts& facts = facts_.Of({from_.root});
  const Where where{places_.Of({from_.root}), places_.Of({to_.root})};
  const bool fits = Fits(facts, *to_.root, where, true);
  if (gave_up_ || (!fits && differences_.empty())) {
    Difference difference;
    difference.rule = "UNDECIDED";
    difference.message = gave_up_ ? "the schemas ask for more comparisons than are allowed"
                                  : "the difference could not be placed";
    differences_.push_back(std::move(difference));
  }
  return std::move(differences_);
}

bool SubsetCheck::Spend(size_t steps) {
  steps_ += steps;
  if (steps_ + same_.work() + places_.work() > limits_.steps_max) gave_up_ = true;
  return !gave_up_;
}

bool SubsetCheck::Fits(const Facts& facts, const Node& to, Where where, bool report) {
  if (facts.nothing || IsAnything(to)) return true;
  if (!Spend(1 + facts.parts.size())) return false;
  const Question question(&facts, &to, where.from, where.to);
  if (const auto at = answers_.find(question); at != answers_.end()) {
    if (at->second.fits) return true;
    if (!report || at->second.reported) return false;
  }
  if (const auto at = open_.find(question); at != open_.end()) {
    lowest_assumed_ = std::min(lowest_assumed_, at->second);
    return true;
  }
  const size_t depth = open_.size();
  if (depth >= limits_.nesting_max) {
    gave_up_ = true;
    return false;
  }
  open_.emplace(question, depth);
  const size_t outer = std::exchange(lowest_assumed_, kNothingAssumed);
  const bool fits = FitsParts({facts, to, where, report});
  open_.erase(question);
  // A "no" stays a "no" whatever was assumed; a "yes" is kept only if it stands by itself.
  const bool alone = lowest_assumed_ >= depth;
  if (!fits) {
    answers_[question] = {false, report};
  } else if (alone) {
    answers_[question] = {true, false};
  }
  lowest_assumed_ = std::min(outer, alone ? kNothingAssumed : lowest_assumed_);
  return fits;
}

bool SubsetCheck::FitsParts(const Goal& goal) {
  bool fits = true;
  for (const Node* part : facts_.PartsOf(goal.to)) {
    fits &= FitsPart({goal.facts, *part, goal.where, goal.report});
    if (gave_up_ || (!fits && !goal.report)) return false;
  }
  return fits;
}

bool SubsetCheck::FitsPart(const Goal& goal) {
  if (IsAnything(goal.to)) return true;
  for (const NodeList* list : {&goal.facts.nodes, &goal.facts.parts}) {
    for (const Node* known : *list) {
      if (same_.Are(*known, goal.to)) return true;
    }
  }
  if (goal.to.kind == Node::Kind::kNever) {
    if (IsEmpty(goal.facts, 0)) return true;
    return Fail(goal, "TYPE_CHANGED", "", {KindsText(goal.facts.kinds), "nothing"},
                "the schema accepts nothing any more");
  }
  if (goal.facts.finite != nullptr && !facts_.HasAmbiguity()) return FitsListedValues(goal);
  const bool has_alternatives =
      std::any_of(goal.facts.parts.begin(), goal.facts.parts.end(), [&](const Node* part) {
        return part->in_place != nullptr &&
               (!part->in_place->any_of.empty() || !part->in_place->one_of.empty());
      });
  if (!has_alternatives) return FitsRules(goal);
  const Goal trial{goal.facts, goal.to, goal.where, false};
  if (FitsRules(trial) || FitsBySplitting(trial)) return true;
  if (!goal.report || gave_up_) return false;
  const size_t before = differences_.size();
  // The alternatives say more precisely what is wrong than what all of them have in common.
  if (goal.to.in_place == nullptr) FitsBySplitting(goal);
  if (differences_.size() == before) FitsRules(goal);
  return false;
}

bool SubsetCheck::FitsRules(const Goal& goal) {
  const bool loose_members =
      !IsAnything(goal.to.unevaluated_properties) && RestOfMembers(goal.to) == nullptr;
  const bool loose_items =
      !IsAnything(goal.to.unevaluated_items) && RestOfItems(goal.to) == nullptr;
  // Without the type, what the other keywords say is of no interest.
  if (!FitsType(goal)) return false;
  bool fits = true;
  if (loose_members && (goal.facts.kinds & kObjectBit) != 0) {
    fits = Undecided(goal, "unevaluatedProperties");
  }
  if (loose_items && (goal.facts.kinds & kArrayBit) != 0) {
    fits = Undecided(goal, "unevaluatedItems");
  }
  if (!fits && !goal.report) return false;
  using Step = bool (SubsetCheck::*)(const Goal&);
  for (const Step step : {&SubsetCheck::FitsNumber, &SubsetCheck::FitsText, &SubsetCheck::FitsArray,
                          &SubsetCheck::FitsObject, &SubsetCheck::FitsCombinations}) {
    fits &= (this->*step)(goal);
    if (gave_up_ || (!fits && !goal.report)) return false;
  }
  return fits;
}

bool SubsetCheck::FitsListedValues(const Goal& goal) {
  const Node& listed = *goal.facts.finite;
  const NodeList& parts = goal.facts.parts;
  std::vector<JsonElement> values = listed.enumeration;
  if (listed.constant) values.assign(1, *listed.constant);
  for (const JsonElement value : values) {
    if (!Spend(1 + parts.size())) return false;
    const auto holds = [&](const Node* node) { return IsValid(*node, value); };
    if (!std::all_of(parts.begin(), parts.end(), holds)) continue;
    if (std::any_of(goal.facts.negs.begin(), goal.facts.negs.end(), holds)) continue;
    if (IsValid(goal.to, value)) continue;
    if (!goal.report) return false;
    Evaluator evaluator(to_, {});
    const auto why = evaluator.RunAt(goal.to, value, 1);
    const std::string keyword = why.ok() && !why->empty() ? (*why)[0].keyword : "";
    return Fail(goal, RuleForRefusedValue(keyword), keyword.empty() ? "" : "/" + keyword,
                {DescribeJson(value), ""},
                absl::StrCat("the value ", DescribeJson(value), " is not accepted any more"),
                keyword);
  }
  return true;
}

bool SubsetCheck::FitsBySplitting(const Goal& goal) {
  for (const Node* part : goal.facts.parts) {
    if (part->in_place == nullptr) continue;
    const InPlaceRules& rules = *part->in_place;
    const NodeList& branches = rules.any_of.empty() ? rules.one_of : rules.any_of;
    if (branches.empty()) continue;
    const NodeList& split = goal.facts.split;
    if (std::find(split.begin(), split.end(), part) != split.end()) continue;
    bool fits = true;
    for (const Node* branch : branches) {
      NodeList others;
      // Of oneOf the others do not hold, which helps to prove another oneOf.
      if (rules.any_of.empty()) others = branches;
      others.erase(std::remove(others.begin(), others.end(), branch), others.end());
      if (!Spend(1 + goal.facts.parts.size() + others.size())) return false;
      const Facts& chosen = facts_.With(goal.facts, {branch}, others, part);
      if (IsEmpty(chosen, 0)) continue;
      fits &= Fits(chosen, goal.to, goal.where, goal.report);
      if (gave_up_ || (!fits && !goal.report)) break;
    }
    return fits;  // each branch goes on with the parts that are left
  }
  return false;
}

bool SubsetCheck::IsAbsent(const std::string& name, Where where) const {
  if (policy_ == CompatibilityPolicy::kStrict) return false;
  if (!where.from->Declares(name)) return true;
  return policy_ == CompatibilityPolicy::kLenient && !where.to->Declares(name);
}

bool SubsetCheck::IsValid(const Node& node, JsonElement value) {
  Spend(1);
  const auto violations = Evaluator(to_, {128, 100'000}).RunAt(node, value, 1);
  if (!violations.ok()) gave_up_ = true;  // beyond the evaluator's own limits
  return violations.ok() && violations->empty();
}

bool SubsetCheck::Fail(const Goal& goal, absl::string_view rule, absl::string_view suffix,
                       Values values, std::string message, absl::string_view keyword) {
  if (!goal.report || gave_up_ || differences_.size() >= limits_.differences_max) return false;
  Difference difference;
  difference.rule = std::string(rule);
  difference.to_path = Below(goal.to, suffix);
  difference.from_path = goal.facts.nodes.empty() ? "" : Below(*goal.facts.nodes.back(), suffix);
  difference.from_value = std::move(values.first);
  difference.to_value = std::move(values.second);
  difference.message = std::move(message);
  difference.keyword = std::string(keyword);
  difference.instance = instance_;
  if (noted_.insert(absl::StrCat(rule, " ", difference.to_path)).second) {
    differences_.push_back(std::move(difference));
  }
  return false;
}

bool SubsetCheck::Undecided(const Goal& goal, absl::string_view keyword) {
  return Fail(goal, "UNDECIDED", absl::StrCat("/", keyword), {"", ""},
              absl::StrCat("changes around ", keyword, " are not analysed"), keyword);
}

}  // namespace nexus::schema

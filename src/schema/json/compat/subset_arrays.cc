#include <algorithm>

#include "absl/strings/str_cat.h"
#include "schema/json/compat/subset_check.h"

namespace nexus::schema {
namespace {

const Node* ItemOf(const Node& part, size_t index) {
  if (part.array != nullptr && index < part.array->prefix.size()) return part.array->prefix[index];
  return RestOfItems(part);
}

size_t PrefixOf(const Node& part) { return part.array == nullptr ? 0 : part.array->prefix.size(); }

}  // namespace

bool SubsetCheck::FitsArray(const Goal& goal) {
  if ((goal.facts.kinds & kArrayBit) == 0) return true;
  bool fits = FitsItems(goal);
  if (goal.to.array == nullptr || (!fits && !goal.report)) return fits;
  const ArrayRules& to = *goal.to.array;
  fits &= FitsCountMin(goal, "MIN_ITEMS", "minItems", goal.facts.items_min, to.count_min);
  fits &= FitsCountMax(goal, "MAX_ITEMS", "maxItems", goal.facts.items_max, to.count_max);
  const bool few = goal.facts.items_max && *goal.facts.items_max <= 1;
  const auto unique = [](const Node* part) {
    return part->array != nullptr && part->array->unique;
  };
  if (to.unique && !few && std::none_of(goal.facts.parts.begin(), goal.facts.parts.end(), unique)) {
    fits = Fail(goal, "UNIQUE_ITEMS_ADDED", "/uniqueItems", {"", "true"},
                "items must be distinct now", "uniqueItems");
  }
  return FitsContains(goal) && fits;
}

bool SubsetCheck::FitsItems(const Goal& goal) {
  size_t prefix = PrefixOf(goal.to);
  if (prefix == 0 && IsAnything(RestOfItems(goal.to))) return true;
  for (const Node* part : goal.facts.parts) prefix = std::max(prefix, PrefixOf(*part));
  bool fits = true;
  for (size_t i = 0; i <= prefix; ++i) {
    if (!Spend(1 + goal.facts.parts.size())) return false;
    if (goal.facts.items_max && *goal.facts.items_max <= i) break;
    fits &= FitsItem(goal, i, i == prefix);
    if (gave_up_ || (!fits && !goal.report)) return false;
  }
  return fits;
}

bool SubsetCheck::FitsItem(const Goal& goal, size_t index, bool rest) {
  const Node* to = ItemOf(goal.to, index);
  if (IsAnything(to)) return true;
  NodeList from;
  bool was_listed = false;
  for (const Node* part : goal.facts.parts) {
    if (const Node* item = ItemOf(*part, index)) from.push_back(item);
    was_listed |= index < PrefixOf(*part);
  }
  const Facts& facts = facts_.Of(std::move(from));
  const Where inside{places_.Items(goal.where.from), places_.Items(goal.where.to)};
  instance_.push_back("*");
  const bool is_listed = index < PrefixOf(goal.to);
  // Where both sides speak about the item, what is wrong lies inside.
  const bool both = !facts.parts.empty() && is_listed == was_listed;
  const bool fits = Fits(facts, *to, inside, goal.report && both);
  instance_.pop_back();
  if (fits || both || gave_up_) return fits;
  const std::string place = rest ? "further items" : absl::StrCat("item ", index);
  if (is_listed && !was_listed) {
    const bool open = facts.parts.empty();
    return Fail(goal,
                open ? "ITEM_ADDED_TO_OPEN_CONTENT_MODEL"
                     : "ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
                to->location.substr(goal.to.location.size()),
                {open ? "any" : "a schema", "a schema"},
                absl::StrCat(place, " has a schema now that earlier items may break"));
  }
  if (was_listed) {
    const bool closed = to->kind == Node::Kind::kNever;
    return Fail(goal,
                closed ? "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL"
                       : "ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
                to->location.substr(goal.to.location.size()),
                {"a schema", closed ? "nothing" : "a schema"},
                absl::StrCat(place, " is not accepted as before"));
  }
  const bool closed = to->kind == Node::Kind::kNever;
  return Fail(goal, closed ? "ADDITIONAL_ITEMS_REMOVED" : "ADDITIONAL_ITEMS_NARROWED",
              to->location.substr(goal.to.location.size()), {"any", closed ? "none" : "a schema"},
              absl::StrCat(place, closed ? " are not accepted any more" : " have a schema now"));
}

bool SubsetCheck::FitsContains(const Goal& goal) {
  const ArrayRules& to = *goal.to.array;
  if (to.contains == nullptr || (to.contains_min == 0 && !to.contains_max)) return true;
  for (const Node* part : goal.facts.parts) {
    if (part->array == nullptr || part->array->contains == nullptr) continue;
    const ArrayRules& from = *part->array;
    if (!same_.Are(*from.contains, *to.contains)) continue;
    const bool fits =
        FitsCountMin(goal, "MIN_CONTAINS", "minContains", from.contains_min, to.contains_min);
    return FitsCountMax(goal, "MAX_CONTAINS", "maxContains", from.contains_max, to.contains_max) &&
           fits;
  }
  return Undecided(goal, "contains");
}

}  // namespace nexus::schema

#include "schema/json/compat/same_rules.h"

#include <algorithm>

#include "schema/json/json_compare.h"

namespace nexus::schema {
namespace {

constexpr size_t kSameDepthMax = 300;
constexpr size_t kShuffledMax = 64;  // beyond it only the same order is recognised

bool SameNumber(const std::optional<Number>& a, const std::optional<Number>& b) {
  return a.has_value() == b.has_value() && (!a || CompareNumbers(*a, *b) == 0);
}

bool SameNumbers(const NumberRules* a, const NumberRules* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return SameNumber(a->minimum, b->minimum) && SameNumber(a->maximum, b->maximum) &&
         SameNumber(a->above, b->above) && SameNumber(a->below, b->below) &&
         SameNumber(a->step, b->step);
}

bool SameTexts(const StringRules* a, const StringRules* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->length_min == b->length_min && a->length_max == b->length_max &&
         (a->pattern == nullptr) == (b->pattern == nullptr) && a->pattern_text == b->pattern_text &&
         a->format == b->format;
}

bool SameValues(const Node& a, const Node& b) {
  if (a.constant.has_value() != b.constant.has_value() || a.has_enum != b.has_enum) return false;
  if (a.constant && !SameJson(*a.constant, *b.constant)) return false;
  if (a.enumeration.size() != b.enumeration.size()) return false;
  return std::equal(a.enumeration.begin(), a.enumeration.end(), b.enumeration.begin(),
                    [](JsonElement x, JsonElement y) { return SameJson(x, y); });
}

}  // namespace

bool SameRules::Are(const Node& a, const Node& b) {
  if (&a == &b) return true;
  if (const auto at = known_.find(Pair(&a, &b)); at != known_.end()) return at->second;
  assumed_.clear();
  ++work_;
  const bool same = Visit(&a, &b);
  // If the answer is yes, every pair on the way was the same too.
  if (same) {
    for (const Pair& pair : assumed_) known_.emplace(pair, true);
  }
  known_.emplace(Pair(&a, &b), same);
  return same;
}

bool SameRules::Are(const Node* a, const Node* b) {
  if (IsAnything(a) || IsAnything(b)) return IsAnything(a) && IsAnything(b);
  return Are(*a, *b);
}

bool SameRules::AreSets(const NodeList& a, const NodeList& b) {
  if (a.size() != b.size()) return false;
  size_t in_place = 0;
  while (in_place < a.size() && Are(*a[in_place], *b[in_place])) ++in_place;
  if (in_place == a.size()) return true;
  if (a.size() > kShuffledMax) return false;
  std::vector<bool> taken(b.size());
  for (const Node* left : a) {
    size_t i = 0;
    while (i < b.size() && (taken[i] || !Are(*left, *b[i]))) {
      ++work_;
      ++i;
    }
    if (i == b.size()) return false;
    taken[i] = true;
  }
  return true;
}

bool SameRules::Visit(const Node* a, const Node* b) {
  if (a == nullptr || b == nullptr) return a == b;
  if (a == b || !assumed_.emplace(a, b).second) return true;
  if (const auto at = known_.find(Pair(a, b)); at != known_.end()) return at->second;
  work_ += 1 + a->enumeration.size();
  if (a->kind != b->kind || a->types != b->types || a->written_integer != b->written_integer ||
      depth_ >= kSameDepthMax) {
    return false;
  }
  ++depth_;
  const bool same = SameValues(*a, *b) && SameNumbers(a->number.get(), b->number.get()) &&
                    SameTexts(a->text.get(), b->text.get()) &&
                    SameArray(a->array.get(), b->array.get()) &&
                    SameObject(a->object.get(), b->object.get()) &&
                    SameInPlace(a->in_place.get(), b->in_place.get()) &&
                    Visit(a->unevaluated_items, b->unevaluated_items) &&
                    Visit(a->unevaluated_properties, b->unevaluated_properties);
  --depth_;
  return same;
}

bool SameRules::VisitLists(const NodeList& a, const NodeList& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [this](const Node* x, const Node* y) { return Visit(x, y); });
}

bool SameRules::SameArray(const ArrayRules* a, const ArrayRules* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->count_min == b->count_min && a->count_max == b->count_max && a->unique == b->unique &&
         a->contains_min == b->contains_min && a->contains_max == b->contains_max &&
         a->contains_evaluates == b->contains_evaluates && VisitLists(a->prefix, b->prefix) &&
         Visit(a->rest, b->rest) && Visit(a->contains, b->contains);
}

bool SameRules::SameObject(const ObjectRules* a, const ObjectRules* b) {
  if (a == nullptr || b == nullptr) return a == b;
  if (a->count_min != b->count_min || a->count_max != b->count_max ||
      a->slots.size() != b->slots.size() || a->patterns.size() != b->patterns.size() ||
      a->dependencies.size() != b->dependencies.size()) {
    return false;
  }
  work_ += a->slots.size();
  for (const auto& slot : a->slots) {
    const int other = b->FindSlot(slot.name);
    if (other < 0) return false;
    const ObjectRules::Slot& found = b->slots[static_cast<size_t>(other)];
    if (found.required != slot.required || !Visit(slot.property, found.property)) return false;
  }
  // In the order of the text: another order is only not recognised.
  for (size_t i = 0; i < a->patterns.size(); ++i) {
    const Node* left = a->patterns[i].second;
    const Node* right = b->patterns[i].second;
    const size_t cut = left->location.rfind('/');
    const size_t other_cut = right->location.rfind('/');
    if (left->location.substr(cut) != right->location.substr(other_cut)) return false;
    if (!Visit(left, right)) return false;
  }
  for (size_t i = 0; i < a->dependencies.size(); ++i) {
    const auto& left = a->dependencies[i];
    const auto& right = b->dependencies[i];
    if (left.trigger != right.trigger || left.required != right.required ||
        !Visit(left.schema, right.schema)) {
      return false;
    }
  }
  return Visit(a->additional, b->additional) && Visit(a->names, b->names);
}

bool SameRules::SameInPlace(const InPlaceRules* a, const InPlaceRules* b) {
  if (a == nullptr || b == nullptr) return a == b;
  if (a->metaschema != b->metaschema || facts_.IsAmbiguous(*a) || facts_.IsAmbiguous(*b)) {
    return false;
  }
  return Visit(a->ref, b->ref) && Visit(a->dynamic_ref, b->dynamic_ref) &&
         VisitLists(a->all_of, b->all_of) && VisitLists(a->any_of, b->any_of) &&
         VisitLists(a->one_of, b->one_of) && Visit(a->negated, b->negated) &&
         Visit(a->condition, b->condition) && Visit(a->consequence, b->consequence) &&
         Visit(a->alternative, b->alternative);
}

}  // namespace nexus::schema

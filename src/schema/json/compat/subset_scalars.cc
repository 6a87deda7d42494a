#include <algorithm>

#include "absl/strings/str_cat.h"
#include "schema/json/compat/subset_check.h"
#include "schema/json/json_compare.h"
#include "schema/json/json_describe.h"

namespace nexus::schema {
namespace {

std::string TextOf(const std::optional<Number>& number) {
  return number ? NumberText(*number) : "";
}
std::string TextOf(const std::optional<NumberBound>& bound) {
  return bound ? absl::StrCat(bound->exclusive ? "exclusive " : "", NumberText(bound->value)) : "";
}
std::string TextOf(std::optional<uint64_t> count) { return count ? absl::StrCat(*count) : ""; }

// Whether `bound` keeps values on the right side of `limit`; `sign` is 1 for lower bounds.
bool Keeps(const std::optional<NumberBound>& bound, const Number& limit, bool exclusive, int sign) {
  if (!bound) return false;
  const int order = sign * CompareNumbers(bound->value, limit);
  return order > 0 || (order == 0 && (!exclusive || bound->exclusive));
}

std::string ListText(const Node& node) {
  if (node.constant) return DescribeJson(*node.constant);
  std::string text;
  for (size_t i = 0; i < node.enumeration.size() && text.size() < 100; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", DescribeJson(node.enumeration[i]));
  }
  return Shorten(text, 100);
}

}  // namespace

bool SubsetCheck::FitsType(const Goal& goal) {
  const uint8_t from = goal.facts.kinds;
  const uint8_t to = KindsOf(goal.to.types);
  if ((from & ~to) != 0) {
    const bool narrower = (to & ~from) == 0 && from != kAllKinds;
    return Fail(goal, narrower ? "TYPE_NARROWED" : "TYPE_CHANGED", "/type",
                {KindsText(from), KindsText(to)},
                absl::StrCat("the type was ", KindsText(from), " and is ", KindsText(to)), "type");
  }
  if (goal.to.written_integer && !goal.facts.written_integers && (from & kIntegerBit) != 0) {
    return Fail(goal, "TYPE_NARROWED", "/type", {KindsText(from), "integer of draft 4"},
                "1.0 was a whole number and is none to draft 4", "type");
  }
  if (!goal.to.constant && !goal.to.has_enum) return true;
  // null and the two booleans are all the values of their types.
  if ((from & ~(kNullBit | kBooleanBit)) == 0 && small_values_ != nullptr) {
    bool listed = true;
    for (const JsonElement value : ItemsOf(small_values_->root())) {
      const uint8_t kind = value.is_null() ? kNullBit : kBooleanBit;
      if ((from & kind) != 0) listed &= IsValid(goal.to, value);
    }
    if (listed) return true;
  }
  const bool constant = goal.to.constant.has_value();
  return Fail(
      goal, "ENUM_ARRAY_ADDED", constant ? "/const" : "/enum", {KindsText(from), ListText(goal.to)},
      absl::StrCat("only ", ListText(goal.to), " is accepted now"), constant ? "const" : "enum");
}

bool SubsetCheck::FailBound(const Goal& goal, absl::string_view name, absl::string_view direction,
                            absl::string_view keyword, const std::string& from,
                            const std::string& to) {
  return Fail(goal, absl::StrCat(name, "_", from.empty() ? "ADDED" : direction),
              absl::StrCat("/", keyword), {from, to},
              from.empty() ? absl::StrCat(keyword, " ", to, " is new")
                           : absl::StrCat(keyword, " was ", from, " and is ", to),
              keyword);
}

bool SubsetCheck::FitsCountMin(const Goal& goal, absl::string_view name, absl::string_view keyword,
                               std::optional<uint64_t> from, std::optional<uint64_t> to) {
  if (!to || *to == 0 || (from && *from >= *to)) return true;
  return FailBound(goal, name, "INCREASED", keyword, TextOf(from), TextOf(to));
}

bool SubsetCheck::FitsCountMax(const Goal& goal, absl::string_view name, absl::string_view keyword,
                               std::optional<uint64_t> from, std::optional<uint64_t> to) {
  if (!to || (from && *from <= *to)) return true;
  return FailBound(goal, name, "DECREASED", keyword, TextOf(from), TextOf(to));
}

bool SubsetCheck::FitsNumber(const Goal& goal) {
  if (goal.to.number == nullptr || (goal.facts.kinds & kNumericKinds) == 0) return true;
  const NumberRules& to = *goal.to.number;
  const Facts& from = goal.facts;
  bool fits = true;
  const auto check = [&](const std::optional<Number>& limit, bool exclusive, bool low,
                         absl::string_view name, absl::string_view keyword) {
    const std::optional<NumberBound>& bound = low ? from.low : from.high;
    if (!limit || Keeps(bound, *limit, exclusive, low ? 1 : -1)) return;
    fits = FailBound(goal, name, low ? "INCREASED" : "DECREASED", keyword, TextOf(bound),
                     TextOf(limit));
  };
  check(to.minimum, false, true, "MINIMUM", "minimum");
  check(to.maximum, false, false, "MAXIMUM", "maximum");
  check(to.above, true, true, "EXCLUSIVE_MINIMUM", "exclusiveMinimum");
  check(to.below, true, false, "EXCLUSIVE_MAXIMUM", "exclusiveMaximum");
  if (!fits && !goal.report) return false;
  return FitsStep(goal) && fits;
}

bool SubsetCheck::FitsStep(const Goal& goal) {
  const std::optional<Number>& to = goal.to.number->step;
  if (!to) return true;
  const bool whole = (goal.facts.kinds & kNumberBit) == 0;
  if (whole && IsMultipleOf(Number::Int(1), *to)) return true;
  std::optional<Number> from;
  for (const Node* part : goal.facts.parts) {
    if (part->number == nullptr || !part->number->step) continue;
    from = part->number->step;
    if (IsMultipleOf(*from, *to)) return true;
  }
  const bool coarser = from && IsMultipleOf(*to, *from);
  return FailBound(goal, "MULTIPLE_OF", coarser ? "EXPANDED" : "CHANGED", "multipleOf",
                   TextOf(from), TextOf(to));
}

bool SubsetCheck::FitsText(const Goal& goal) {
  if (goal.to.text == nullptr || (goal.facts.kinds & kStringBit) == 0) return true;
  const StringRules& to = *goal.to.text;
  bool fits = FitsCountMin(goal, "MIN_LENGTH", "minLength", goal.facts.length_min, to.length_min);
  fits &= FitsCountMax(goal, "MAX_LENGTH", "maxLength", goal.facts.length_max, to.length_max);
  fits &= FitsFormat(goal);
  return FitsPattern(goal) && fits;
}

bool SubsetCheck::FitsFormat(const Goal& goal) {
  const Format* to = goal.to.text->format;
  if (to == nullptr) return true;
  std::string from;
  for (const Node* part : goal.facts.parts) {
    if (part->text == nullptr || part->text->format == nullptr) continue;
    if (part->text->format == to) return true;
    from = std::string(part->text->format->name);
  }
  return FailBound(goal, "FORMAT", "CHANGED", "format", from, std::string(to->name));
}

bool SubsetCheck::FitsPattern(const Goal& goal) {
  const StringRules& to = *goal.to.text;
  if (to.pattern == nullptr) return true;
  std::string from;
  for (const Node* part : goal.facts.parts) {
    if (part->text == nullptr || part->text->pattern == nullptr) continue;
    if (part->text->pattern_text == to.pattern_text) return true;
    from = DescribeText(part->text->pattern_text);
  }
  return FailBound(goal, "PATTERN", "CHANGED", "pattern", from, DescribeText(to.pattern_text));
}

}  // namespace nexus::schema

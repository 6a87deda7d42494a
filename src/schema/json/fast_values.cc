#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "schema/json/fast_run.h"
#include "schema/json/json_compare.h"
#include "schema/json/text_length.h"

namespace nexus::schema {
namespace {

// Above this many items equal ones are looked for by their hashes.
constexpr size_t kPairsMax = 8;

}  // namespace

bool FastRun::HoldsNumber(const FastNumbers& numbers, char tag, size_t at) const {
  const NumberRules& rules = *numbers.rules;
  if (tag == 'l') {
    const int64_t value = tape_.IntAt(at);
    if (value < numbers.int_min || value > numbers.int_max) return false;
    if (numbers.int_step != 0) return value % numbers.int_step == 0;
    return !numbers.step_is_odd || IsMultipleOf(Number::Int(value), *rules.step);
  }
  if (tag == 'd' && numbers.bounds_are_doubles) {
    const double number = tape_.DoubleAt(at);
    if (number < numbers.double_min || number > numbers.double_max) return false;
    return !rules.step || IsMultipleOf(Number::Double(number), *rules.step);
  }
  const Number value = tag == 'u' ? Number::Uint(static_cast<uint64_t>(tape_.IntAt(at)))
                                  : Number::Double(tape_.DoubleAt(at));
  return (!rules.minimum || CompareNumbers(value, *rules.minimum) >= 0) &&
         (!rules.maximum || CompareNumbers(value, *rules.maximum) <= 0) &&
         (!rules.above || CompareNumbers(value, *rules.above) > 0) &&
         (!rules.below || CompareNumbers(value, *rules.below) < 0) &&
         (!rules.step || IsMultipleOf(value, *rules.step));
}

bool FastRun::HoldsText(const FastTexts& texts, std::string_view text) {
  const uint64_t bytes = text.size();
  // A character has one to four bytes, so most lengths need no count.
  if (bytes < texts.length_min) return false;
  if ((bytes > texts.length_max || (bytes + 3) / 4 < texts.length_min)) {
    const uint64_t length = CodePoints(text);
    if (length < texts.length_min || length > texts.length_max) return false;
  }
  if (texts.pattern != nullptr && !texts.pattern->Matches(text)) return false;
  return texts.format == nullptr || texts.format->holds(text);
}

bool FastRun::HoldsValue(const FastValues& values, char tag, size_t at) {
  if (tag == '"') {
    const std::string_view text = tape_.TextAt(at);
    if (values.constant && (!values.text || *values.text != text)) return false;
    return !values.has_enum || values.texts.Find(text) >= 0;
  }
  const JsonElement element = tape_.ElementAt(at);
  if (values.constant && !SameJson(element, *values.constant)) return false;
  if (values.hashes != nullptr && !values.hashes->contains(HashJson(element))) return false;
  if (!Charge(values.others.size() / 16)) return false;
  return !values.has_enum ||
         std::any_of(values.others.begin(), values.others.end(),
                     [&](JsonElement other) { return SameJson(element, other); });
}

bool FastRun::HoldsArray(const FastArrays& arrays, size_t array) {
  const size_t last = tape_.EndOf(array) - 1;
  uint64_t count = 0;
  uint64_t matches = 0;
  for (size_t at = array + 1; at < last;) {
    const char tag = tape_.TagAt(at);
    if (arrays.has_items) {
      const FastSchema* const schema =
          count < arrays.prefix.size() ? arrays.prefix[count] : arrays.rest;
      if (schema != nullptr &&
          !(HasType(schema->types, tag, at) && HoldsForType(*schema, tag, at))) {
        return false;
      }
    }
    if (arrays.has_contains && HoldsOrNull(arrays.contains, at)) ++matches;
    ++count;
    at = tape_.Next(at, tag);
  }
  if (count < arrays.count_min || count > arrays.count_max) return false;
  if (arrays.has_contains && (matches < arrays.contains_min || matches > arrays.contains_max)) {
    return false;
  }
  return !arrays.unique || count < 2 || IsUnique(array);
}

bool FastRun::IsUnique(size_t array) const {
  absl::InlinedVector<JsonElement, kPairsMax> items;
  const size_t last = tape_.EndOf(array) - 1;
  for (size_t at = array + 1; at < last; at = tape_.Next(at, tape_.TagAt(at))) {
    items.push_back(tape_.ElementAt(at));
  }
  if (items.size() <= kPairsMax) {
    for (size_t i = 1; i < items.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (SameJson(items[i], items[j])) return false;
      }
    }
    return true;
  }
  std::vector<std::pair<size_t, size_t>> hashes;
  for (size_t i = 0; i < items.size(); ++i) hashes.emplace_back(HashJson(items[i]), i);
  std::sort(hashes.begin(), hashes.end());
  for (size_t i = 0; i < hashes.size(); ++i) {
    for (size_t j = i + 1; j < hashes.size() && hashes[j].first == hashes[i].first; ++j) {
      if (SameJson(items[hashes[i].second], items[hashes[j].second])) return false;
    }
  }
  return true;
}

}  // namespace nexus::schema

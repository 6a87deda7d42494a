#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "schema/json/evaluator.h"
#include "schema/json/json_compare.h"

namespace nexus::schema {
bool Evaluator::CheckArray(const ArrayRules& rules, const Frame& frame) {
  bool holds = true;
  uint64_t count = 0;
  const bool any_items = !rules.prefix.empty() || rules.rest != nullptr;
  for (const JsonElement item : ItemsOf(frame.instance.element)) {
    const size_t index = count++;
    if (!any_items) continue;
    const Node* schema = index < rules.prefix.size() ? rules.prefix[index] : rules.rest;
    if (schema == nullptr) continue;
    const InstancePath path{&frame.path, {}, index, true};
    holds &= Apply(*schema, Instance::Of(item), path, nullptr);
    if (frame.evaluated != nullptr) frame.evaluated->MarkItem(index);
    if (Stop(holds)) return false;
  }
  holds &=
      CheckCount(count, rules.count_min, rules.count_max, "minItems", "maxItems", "items", frame);
  if (Stop(holds)) return false;
  if (rules.unique && count > 1) holds &= CheckUnique(frame);
  if (Stop(holds)) return false;
  if (rules.contains != nullptr) holds &= CheckContains(rules, frame);
  return holds;
}

bool Evaluator::CheckContains(const ArrayRules& rules, const Frame& frame) {
  uint64_t matches = 0;
  size_t index = 0;
  for (const JsonElement item : ItemsOf(frame.instance.element)) {
    const InstancePath path{&frame.path, {}, index, true};
    const Instance instance = Instance::Of(item);
    if (Holds(*rules.contains, {instance, path, nullptr})) {
      ++matches;
      if (rules.contains_evaluates && frame.evaluated != nullptr) frame.evaluated->MarkItem(index);
    }
    if (!abort_.ok()) return false;
    ++index;
  }
  const auto actual = [&] { return absl::StrCat(matches); };
  const auto expected = [](absl::string_view relation, uint64_t bound) {
    return absl::StrCat(relation, bound, " items that match the schema of \"contains\"");
  };
  if (matches < rules.contains_min) {
    return Fail(
        frame.path, rules.contains_min == 1 ? "contains" : "minContains",
        [&] { return expected("at least ", rules.contains_min); }, actual);
  }
  if (rules.contains_max && matches > *rules.contains_max) {
    return Fail(
        frame.path, "maxContains", [&] { return expected("at most ", *rules.contains_max); },
        actual);
  }
  return true;
}

bool Evaluator::CheckUnique(const Frame& frame) {
  struct Entry {
    size_t hash;
    size_t index;
    JsonElement value;
  };
  std::vector<Entry> entries;
  for (const JsonElement item : ItemsOf(frame.instance.element)) {
    entries.push_back({HashJson(item), entries.size(), item});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.hash, a.index) < std::pair(b.hash, b.index);
  });
  for (size_t i = 0; i < entries.size(); ++i) {
    // Values of one hash are compared each with each: without a real duplicate there are hardly
    // two.
    for (size_t j = i + 1; j < entries.size() && entries[j].hash == entries[i].hash; ++j) {
      if (!SameJson(entries[i].value, entries[j].value)) continue;
      return Fail(
          frame.path, "uniqueItems", [] { return "distinct items"; },
          [&] {
            return absl::StrCat("equal items ", entries[i].index, " and ", entries[j].index);
          });
    }
  }
  return true;
}

}  // namespace nexus::schema

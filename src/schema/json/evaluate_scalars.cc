#include "absl/strings/str_cat.h"
#include "schema/json/evaluator.h"
#include "schema/json/json_compare.h"
#include "schema/json/text_length.h"

namespace nexus::schema {
bool Evaluator::CheckNumber(const NumberRules& rules, const Frame& frame) {
  const Number value = NumberOf(frame.instance.element);
  bool holds = true;
  const auto fail = [&](absl::string_view keyword, absl::string_view relation,
                        const Number& bound) {
    holds = Fail(
        frame.path, keyword, [&] { return absl::StrCat(relation, NumberText(bound)); },
        [&] { return NumberText(value); });
  };
  if (rules.minimum && CompareNumbers(value, *rules.minimum) < 0) {
    fail("minimum", "at least ", *rules.minimum);
  }
  if (rules.maximum && CompareNumbers(value, *rules.maximum) > 0) {
    fail("maximum", "at most ", *rules.maximum);
  }
  if (rules.above && CompareNumbers(value, *rules.above) <= 0) {
    fail("exclusiveMinimum", "more than ", *rules.above);
  }
  if (rules.below && CompareNumbers(value, *rules.below) >= 0) {
    fail("exclusiveMaximum", "less than ", *rules.below);
  }
  if (rules.step && !IsMultipleOf(value, *rules.step)) {
    fail("multipleOf", "a multiple of ", *rules.step);
  }
  return holds;
}

bool Evaluator::CheckCount(uint64_t count, std::optional<uint64_t> min, std::optional<uint64_t> max,
                           absl::string_view min_keyword, absl::string_view max_keyword,
                           absl::string_view unit, const Frame& frame) {
  bool holds = true;
  const auto fail = [&](absl::string_view keyword, absl::string_view relation, uint64_t bound) {
    holds = Fail(
        frame.path, keyword, [&] { return absl::StrCat(relation, bound, " ", unit); },
        [&] { return absl::StrCat(count, " ", unit); });
  };
  if (min && count < *min) fail(min_keyword, "at least ", *min);
  if (max && count > *max) fail(max_keyword, "at most ", *max);
  return holds;
}

bool Evaluator::CheckText(const StringRules& rules, const Frame& frame) {
  const std::string_view text = frame.instance.text;
  bool holds = true;
  if (rules.length_min || rules.length_max) {
    holds = CheckCount(CodePoints(text), rules.length_min, rules.length_max, "minLength",
                       "maxLength", "characters", frame);
  }
  if (rules.pattern != nullptr && !rules.pattern->Matches(text)) {
    holds = Fail(
        frame.path, "pattern",
        [&] { return absl::StrCat("text that matches ", rules.pattern_text); },
        [&] { return frame.instance.Describe(); });
  }
  if (rules.format != nullptr && !rules.format->holds(text)) {
    holds = Fail(
        frame.path, "format",
        [&] { return absl::StrCat("text of the format ", rules.format->name); },
        [&] { return frame.instance.Describe(); });
  }
  return holds;
}

}  // namespace nexus::schema

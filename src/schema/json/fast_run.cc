#include "schema/json/fast_run.h"

#include <cmath>

#include "schema/json/schema_keywords.h"

namespace nexus::schema {

bool FastRun::IsWelcomeDouble(uint8_t types, char tag, size_t at) const {
  if (tag != 'd' || (types & kWholeDoubleBit) == 0) return false;
  const double value = tape_.DoubleAt(at);
  return std::floor(value) == value;
}

bool FastRun::HoldsForType(const FastSchema& schema, char tag, size_t at) {
  if (!Charge(1) || nesting_ >= limits_.nesting_max) {
    aborted_ = true;
    return false;
  }
  if (schema.exhaustive != nullptr) return HoldsExhaustively(*schema.exhaustive, at);
  if (schema.values != nullptr && !HoldsValue(*schema.values, tag, at)) return false;
  ++nesting_;
  bool holds = true;
  switch (tag) {
    case '"':
      if (schema.texts != nullptr) holds = HoldsText(*schema.texts, tape_.TextAt(at));
      break;
    case '{':
      if (schema.objects != nullptr) holds = HoldsObject(*schema.objects, at);
      break;
    case '[':
      if (schema.arrays != nullptr) holds = HoldsArray(*schema.arrays, at);
      break;
    case 'l':
    case 'u':
    case 'd':
      if (schema.numbers != nullptr) holds = HoldsNumber(*schema.numbers, tag, at);
      break;
    default:
      break;
  }
  if (holds && schema.combined != nullptr) holds = HoldsCombined(*schema.combined, tag, at);
  --nesting_;
  return holds;
}

bool FastRun::HoldsExhaustively(const Node& node, size_t at) {
  Evaluator evaluator(program_, {limits_.nesting_max - nesting_, static_cast<size_t>(steps_left_)});
  const bool holds = evaluator.Accepts(node, tape_.ElementAt(at));
  aborted_ = aborted_ || evaluator.aborted();
  return Charge(evaluator.steps()) && holds;
}

bool FastRun::HoldsCombined(const FastCombined& combined, char tag, size_t at) {
  for (const FastSchema* schema : combined.all_of) {
    if (!Holds(*schema, at)) return false;
  }
  if (!combined.any_of.empty()) {
    bool found = false;
    const FastSchema* const chosen = combined.any_switch == nullptr || tag != '{'
                                         ? nullptr
                                         : Choose(*combined.any_switch, at, &found);
    if (found ? chosen == nullptr || !Holds(*chosen, at) : !HoldsAnyOf(combined.any_of, tag, at)) {
      return false;
    }
  }
  if (!combined.one_of.empty()) {
    bool found = false;
    const FastSchema* const chosen = combined.one_switch == nullptr || tag != '{'
                                         ? nullptr
                                         : Choose(*combined.one_switch, at, &found);
    if (found ? chosen == nullptr || !Holds(*chosen, at) : !HoldsOneOf(combined.one_of, tag, at)) {
      return false;
    }
  }
  if (combined.has_negated && HoldsOrNull(combined.negated, at)) return false;
  if (combined.has_condition) {
    const bool holds = HoldsOrNull(combined.condition, at);
    if (!HoldsOrNull(holds ? combined.consequence : combined.alternative, at)) return false;
  }
  return !combined.metaschema || !FindMetaschemaFault(tape_.ElementAt(at), *combined.metaschema);
}

bool FastRun::HoldsAnyOf(const FastList& branches, char tag, size_t at) {
  if (!Charge(branches.size())) return false;
  for (const FastSchema* branch : branches) {
    if (HasType(branch->types, tag, at) && HoldsForType(*branch, tag, at)) return true;
  }
  return false;
}

bool FastRun::HoldsOneOf(const FastList& branches, char tag, size_t at) {
  if (!Charge(branches.size())) return false;
  int matches = 0;
  for (const FastSchema* branch : branches) {
    if (branch != nullptr && !HasType(branch->types, tag, at)) continue;
    if (branch != nullptr && !HoldsForType(*branch, tag, at)) continue;
    if (++matches > 1) return false;
  }
  return matches == 1;
}

const FastSchema* FastRun::Choose(const FastSwitch& by, size_t object, bool* found) {
  const size_t value = FindMember(object, by.property);
  if (value == 0 || tape_.TagAt(value) != '"') return nullptr;
  *found = true;
  const int text = by.texts.Find(tape_.TextAt(value));
  return text < 0 ? nullptr : by.branches[static_cast<size_t>(text)];
}

}  // namespace nexus::schema

#include "absl/strings/str_cat.h"
#include "schema/json/evaluator.h"

namespace nexus::schema {

// The outermost resource entered so far that has the dynamic anchor decides.
const Node* Evaluator::DynamicTarget(const InPlaceRules& rules) const {
  if (rules.dynamic_anchor.empty()) return rules.dynamic_ref;
  for (const Resource* resource : scope_) {
    const auto anchor = resource->dynamic_anchors.find(rules.dynamic_anchor);
    if (anchor != resource->dynamic_anchors.end()) return anchor->second;
  }
  return rules.dynamic_ref;
}

bool Evaluator::ApplyReferences(const Node& node, const Frame& frame) {
  const InPlaceRules& rules = *node.in_place;
  bool holds = true;
  if (rules.ref != nullptr) {
    holds &= Apply(*rules.ref, frame.instance, frame.path, frame.evaluated);
  }
  if (rules.dynamic_ref != nullptr && !Stop(holds)) {
    holds &= Apply(*DynamicTarget(rules), frame.instance, frame.path, frame.evaluated);
  }
  if (!rules.metaschema || Stop(holds)) return holds;
  if (frame.instance.is_name) {
    return Fail(
        frame.path, "$ref", [] { return "a schema"; }, [&] { return frame.instance.Describe(); });
  }
  const auto fault = FindMetaschemaFault(frame.instance.element, *rules.metaschema);
  if (!fault) return holds;
  return Fail(
      frame.path, "$ref",
      [&] {
        return absl::StrCat("a schema, with ", fault->expected, " at ",
                            fault->pointer.empty() ? "its root" : fault->pointer);
      },
      [&] { return fault->actual; });
}

bool Evaluator::ApplyCombinations(const InPlaceRules& rules, const Frame& frame) {
  bool holds = true;
  for (const Node* schema : rules.all_of) {
    holds &= Apply(*schema, frame.instance, frame.path, frame.evaluated);
    if (Stop(holds)) return false;
  }
  holds &= ApplyAlternatives(rules, frame);
  if (Stop(holds)) return false;
  if (rules.negated != nullptr) {
    // What a schema looked at that must not hold does not count.
    const size_t noted = MembersNoted();
    if (Holds(*rules.negated, {frame.instance, frame.path, nullptr})) {
      holds = Fail(
          frame.path, "not", [] { return "a value that the schema of \"not\" refuses"; },
          [&] { return frame.instance.Describe(); });
    }
    ForgetMembers(noted);
  }
  if (rules.condition == nullptr || Stop(holds)) return holds;
  holds &= ApplyCondition(rules, frame);
  return holds;
}

bool Evaluator::ApplyAlternatives(const InPlaceRules& rules, const Frame& frame) {
  bool holds = true;
  if (!rules.any_of.empty()) {
    bool any = false;
    for (const Node* schema : rules.any_of) {
      any |= Holds(*schema, frame);
      // With somebody asking what was looked at, the other branches have something to say too.
      if (any && frame.evaluated == nullptr && members_ == nullptr) break;
    }
    if (!any && abort_.ok()) {
      holds = Fail(
          frame.path, "anyOf",
          [&] { return absl::StrCat("one of ", rules.any_of.size(), " schemas to hold"); },
          [&] { return ExplainAll(rules.any_of, frame); });
    }
  }
  if (rules.one_of.empty() || Stop(holds)) return holds;
  std::vector<size_t> matches;
  for (size_t i = 0; i < rules.one_of.size() && matches.size() < 2; ++i) {
    if (Holds(*rules.one_of[i], frame)) matches.push_back(i);
  }
  if (matches.size() == 1 || !abort_.ok()) return holds;
  return Fail(
      frame.path, "oneOf",
      [&] { return absl::StrCat("exactly one of ", rules.one_of.size(), " schemas to hold"); },
      [&] {
        if (matches.empty()) return ExplainAll(rules.one_of, frame);
        return absl::StrCat("[", matches[0], "] and [", matches[1], "] hold");
      });
}

bool Evaluator::ApplyCondition(const InPlaceRules& rules, const Frame& frame) {
  const Node* then = Holds(*rules.condition, frame) ? rules.consequence : rules.alternative;
  if (then == nullptr || !abort_.ok()) return abort_.ok();
  return Apply(*then, frame.instance, frame.path, frame.evaluated);
}

}  // namespace nexus::schema

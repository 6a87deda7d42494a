#include "schema/json/evaluator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "schema/json/json_compare.h"
#include "schema/json/json_describe.h"

namespace nexus::schema {

absl::StatusOr<std::vector<Violation>> Evaluator::RunAt(const Node& start, JsonElement root,
                                                        size_t violations_max) {
  Report report;
  report.violations_max = std::max<size_t>(violations_max, 1);
  report_ = &report;
  const InstancePath path;
  Apply(start, Instance::Of(root), path, nullptr);
  report_ = nullptr;
  if (!abort_.ok()) return abort_;
  return std::move(report.violations);
}

bool Evaluator::Enter() {
  if (nesting_ < limits_.nesting_max && ++steps_ <= limits_.steps_max) return true;
  if (abort_.ok()) {
    abort_ = MakeError(ErrorReason::kLimitExceeded,
                       "the schema asks for more work on this document than is allowed");
  }
  return false;
}

bool Evaluator::Stop(bool holds) const {
  if (!abort_.ok()) return true;
  if (holds) return false;
  return report_ == nullptr || report_->violations.size() >= report_->violations_max;
}

bool Evaluator::Apply(const Node& node, const Instance& instance, const InstancePath& path,
                      Evaluated* evaluated) {
  if (node.kind == Node::Kind::kAlways) return true;
  if (node.kind == Node::Kind::kNever) return FailNever(node, {instance, path, evaluated});
  if (!Enter()) return false;
  ++nesting_;
  const bool enters =
      program_.has_dynamic_refs && (scope_.empty() || scope_.back() != node.resource);
  if (enters) scope_.push_back(node.resource);
  bool holds;
  if (node.unevaluated_items == nullptr && node.unevaluated_properties == nullptr) {
    holds = ApplyRules(node, {instance, path, evaluated});
  } else {
    // Such a schema sees what itself and its parts looked at, not what its neighbours did.
    Evaluated own;
    const Frame frame{instance, path, &own};
    holds = ApplyRules(node, frame) && CheckUnevaluated(node, frame);
    if (holds && evaluated != nullptr) evaluated->Merge(own);
  }
  if (enters) scope_.pop_back();
  --nesting_;
  return holds && abort_.ok();
}

bool Evaluator::ApplyRules(const Node& node, const Frame& frame) {
  const uint8_t types = frame.instance.types;
  bool holds = CheckOwnValue(node, frame);
  if (Stop(holds)) return false;
  if (node.number != nullptr && (types & kNumberBit) != 0) {
    holds &= CheckNumber(*node.number, frame);
  } else if (node.text != nullptr && (types & kStringBit) != 0) {
    holds &= CheckText(*node.text, frame);
  } else if (node.array != nullptr && (types & kArrayBit) != 0) {
    holds &= CheckArray(*node.array, frame);
  } else if (node.object != nullptr && (types & kObjectBit) != 0) {
    holds &= CheckObject(*node.object, frame);
  }
  if (node.in_place == nullptr || Stop(holds)) return holds;
  holds &= ApplyReferences(node, frame);
  if (Stop(holds)) return false;
  holds &= ApplyCombinations(*node.in_place, frame);
  return holds;
}

bool Evaluator::CheckOwnValue(const Node& node, const Frame& frame) {
  const Instance& value = frame.instance;
  const bool not_so_written = node.written_integer && value.IsWrittenWithPoint();
  if (node.types != 0 && ((node.types & value.types) == 0 || not_so_written)) {
    const auto expected = [&] {
      static constexpr std::pair<uint8_t, absl::string_view> kNames[] = {
          {kNullBit, "null"},     {kBooleanBit, "boolean"}, {kIntegerBit, "integer"},
          {kNumberBit, "number"}, {kStringBit, "string"},   {kArrayBit, "array"},
          {kObjectBit, "object"}};
      std::string text;
      for (const auto& [bit, name] : kNames) {
        if ((node.types & bit) != 0) absl::StrAppend(&text, text.empty() ? "" : " or ", name);
      }
      return text;
    };
    // The other keywords speak about values of the right type: one violation is enough.
    return Fail(frame.path, "type", expected,
                [&] { return not_so_written ? "number" : value.TypeName(); });
  }
  bool holds = true;
  if (node.constant && !value.Equals(*node.constant)) {
    holds = Fail(
        frame.path, "const", [&] { return DescribeJson(*node.constant); },
        [&] { return value.Describe(); });
  }
  if (node.has_enum && !IsListed(node, value)) {
    const auto expected = [&] {
      std::string text = "one of ";
      for (size_t i = 0; i < node.enumeration.size() && text.size() < 200; ++i) {
        absl::StrAppend(&text, i == 0 ? "" : ", ", DescribeJson(node.enumeration[i]));
      }
      return Shorten(text, 200);
    };
    holds = Fail(frame.path, "enum", expected, [&] { return value.Describe(); });
  }
  return holds;
}

bool Evaluator::IsListed(const Node& node, const Instance& instance) {
  if (!node.enum_hashes.empty() && !node.enum_hashes.contains(instance.Hash())) return false;
  steps_ += node.enumeration.size() / 16;
  return std::any_of(node.enumeration.begin(), node.enumeration.end(),
                     [&](JsonElement listed) { return instance.Equals(listed); });
}

bool Evaluator::Fail(const InstancePath& path, absl::string_view keyword, Text expected,
                     Text actual) {
  if (report_ == nullptr || report_->violations.size() >= report_->violations_max) return false;
  Violation violation;
  violation.pointer = path.ToPointer();
  violation.keyword = std::string(keyword);
  violation.expected = expected();
  violation.actual = actual();
  violation.message = absl::StrCat(violation.pointer.empty() ? "the document" : violation.pointer,
                                   ": expected ", violation.expected, ", found ", violation.actual);
  report_->violations.push_back(std::move(violation));
  return false;
}

bool Evaluator::FailNever(const Node& node, const Frame& frame) {
  const bool nothing_here = node.keyword.empty() || node.keyword == "$defs" ||
                            node.keyword == "definitions" || node.keyword == "$ref";
  return Fail(
      frame.path, nothing_here ? "" : node.keyword, [] { return "nothing here"; },
      [&] { return frame.instance.Describe(); });
}

bool Evaluator::Holds(const Node& node, const Frame& frame) {
  Report* const outer = std::exchange(report_, nullptr);
  const size_t noted = MembersNoted();
  bool holds;
  if (frame.evaluated == nullptr) {
    holds = Apply(node, frame.instance, frame.path, nullptr);
  } else {
    Evaluated seen;
    holds = Apply(node, frame.instance, frame.path, &seen);
    if (holds) frame.evaluated->Merge(seen);
  }
  if (!holds) ForgetMembers(noted);
  report_ = outer;
  return holds;
}

std::string Evaluator::Explain(const Node& node, const Frame& frame) {
  constexpr size_t kReasonBytesMax = 160;
  Report why;
  Report* const outer = std::exchange(report_, &why);
  const size_t noted = MembersNoted();
  Apply(node, frame.instance, frame.path, nullptr);
  ForgetMembers(noted);
  report_ = outer;
  if (why.violations.empty()) return "it holds";
  return Shorten(why.violations[0].message, kReasonBytesMax);
}

std::string Evaluator::ExplainAll(const NodeList& nodes, const Frame& frame) {
  constexpr size_t kBranchesMax = 3;
  std::string text;
  for (size_t i = 0; i < nodes.size() && i < kBranchesMax; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : "; ", "[", i, "] ", Explain(*nodes[i], frame));
  }
  if (nodes.size() > kBranchesMax)
    absl::StrAppend(&text, "; and ", nodes.size() - kBranchesMax, " more");
  return text;
}

}  // namespace nexus::schema

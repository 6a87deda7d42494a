#pragma once

// Runs one document against a SchemaProgram and notes what does not hold.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "nexus/core/errors.h"
#include "schema/json/declared_members.h"
#include "schema/json/instance.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

struct EvaluationLimits {
  // Nested applications of schemas; more than the depth of the document, because a schema may apply
  // several others to one value.
  size_t nesting_max = 512;
  // Schemas applied to values, in all. Bounds what a hostile schema can make of a small document.
  size_t steps_max = 5'000'000;
};

// For one document, on one thread.
class Evaluator {
 public:
  Evaluator(const SchemaProgram& program, const EvaluationLimits& limits)
      : program_(program), limits_(limits) {}

  // Up to `violations_max` (at least one) violations; empty if `root` is valid. LIMIT_EXCEEDED if
  // the evaluation outgrew its limits.
  absl::StatusOr<std::vector<Violation>> Run(JsonElement root, size_t violations_max) {
    return RunAt(*program_.root, root, violations_max);
  }
  // The same by a part of the schema. A dynamic reference sees no resource around `start`.
  absl::StatusOr<std::vector<Violation>> RunAt(const Node& start, JsonElement root,
                                               size_t violations_max);

  // From here on notes in `members` what schemas that hold say about members of objects. Of a
  // document that is not valid: what was said before that showed. It must outlive the evaluator.
  void NoteMembers(DeclaredMembers& members) { members_ = &members; }

  // Whether a part of the schema accepts `value`; false too if the evaluation outgrew its limits.
  bool Accepts(const Node& start, JsonElement value) {
    return Apply(start, Instance::Of(value), InstancePath(), nullptr) && abort_.ok();
  }
  size_t steps() const { return steps_; }
  bool aborted() const { return !abort_.ok(); }

 private:
  // Where violations go. Without one, an evaluation stops at the first and says nothing.
  struct Report {
    size_t violations_max = 1;
    std::vector<Violation> violations;
  };
  // What an evaluation carries along: the value, its place, and what has been looked at (null where
  // nobody asks).
  struct Frame {
    const Instance& instance;
    const InstancePath& path;
    Evaluated* evaluated;
  };

  bool Apply(const Node& node, const Instance& instance, const InstancePath& path,
             Evaluated* evaluated);
  bool ApplyRules(const Node& node, const Frame& frame);
  bool ApplyReferences(const Node& node, const Frame& frame);
  bool ApplyCombinations(const InPlaceRules& rules, const Frame& frame);
  bool ApplyAlternatives(const InPlaceRules& rules, const Frame& frame);
  bool ApplyCondition(const InPlaceRules& rules, const Frame& frame);
  bool CheckOwnValue(const Node& node, const Frame& frame);
  bool CheckNumber(const NumberRules& rules, const Frame& frame);
  bool CheckText(const StringRules& rules, const Frame& frame);
  bool CheckArray(const ArrayRules& rules, const Frame& frame);
  bool CheckContains(const ArrayRules& rules, const Frame& frame);
  bool CheckUnique(const Frame& frame);
  bool CheckObject(const ObjectRules& rules, const Frame& frame);
  bool CheckMember(const ObjectRules& rules, int slot, std::string_view name, JsonElement value,
                   const Frame& frame, bool* looked_at);
  bool CheckName(const Node& names, std::string_view name, const InstancePath& path);
  bool CheckDependencies(const ObjectRules& rules, const Frame& frame);
  bool CheckUnevaluated(const Node& node, const Frame& frame);
  bool CheckCount(uint64_t count, std::optional<uint64_t> min, std::optional<uint64_t> max,
                  absl::string_view min_keyword, absl::string_view max_keyword,
                  absl::string_view unit, const Frame& frame);
  bool IsListed(const Node& node, const Instance& instance);

  // Applies a schema whose failure is no violation of its own. What it looked at counts only if it
  // holds.
  bool Holds(const Node& node, const Frame& frame);
  // Forgets what was noted since `noted`.
  void ForgetMembers(size_t noted) {
    if (members_ != nullptr) members_->ForgetFrom(noted);
  }
  size_t MembersNoted() const { return members_ == nullptr ? 0 : members_->size(); }
  // One line on why `node` does not hold for the value.
  std::string Explain(const Node& node, const Frame& frame);
  std::string ExplainAll(const NodeList& nodes, const Frame& frame);

  // Always false. `expected` and `actual` are made only if somebody wants to know.
  using Text = absl::FunctionRef<std::string()>;
  bool Fail(const InstancePath& path, absl::string_view keyword, Text expected, Text actual);
  bool FailNever(const Node& node, const Frame& frame);
  // Nothing more is to be learnt: the first failure is enough, the report is full, or a limit hit.
  bool Stop(bool holds) const;
  bool Enter();
  const Node* DynamicTarget(const InPlaceRules& rules) const;

  const SchemaProgram& program_;
  const EvaluationLimits limits_;
  Report* report_ = nullptr;
  DeclaredMembers* members_ = nullptr;  // null: nobody asks
  size_t nesting_ = 0;
  size_t steps_ = 0;
  absl::Status abort_;
  std::vector<const Resource*> scope_;  // entered resources, outermost first
};

}  // namespace nexus::schema

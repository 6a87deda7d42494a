#pragma once

// Runs one document against a FastProgram: yes or no, without an allocation.

#include <cstddef>
#include <string_view>

#include "schema/json/evaluator.h"
#include "schema/json/fast_program.h"
#include "schema/json/tape.h"

namespace nexus::schema {

// For one document, on one thread.
class FastRun {
 public:
  FastRun(const SchemaProgram& program, const EvaluationLimits& limits, JsonElement root)
      : program_(program),
        limits_(limits),
        tape_(Tape::Of(root)),
        root_(Tape::IndexOf(root)),
        steps_left_(static_cast<int64_t>(limits.steps_max)) {}

  // Whether the document is valid; false too where the evaluation outgrew its limits.
  bool Accepts(const FastProgram& fast) {
    return (fast.root == nullptr || Holds(*fast.root, root_)) && !aborted_;
  }

 private:
  friend class FastDeclared;

  // A schema that takes everything is null.
  bool HoldsOrNull(const FastSchema* schema, size_t at) {
    return schema == nullptr || Holds(*schema, at);
  }
  bool Holds(const FastSchema& schema, size_t at) {
    const char tag = tape_.TagAt(at);
    return HasType(schema.types, tag, at) && HoldsForType(schema, tag, at);
  }
  bool HasType(uint8_t types, char tag, size_t at) const {
    return (types & TypeBitsOf(tag)) != 0 || IsWelcomeDouble(types, tag, at);
  }
  bool IsWelcomeDouble(uint8_t types, char tag, size_t at) const;
  bool HoldsForType(const FastSchema& schema, char tag, size_t at);

  bool HoldsExhaustively(const Node& node, size_t at);

  // Counts work that grows with the schema or the document. False, for good, once it is too much.
  bool Charge(size_t steps) {
    steps_left_ -= static_cast<int64_t>(steps);
    if (steps_left_ >= 0) return true;
    aborted_ = true;
    return false;
  }

  bool HoldsNumber(const FastNumbers& numbers, char tag, size_t at) const;
  static bool HoldsText(const FastTexts& texts, std::string_view text);
  bool HoldsValue(const FastValues& values, char tag, size_t at);
  bool HoldsArray(const FastArrays& arrays, size_t at);
  bool IsUnique(size_t at) const;
  bool HoldsObject(const FastObjects& objects, size_t at);
  bool HoldsMember(const FastObjects& objects, int name, size_t at);
  bool HoldsUndeclared(const FastObjects& objects, bool declared, size_t at);
  bool HoldsDependencies(const FastObjects& objects, size_t at);
  bool HoldsCombined(const FastCombined& combined, char tag, size_t at);
  bool HoldsOneOf(const FastList& branches, char tag, size_t at);
  bool HoldsAnyOf(const FastList& branches, char tag, size_t at);

  // Where the member's value is; 0 if there is no such member.
  size_t FindMember(size_t object, std::string_view name);
  // The branch that the property's text chooses: found says whether there is such a text.
  const FastSchema* Choose(const FastSwitch& by, size_t object, bool* found);

  const SchemaProgram& program_;
  const EvaluationLimits& limits_;
  const Tape tape_;
  const size_t root_;
  int64_t steps_left_;
  size_t nesting_ = 0;
  bool aborted_ = false;
};

}  // namespace nexus::schema

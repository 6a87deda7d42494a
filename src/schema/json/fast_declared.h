#pragma once

// Which members of a document the schemas declare, by the flat records of the fast evaluation. Only
// for a document that is valid: what holds is then known but for the branches of alternatives,
// which are asked again.

#include <cstddef>

#include "schema/json/declared_members.h"
#include "schema/json/evaluator.h"
#include "schema/json/fast_program.h"
#include "schema/json/fast_run.h"

namespace nexus::schema {

// For one document, on one thread. All that it is given must outlive it.
class FastDeclared {
 public:
  FastDeclared(const SchemaProgram& program, const EvaluationLimits& limits, JsonElement root,
               DeclaredMembers& members)
      : program_(program), limits_(limits), run_(program, limits, root), members_(members) {}

  // False if it outgrew its limits.
  bool Note(const FastProgram& fast) { return Visit(fast.root, run_.root_) && !run_.aborted_; }

 private:
  // `schema` holds for the value; null: it takes everything, and declares nothing.
  bool Visit(const FastSchema* schema, size_t at);
  bool VisitObject(const FastObjects& objects, size_t object);
  // Whether the member is declared.
  bool VisitMember(const FastObjects& objects, size_t at);
  bool VisitArray(const FastArrays& arrays, size_t array);
  bool VisitCombined(const FastCombined& combined, size_t at);
  bool VisitThoseThatHold(const FastList& branches, size_t at);
  bool VisitExhaustively(const Node& node, size_t at);

  const SchemaProgram& program_;
  const EvaluationLimits& limits_;
  FastRun run_;  // answers what holds, and counts the steps
  DeclaredMembers& members_;
};

}  // namespace nexus::schema

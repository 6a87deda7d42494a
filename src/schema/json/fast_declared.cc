#include "schema/json/fast_declared.h"

namespace nexus::schema {

bool FastDeclared::Visit(const FastSchema* schema, size_t at) {
  const char tag = run_.tape_.TagAt(at);
  // What is neither an object nor an array has no members.
  if (schema == nullptr || (tag != '{' && tag != '[')) return true;
  if (!run_.Charge(1)) return false;
  if (schema->exhaustive != nullptr) return VisitExhaustively(*schema->exhaustive, at);
  if (tag == '{' && schema->objects != nullptr && !VisitObject(*schema->objects, at)) return false;
  if (tag == '[' && schema->arrays != nullptr && !VisitArray(*schema->arrays, at)) return false;
  return schema->combined == nullptr || VisitCombined(*schema->combined, at);
}

bool FastDeclared::VisitExhaustively(const Node& node, size_t at) {
  Evaluator evaluator(program_, {limits_.nesting_max, static_cast<size_t>(run_.steps_left_)});
  evaluator.NoteMembers(members_);
  const bool holds = evaluator.Accepts(node, run_.tape_.ElementAt(at));
  return run_.Charge(evaluator.steps()) && holds;
}

bool FastDeclared::VisitObject(const FastObjects& objects, size_t object) {
  if (objects.declares_members) {
    members_.Describe(object, *objects.rules);
    const size_t last = run_.tape_.EndOf(object) - 1;
    size_t index = 0;
    for (size_t at = object + 1; at < last;) {
      if (VisitMember(objects, at)) members_.Declare(object, index);
      if (run_.aborted_) return false;
      ++index;
      at = run_.tape_.Next(at + 1, run_.tape_.TagAt(at + 1));
    }
  }
  for (const FastObjects::Dependency& dependency : objects.dependencies) {
    if (dependency.schema == nullptr || run_.FindMember(object, dependency.trigger) == 0) continue;
    if (!Visit(dependency.schema, object)) return false;
  }
  return !run_.aborted_;
}

bool FastDeclared::VisitMember(const FastObjects& objects, size_t at) {
  const std::string_view text = run_.tape_.TextAt(at);
  const int name = objects.names.Find(text);
  bool declared = false;
  if (name >= 0) {
    const FastObjects::Member& member = objects.members[static_cast<size_t>(name)];
    declared = member.declared;
    if (declared) Visit(member.schema, at + 1);
  }
  for (const auto& [pattern, schema] : objects.patterns) {
    if (!run_.Charge(1) || !pattern->Matches(text)) continue;
    declared = true;
    Visit(schema, at + 1);
  }
  if (declared || objects.rules->additional == nullptr) return declared;
  Visit(objects.additional, at + 1);
  return true;
}

bool FastDeclared::VisitArray(const FastArrays& arrays, size_t array) {
  const size_t last = run_.tape_.EndOf(array) - 1;
  size_t index = 0;
  for (size_t at = array + 1; at < last; ++index) {
    if (!Visit(index < arrays.prefix.size() ? arrays.prefix[index] : arrays.rest, at)) return false;
    if (arrays.contains != nullptr && run_.Holds(*arrays.contains, at) &&
        !Visit(arrays.contains, at)) {
      return false;
    }
    if (run_.aborted_) return false;
    at = run_.tape_.Next(at, run_.tape_.TagAt(at));
  }
  return true;
}

bool FastDeclared::VisitThoseThatHold(const FastList& branches, size_t at) {
  for (const FastSchema* branch : branches) {
    if (branch != nullptr && run_.Holds(*branch, at) && !Visit(branch, at)) return false;
  }
  return !run_.aborted_;
}

bool FastDeclared::VisitCombined(const FastCombined& combined, size_t at) {
  for (const FastSchema* schema : combined.all_of) {
    if (!Visit(schema, at)) return false;
  }
  for (const FastList* branches : {&combined.any_of, &combined.settled_any_of, &combined.one_of}) {
    if (!VisitThoseThatHold(*branches, at)) return false;
  }
  if (!combined.has_condition) return true;
  if (!run_.HoldsOrNull(combined.condition, at)) return Visit(combined.alternative, at);
  return Visit(combined.condition, at) && Visit(combined.consequence, at);
}

}  // namespace nexus::schema

#include "schema/json/fast_run.h"

namespace nexus::schema {

size_t FastRun::FindMember(size_t object, std::string_view name) {
  const size_t last = tape_.EndOf(object) - 1;
  if (!Charge((last - object) / 64)) return 0;
  for (size_t at = object + 1; at < last;) {
    if (tape_.TextAt(at) == name) return at + 1;
    at = tape_.Next(at + 1, tape_.TagAt(at + 1));
  }
  return 0;
}

bool FastRun::HoldsObject(const FastObjects& objects, size_t object) {
  const size_t last = tape_.EndOf(object) - 1;
  const bool counts = objects.count_min > 0 || objects.count_max != UINT64_MAX;
  uint64_t count = 0;
  uint32_t required = 0;
  if (!objects.only_counts || counts) {
    for (size_t at = object + 1; at < last;) {
      ++count;
      if (!objects.only_counts) {
        const int name = objects.names.Find(tape_.TextAt(at));
        if (name >= 0) required += objects.members[static_cast<size_t>(name)].required ? 1 : 0;
        if (!HoldsMember(objects, name, at)) return false;
      }
      at = tape_.Next(at + 1, tape_.TagAt(at + 1));
    }
  }
  if (required != objects.required) return false;
  if (counts && (count < objects.count_min || count > objects.count_max)) return false;
  return objects.dependencies.empty() || HoldsDependencies(objects, object);
}

bool FastRun::HoldsMember(const FastObjects& objects, int name, size_t at) {
  bool declared = false;
  if (name >= 0) {
    const FastObjects::Member& member = objects.members[static_cast<size_t>(name)];
    declared = member.declared;
    const size_t value = at + 1;
    const char tag = tape_.TagAt(value);
    if (!HasType(member.types, tag, value)) return false;
    if (member.schema != nullptr && !HoldsForType(*member.schema, tag, value)) return false;
  }
  if (objects.property_names != nullptr && !Holds(*objects.property_names, at)) return false;
  if (objects.patterns.empty() && (declared || !objects.has_additional)) return true;
  return HoldsUndeclared(objects, declared, at);
}

bool FastRun::HoldsUndeclared(const FastObjects& objects, bool declared, size_t at) {
  for (const auto& [pattern, schema] : objects.patterns) {
    if (!Charge(1)) return false;
    if (!pattern->Matches(tape_.TextAt(at))) continue;
    declared = true;
    if (!HoldsOrNull(schema, at + 1)) return false;
  }
  return declared || HoldsOrNull(objects.additional, at + 1);
}

bool FastRun::HoldsDependencies(const FastObjects& objects, size_t object) {
  for (const FastObjects::Dependency& dependency : objects.dependencies) {
    if (FindMember(object, dependency.trigger) == 0) continue;
    for (const std::string& name : dependency.required) {
      if (FindMember(object, name) == 0) return false;
    }
    if (!HoldsOrNull(dependency.schema, object)) return false;
  }
  return true;
}

}  // namespace nexus::schema

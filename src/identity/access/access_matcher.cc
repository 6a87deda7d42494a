#include "identity/access/access_matcher.h"

#include "nexus/core/stream_name.h"

namespace nexus::identity {
namespace {

void AddTypes(const Selector& selector, NameSet& types) {
  if (selector.event_types.empty()) types.AddAll();
  for (const std::string& type : selector.event_types) types.Add(type);
}

}  // namespace

void AccessMatcher::Rules::Add(const Selector& selector, bool system_streams) {
  empty = false;
  if (selector.AnyStream()) {
    AddTypes(selector, clients);
    if (system_streams) AddTypes(selector, system);
  }
  for (const std::string& category : selector.categories) AddTypes(selector, by_category[category]);
  for (const std::string& prefix : selector.stream_prefixes) AddTypes(selector, by_prefix[prefix]);
}

template <typename Holds>
bool AccessMatcher::Rules::AnyAbout(absl::string_view stream, Holds holds) const {
  if (empty) return false;
  const bool is_system = !stream.empty() && stream.front() == '$';
  if (holds(is_system ? system : clients)) return true;
  if (!by_category.empty()) {
    const auto found = by_category.find(StreamName::CategoryOf(stream));
    if (found != by_category.end() && holds(found->second)) return true;
  }
  return by_prefix.AnyOf(stream, holds);
}

void AccessMatcher::Add(Effect effect, const OperationSet& operations, const Selector& selector,
                        bool system_streams) {
  for (const Operation operation : operations.ToList()) {
    Both& both = by_operation_[static_cast<size_t>(operation)];
    (effect == Effect::kAllow ? both.allow : both.deny).Add(selector, system_streams);
  }
}

bool AccessMatcher::Allows(Operation operation, absl::string_view stream,
                           absl::string_view type) const {
  const Both& both = Of(operation);
  const auto contains = [type](const NameSet& types) { return types.Contains(type); };
  return both.allow.AnyAbout(stream, contains) && !both.deny.AnyAbout(stream, contains);
}

bool AccessMatcher::AllowsStream(Operation operation, absl::string_view stream) const {
  const Both& both = Of(operation);
  return both.allow.AnyAbout(stream, [](const NameSet& types) { return types.all(); }) &&
         !both.deny.AnyAbout(stream, [](const NameSet& types) { return !types.empty(); });
}

bool AccessMatcher::AllowsSomeOf(Operation operation, absl::string_view stream) const {
  const Both& both = Of(operation);
  return both.allow.AnyAbout(stream, [](const NameSet& types) { return !types.empty(); }) &&
         !both.deny.AnyAbout(stream, [](const NameSet& types) { return types.all(); });
}

bool AccessMatcher::AllowsEverything(Operation operation) const {
  const Both& both = Of(operation);
  return both.allow.clients.all() && both.allow.system.all() && both.deny.empty;
}

bool AccessMatcher::AllowsSomething(Operation operation) const {
  const Both& both = Of(operation);
  return !both.allow.empty && !(both.deny.clients.all() && both.deny.system.all());
}

bool AccessMatcher::AllowsSubject(Operation operation, absl::string_view subject) const {
  const Both& both = Of(operation);
  return both.allow.clients.Contains(subject) && !both.deny.clients.Contains(subject);
}

bool AccessMatcher::AllowsServer(Operation operation) const {
  const Both& both = Of(operation);
  return both.allow.clients.all() && both.deny.clients.empty();
}

}  // namespace nexus::identity

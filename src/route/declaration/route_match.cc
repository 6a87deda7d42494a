#include "route/declaration/route_match.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "nexus/core/stream_name.h"

namespace nexus::route {
namespace {

bool Fits(absl::string_view pattern, absl::string_view text) {
  if (absl::EndsWith(pattern, "*")) return absl::StartsWith(text, absl::StripSuffix(pattern, "*"));
  return pattern == text;
}

bool FitsOne(const std::vector<std::string>& patterns, absl::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return Fits(pattern, text); });
}

// The server's own are routed where somebody asks for them by name: "*" does not.
bool FitsCategory(const std::vector<std::string>& patterns, absl::string_view category) {
  const bool own = !category.empty() && category[0] == '$';
  if (!own) return patterns.empty() || FitsOne(patterns, category);
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return pattern[0] == '$' && Fits(pattern, category);
  });
}

bool HasTag(const RecordedEvent& event, const std::vector<std::string>& tags) {
  return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) {
    return std::find(event.tags.begin(), event.tags.end(), tag) != event.tags.end();
  });
}

bool HasMetadata(const RecordedEvent& event,
                 const std::vector<std::pair<std::string, std::string>>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& one) {
    return std::any_of(event.metadata.begin(), event.metadata.end(), [&](const auto& has) {
      return has.first == one.first && has.second == one.second;
    });
  });
}

bool FitsPath(PathMatch match, Path path) {
  if (match == PathMatch::kAny) return true;
  return (match == PathMatch::kCritical) == (path == Path::kCritical);
}

}  // namespace

bool Matches(const RouteMatch& match, const RecordedEvent& event, Path path) {
  return FitsPath(match.path, path) &&
         FitsCategory(match.categories, StreamName::CategoryOf(event.stream)) &&
         (match.types.empty() || FitsOne(match.types, event.type)) &&
         (match.tags.empty() || HasTag(event, match.tags)) && HasMetadata(event, match.metadata);
}

std::string WhyNot(const RouteMatch& match, const RecordedEvent& event, Path path) {
  if (!FitsCategory(match.categories, StreamName::CategoryOf(event.stream))) {
    return "its category is not listed";
  }
  if (!match.types.empty() && !FitsOne(match.types, event.type)) return "its type is not listed";
  if (!match.tags.empty() && !HasTag(event, match.tags)) return "it has none of the tags";
  if (!HasMetadata(event, match.metadata)) return "its metadata differs";
  if (!FitsPath(match.path, path)) return "it is on the other path";
  return "";
}

absl::string_view KeyOf(const KeySource& key, const RecordedEvent& event) {
  if (key.from == KeySource::From::kCorrelation && !event.correlation_id.empty()) {
    return event.correlation_id;
  }
  if (key.from == KeySource::From::kMetadata) {
    for (const auto& [name, value] : event.metadata) {
      if (name == key.name && !value.empty()) return value;
    }
  }
  return event.stream;
}

}  // namespace nexus::route

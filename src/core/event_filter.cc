#include "nexus/core/event_filter.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "nexus/core/stream_name.h"

namespace nexus {
namespace {

bool OneIs(const std::vector<std::string>& values, absl::string_view text) {
  return values.empty() || std::any_of(values.begin(), values.end(),
                                       [text](const std::string& value) { return value == text; });
}

bool OneBegins(const std::vector<std::string>& prefixes, absl::string_view text) {
  return prefixes.empty() ||
         std::any_of(prefixes.begin(), prefixes.end(),
                     [text](const std::string& prefix) { return absl::StartsWith(text, prefix); });
}

bool HasAll(const std::vector<std::string>& wanted, absl::Span<const absl::string_view> tags) {
  return std::all_of(wanted.begin(), wanted.end(), [tags](const std::string& tag) {
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
  });
}

}  // namespace

bool FilterItem::empty() const {
  return types.empty() && type_prefixes.empty() && stream_prefixes.empty() && categories.empty() &&
         tags.empty() && correlation_ids.empty() && !NamesStamp();
}

bool FilterItem::Matches(const FilterSubject& subject) const {
  return OneIs(types, subject.type) && OneBegins(type_prefixes, subject.type) &&
         OneBegins(stream_prefixes, subject.stream) &&
         (categories.empty() || OneIs(categories, StreamName::CategoryOf(subject.stream))) &&
         HasAll(tags, subject.tags) && OneIs(correlation_ids, subject.correlation_id) &&
         OneIs(principals, subject.principal) && OneIs(policy_revisions, subject.policy_revision) &&
         OneIs(decision_ids, subject.decision_id);
}

bool EventFilter::MatchesAll() const {
  return items.empty() || std::any_of(items.begin(), items.end(),
                                      [](const FilterItem& item) { return item.empty(); });
}

bool EventFilter::Matches(const FilterSubject& subject) const {
  return items.empty() ||
         std::any_of(items.begin(), items.end(),
                     [&subject](const FilterItem& item) { return item.Matches(subject); });
}

bool EventFilter::Matches(const RecordedEvent& event) const {
  return Matches({event.stream, event.type, event.tags, event.correlation_id, event.principal,
                  event.policy_revision, event.decision_id});
}

bool EventFilter::Matches(absl::string_view stream, const Event& event) const {
  const std::vector<absl::string_view> tags(event.tags.begin(), event.tags.end());
  return Matches({stream, event.type, tags, event.correlation_id});
}

}  // namespace nexus

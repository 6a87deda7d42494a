#pragma once

// Which events: the query of filtered reads, subscriptions and append conditions.
//
// A plain value; Matches() is pure and thread-safe.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "nexus/core/event.h"

namespace nexus {

// What a filter looks at.
struct FilterSubject {
  absl::string_view stream;
  absl::string_view type;
  absl::Span<const absl::string_view> tags;
  absl::string_view correlation_id;
  // Of the stamp; an event that is not stored yet has none.
  absl::string_view principal = {};
  absl::string_view policy_revision = {};
  absl::string_view decision_id = {};
};

// Every field that is not empty must hold. Of `tags` the event must carry all; of any other field
// one of the values must fit. An item without fields matches every event.
struct FilterItem {
  std::vector<std::string> types = {};
  std::vector<std::string> type_prefixes = {};
  std::vector<std::string> stream_prefixes = {};
  std::vector<std::string> categories = {};
  std::vector<std::string> tags = {};
  std::vector<std::string> correlation_ids = {};
  // Of the stamp. Not in the index, and not for append conditions.
  std::vector<std::string> principals = {};
  std::vector<std::string> policy_revisions = {};
  std::vector<std::string> decision_ids = {};

  bool Matches(const FilterSubject& subject) const;
  bool empty() const;
  bool NamesStamp() const {
    return !principals.empty() || !policy_revisions.empty() || !decision_ids.empty();
  }

  friend bool operator==(const FilterItem&, const FilterItem&) = default;
};

// An event matches if one of the items does, or if there is none.
struct EventFilter {
  std::vector<FilterItem> items = {};

  // Without effect: every event matches.
  bool MatchesAll() const;
  bool Matches(const FilterSubject& subject) const;
  bool Matches(const RecordedEvent& event) const;
  // `stream` is the one that the event is to be appended to.
  bool Matches(absl::string_view stream, const Event& event) const;

  friend bool operator==(const EventFilter&, const EventFilter&) = default;
};

}  // namespace nexus

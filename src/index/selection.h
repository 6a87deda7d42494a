#pragma once

// Which events a reader of the whole log wants.

#include "nexus/core/event_filter.h"

namespace nexus::index {

struct Selection {
  EventFilter filter = {};
  bool exclude_system = false;  // leave out '$' streams

  bool MatchesAll() const { return !exclude_system && filter.MatchesAll(); }
  bool Matches(const RecordedEvent& event) const {
    if (exclude_system && !event.stream.empty() && event.stream[0] == '$') return false;
    return filter.Matches(event);
  }
};

}  // namespace nexus::index

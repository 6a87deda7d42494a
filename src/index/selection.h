#pragma once

// Which events a reader of the whole log wants.

#include <functional>

#include "absl/strings/string_view.h"
#include "nexus/core/event_filter.h"

namespace nexus::index {

// Whether a reader may see events of this type in this stream. Thread-safe; empty: it may see all.
using Visible = std::function<bool(absl::string_view stream, absl::string_view type)>;

struct Selection {
  EventFilter filter = {};
  bool exclude_system = false;  // leave out '$' streams
  Visible visible = nullptr;    // leave out what the reader may not see

  bool MatchesAll() const { return !exclude_system && !visible && filter.MatchesAll(); }
  bool Matches(const RecordedEvent& event) const {
    if (exclude_system && !event.stream.empty() && event.stream[0] == '$') return false;
    return filter.Matches(event) && (!visible || visible(event.stream, event.type));
  }
};

}  // namespace nexus::index

#include "policy/event_kinds.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace nexus::policy {
namespace {

// What a policy sees of an event. Borrows from the commit.
struct Look {
  const CommitEvent* event;
  SchemaFacts schema;
  bool with_data;

  friend bool operator==(const Look& a, const Look& b) {
    const Event& x = a.event->event;
    const Event& y = b.event->event;
    return a.event->stream_index == b.event->stream_index && x.type == y.type &&
           a.schema == b.schema && x.content_type == y.content_type && x.tags == y.tags &&
           x.metadata == y.metadata && x.routing == y.routing && (!a.with_data || x.data == y.data);
  }

  // Routing and schema facts follow from the type in nearly every commit: left out.
  template <typename H>
  friend H AbslHashValue(H h, const Look& look) {
    const Event& e = look.event->event;
    h = H::combine(std::move(h), look.event->stream_index, e.type, e.tags, e.metadata);
    return look.with_data ? H::combine(std::move(h), e.data) : std::move(h);
  }
};

}  // namespace

std::vector<EventKind> GroupEvents(const Commit& commit, absl::Span<const SchemaFacts> schemas,
                                   bool with_data) {
  std::vector<EventKind> kinds;
  absl::flat_hash_map<Look, size_t> known;
  size_t last = 0;  // kind of the event before
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const Look look{&commit.events[i], schemas[i], with_data};
    const auto same_as = [&](const EventKind& kind) {
      return look == Look{&commit.events[kind.first_index], schemas[kind.first_index], with_data};
    };
    if (kinds.empty() || !same_as(kinds[last])) {
      // A commit of one kind never touches the map: its first kind goes in when a second appears.
      if (kinds.size() == 1) known.try_emplace(Look{&commit.events[0], schemas[0], with_data}, 0);
      last = kinds.empty() ? 0 : known.try_emplace(look, kinds.size()).first->second;
      if (last == kinds.size()) kinds.push_back({static_cast<uint32_t>(i), 0, 0});
    }
    kinds[last].count += 1;
    kinds[last].bytes_max =
        std::max<uint64_t>(kinds[last].bytes_max, look.event->event.data.size());
  }
  return kinds;
}

}  // namespace nexus::policy

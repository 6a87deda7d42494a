#include "command/aggregate_loader.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "command/event_view.h"
#include "command/stream_order.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::command {
namespace {

// So many events go to the code in one call, which has a limit of time.
constexpr PageLimits kPage{.events_max = 1'024, .bytes_max = 512 << 10};

// Those of `events` that the aggregate does not declare. Whoever writes to its stream chooses them.
void NoteTypes(const AggregateCode& code, absl::Span<const RecordedEvent> events,
               LiveAggregate& live) {
  snapshot::OtherTypes& others = live.other_types;
  const std::vector<std::string>& declared = code.record().declaration.events;
  absl::string_view last;  // one of a type mostly follows another
  for (const RecordedEvent& event : events) {
    if (live.too_many_types) return;
    const absl::string_view type(event.type.data(), event.type.size());
    if (type == last) continue;
    last = type;
    if (std::find(declared.begin(), declared.end(), type) != declared.end()) continue;
    const auto at = std::lower_bound(others.begin(), others.end(), type);
    if (at != others.end() && *at == type) continue;
    others.insert(at, std::string(type));
    if (others.size() <= snapshot::kOtherTypesMax) continue;
    live.too_many_types = true;
    others = snapshot::OtherTypes();  // with its memory
  }
}

}  // namespace

absl::Status AggregateLoader::FoldCommitted(LiveAggregate& live) {
  if (live.unfolded_count == 0) return absl::OkStatus();
  const std::string views = absl::StrCat("[", live.unfolded, "]");
  NEXUS_ASSIGN_OR_RETURN(live.state, live.code->Fold(*live.state, views, live.unfolded_count));
  live.unfolded.clear();
  live.unfolded_count = 0;
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> AggregateLoader::Load(const StreamName& stream, AggregateCode& code,
                                               LiveAggregate& live, UpcastRunner* runner) const {
  uint64_t read = 0;
  for (;;) {
    NEXUS_ASSIGN_OR_RETURN(const Slice slice, LoadSlice(stream, code, live, runner));
    read += slice.read;
    if (slice.end) return read;
  }
}

absl::StatusOr<AggregateLoader::Slice> AggregateLoader::LoadSlice(const StreamName& stream,
                                                                  AggregateCode& code,
                                                                  LiveAggregate& live,
                                                                  UpcastRunner* runner) const {
  if (!live.loaded()) {
    NEXUS_ASSIGN_OR_RETURN(live.state, code.Begin());
    live.code = &code;
  }
  NEXUS_RETURN_IF_ERROR(FoldCommitted(live));
  static const schema::SchemaView kLatest{.latest = true};
  const Revision next(live.revision.has_value() ? live.revision->value + 1 : 0);
  absl::StatusOr<EventBatch> page = reader_.ReadStream(stream, next, Direction::kForward, kPage);
  if (!page.ok()) {
    if (ReasonOf(page.status()) == ErrorReason::kStreamNotFound) return Slice{.end = true};
    return page.status();
  }
  if (page->events.empty()) return Slice{.end = true};
  NEXUS_RETURN_IF_ERROR(CheckStreamOrder(stream, next, live.last.position, page->events));
  NoteTypes(code, page->events, live);
  // An old event that its upcaster cannot take would make another state than the code expects.
  NEXUS_RETURN_IF_ERROR(evolution_.Apply(kLatest, *page, runner));
  NoteTypes(code, page->events, live);
  NEXUS_ASSIGN_OR_RETURN(const std::string views, EventViews(page->events));
  NEXUS_ASSIGN_OR_RETURN(live.state, code.Fold(*live.state, views, page->events.size()));
  if (!live.revision.has_value()) live.oldest = page->events.front().recorded;
  live.revision = page->events.back().revision;
  live.last = PointOf(page->events.back());
  return Slice{page->events.size(), page->end};
}

}  // namespace nexus::command

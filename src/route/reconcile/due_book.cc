#include "route/reconcile/due_book.h"

#include <algorithm>

#include "absl/functional/function_ref.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "route/book/route_events.h"
#include "route/declaration/route_names.h"
#include "route/letter_state.h"
#include "route/router.h"

namespace nexus::route {
namespace {

// Nothing where the stream has no event yet.
absl::Status ForEachEvent(EventReader& reader, absl::string_view stream,
                          absl::FunctionRef<absl::Status(const RecordedEvent&)> visit) {
  NEXUS_ASSIGN_OR_RETURN(const StreamName name, StreamName::Parse(stream));
  Revision next;
  while (true) {
    absl::StatusOr<EventBatch> page =
        reader.ReadStream(name, next, Direction::kForward, PageLimits());
    if (ReasonOf(page.status()) == ErrorReason::kStreamNotFound) return absl::OkStatus();
    if (!page.ok()) return page.status();
    for (const RecordedEvent& event : page->events) NEXUS_RETURN_IF_ERROR(visit(event));
    if (page->end || page->events.empty()) return absl::OkStatus();
    next = page->events.back().revision.Next();
  }
}

}  // namespace

DueBook::DueBook(const RouteRecord& route, Position checkpoint, Position kept_from)
    : route_(route), run_(RunOf(route)), checkpoint_(checkpoint), known_from_(kept_from) {}

absl::Status DueBook::Load(EventReader& reader, JsonReader& json) {
  NEXUS_RETURN_IF_ERROR(LoadRoutes(reader, json));
  NEXUS_RETURN_IF_ERROR(SetStart(reader));
  return LoadLetters(reader, json);
}

absl::Status DueBook::LoadRoutes(EventReader& reader, JsonReader& json) {
  bool there = false;
  return ForEachEvent(reader, kRoutesStream, [&](const RecordedEvent& event) {
    NEXUS_ASSIGN_OR_RETURN(const RouteEvent change, DecodeRouteEvent(event.type, event.data, json));
    if (change.name != route_.declaration.name) return absl::OkStatus();
    if (change.change == RouteChange::kRemoved) there = false;
    if (change.change != RouteChange::kDeclared) return absl::OkStatus();
    changed_ = there && !change.restart;
    declared_ = event.position;
    there = true;
    return absl::OkStatus();
  });
}

// A route that was changed goes on where it was, and what it matched before is not written here.
absl::Status DueBook::SetStart(EventReader& reader) {
  const StartAt& start = route_.declaration.start;
  Position first;
  if (changed_ || start.from == StartAt::From::kNow) {
    first = declared_;
  } else if (start.from == StartAt::From::kPosition) {
    first = start.position;
  } else if (start.from == StartAt::From::kTime) {
    NEXUS_ASSIGN_OR_RETURN(first, reader.FirstRecordedAt(start.time));
  }
  known_from_ = std::max(known_from_, first);
  return absl::OkStatus();
}

absl::Status DueBook::LoadLetters(EventReader& reader, JsonReader& json) {
  LetterState state;
  NEXUS_RETURN_IF_ERROR(ForEachEvent(reader, kDeadLetterStream, [&](const RecordedEvent& event) {
    if (event.type == kDeadLetterType) {
      NEXUS_ASSIGN_OR_RETURN(const Letter letter, DecodeLetter(event, json));
      if (letter.route == run_) letters_.insert(letter.position.value);
    }
    return state.Apply(event, json);
  }));
  for (const auto& [id, letter] : state.letters()) {
    if (letter.route != run_) continue;
    if (letter.fate == LetterFate::kParked) {
      parked_[letter.stream] = letter.skipped ? letter.revision.Next() : letter.revision;
    } else {
      open_.insert(letter.position.value);
    }
  }
  return absl::OkStatus();
}

Expectation DueBook::Of(const RecordedEvent& event) const {
  if (event.position > checkpoint_) return Expectation::kPending;
  const auto parked = parked_.find(event.stream);
  const bool held = parked != parked_.end() && event.revision >= parked->second;
  if (held || open_.contains(event.position.value)) return Expectation::kHeldBack;
  if (letters_.contains(event.position.value)) return Expectation::kGivenUp;
  if (event.position < known_from_) return Expectation::kUnknown;
  return Expectation::kDue;
}

}  // namespace nexus::route

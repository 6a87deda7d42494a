// Appends that wait for routes that lag (route/pace).

#include <algorithm>
#include <utility>

#include "engine/appending.h"
#include "engine/engine.h"

namespace nexus::engine {
namespace {

// What a route looks at, as far as it is known before the event is stored. A view of both.
RecordedEvent ViewOf(const StreamDraft& stream, const EventDraft& draft) {
  RecordedEvent event;
  event.stream = stream.stream;
  event.type = draft.type;
  event.data = draft.data;
  event.tags.assign(draft.tags.begin(), draft.tags.end());
  event.metadata.assign(draft.metadata.begin(), draft.metadata.end());
  event.routing = draft.routing;
  return event;
}

absl::Duration PaceOf(const CommitDraft& draft, const route::AppendPace& pace) {
  absl::Duration longest;
  for (const StreamDraft& stream : draft.streams) {
    for (const EventDraft& event : stream.events) {
      longest = std::max(longest, pace.WaitFor(ViewOf(stream, event)));
      if (longest >= pace.wait_max()) return longest;
    }
  }
  return longest;
}

}  // namespace

absl::Duration Engine::PauseOf(const Appending& call) const {
  absl::Duration pause;
  // A command holds up those to its aggregate that come after it: it is not for a route to do so.
  if (parts_.pace != nullptr && parts_.pace->active() && !call.of_command) {
    // No commit fails because it was held back.
    pause = std::min(PaceOf(call.draft, *parts_.pace), (call.caller.deadline - call.begun) / 2);
  }
  if (call.order == nullptr) return pause;
  // It could not overtake those of its pipeline anyway, and would only seem to wait for the log.
  return std::max(pause, call.order->held_until() - call.begun);
}

// In its place behind the gate, so what is held back is bounded as everything that is under way.
void Engine::Hold(const std::shared_ptr<Appending>& call, absl::Duration pause) {
  metrics_->paced.Add(1);
  if (call->order != nullptr) call->order->HoldUntil(call->begun + pause);
  call->place.Hold();
  parts_.workers.RunAfter(pause, [this, call] { Resume(call); });
}

// Before anything was decided: rules that have changed meanwhile hold.
void Engine::Resume(const std::shared_ptr<Appending>& call) {
  const absl::Duration now = parts_.clock.Monotonic();
  call->place.Resume(now);
  call->begun = now;
  if (DropIfLate(call, now)) return;
  if (call->caller.HasGone()) {
    metrics_->gone.Add(1);
    Refuse(call, DroppedLate());
    return;
  }
  CheckAndDecide(call);
}

}  // namespace nexus::engine

#include "engine/decision_search.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::engine {
namespace {

constexpr PageLimits kPage = {1'024, 1 << 20};

// 48 bits of milliseconds lead a UUID of version 7.
std::optional<Timestamp> TimeOf(const UuidBytes& id) {
  if (id[6] >> 4 != 7) return std::nullopt;
  int64_t millis = 0;
  for (size_t i = 0; i < 6; ++i) millis = millis << 8 | id[i];
  return Timestamp{millis * 1'000};
}

// Refusals are written some time after the decision, maybe long after: the disk was full. By the
// index they are found at once.
absl::StatusOr<std::optional<EventBatch>> FindRefusal(EventReader& reader,
                                                      index::FilteredReader& filtered,
                                                      Position from, const UuidBytes& id) {
  index::Selection selection;
  selection.filter.items.push_back({.categories = {std::string(kDenialStream)}});
  const Position head = reader.Head();
  while (from <= head) {
    NEXUS_ASSIGN_OR_RETURN(index::FilteredPage page,
                           filtered.Page(selection, {from, head}, Direction::kForward, kPage));
    std::erase_if(page.batch.events,
                  [&](const RecordedEvent& event) { return event.id.bytes != id; });
    if (!page.batch.events.empty()) return std::optional<EventBatch>(std::move(page.batch));
    if (page.batch.end) break;
    from = page.scanned_to.Next();
  }
  return std::optional<EventBatch>();
}

absl::StatusOr<std::optional<EventBatch>> FindAdmitted(EventReader& reader, Position from,
                                                       Timestamp until, absl::string_view decision,
                                                       size_t events_max) {
  EventBatch found;
  while (true) {
    NEXUS_ASSIGN_OR_RETURN(EventBatch page, reader.ReadAll(from, Direction::kForward, kPage));
    if (page.events.empty()) break;
    const RecordedEvent last = page.events.back();
    const bool ended = last.decision_id != decision;
    std::erase_if(page.events,
                  [&](const RecordedEvent& event) { return event.decision_id != decision; });
    found.events.insert(found.events.end(), page.events.begin(), page.events.end());
    if (!page.events.empty()) {
      found.backing.insert(found.backing.end(), page.backing.begin(), page.backing.end());
    }
    const bool enough = found.events.size() >= events_max || (!found.events.empty() && ended);
    if (enough || page.end || last.recorded > until) break;
    from = last.position.Next();
  }
  if (found.events.empty()) return std::optional<EventBatch>();
  if (found.events.size() > events_max) found.events.resize(events_max);
  return std::optional<EventBatch>(std::move(found));
}

}  // namespace

absl::StatusOr<FoundDecision> FindDecision(EventReader& reader, index::FilteredReader& filtered,
                                           AuditLedger* ledger, absl::string_view decision_id,
                                           const DecisionSearchOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const UuidBytes id, ParseUuid(decision_id));
  const std::string text = FormatUuid(id);
  FoundDecision decision;
  if (ledger != nullptr) {
    if (std::optional<std::string> pending = ledger->PendingDenial(text)) {
      decision.pending = *std::move(pending);
      return decision;
    }
  }
  const std::optional<Timestamp> time = TimeOf(id);
  Position from(1);
  Timestamp until{INT64_MAX};
  if (time.has_value()) {
    NEXUS_ASSIGN_OR_RETURN(from, reader.FirstRecordedAt({time->micros - options.before_us}));
    until.micros = time->micros + options.after_us;
  }
  NEXUS_ASSIGN_OR_RETURN(std::optional<EventBatch> refusal,
                         FindRefusal(reader, filtered, from, id));
  if (refusal.has_value()) {
    decision.events = *std::move(refusal);
    return decision;
  }
  NEXUS_ASSIGN_OR_RETURN(std::optional<EventBatch> admitted,
                         FindAdmitted(reader, from, until, text, options.events_max));
  if (!admitted.has_value()) {
    return MakeError(ErrorReason::kNotFound,
                     absl::StrCat("no event and no refusal has the decision ", text));
  }
  decision.admitted = true;
  decision.events = *std::move(admitted);
  return decision;
}

}  // namespace nexus::engine

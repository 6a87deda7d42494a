#include "engine/stamp_audit.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "stamp/commit_digest.h"

namespace nexus::engine {

StampAudit::StampAudit(EventReader& reader, Position head, const StampAuditOptions& options)
    : reader_(reader), options_(options), next_(head) {
  progress_.head = head;
}

absl::Status StampAudit::Advance() {
  if (progress_.done) return absl::OkStatus();
  if (next_.value == 0) {
    Finish();
    return absl::OkStatus();
  }
  NEXUS_ASSIGN_OR_RETURN(const EventBatch page,
                         reader_.ReadAll(next_, Direction::kBackward, options_.page));
  if (page.events.empty()) {
    return MakeError(ErrorReason::kDataLoss,
                     absl::StrCat("there is no event at position ", next_.value));
  }
  for (const RecordedEvent& event : page.events) {
    if (!open_.empty() && open_.back().commit_id != event.commit_id) CloseCommit();
    Look(event);
    open_.push_back(event);
  }
  if (open_.size() <= page.events.size()) backing_.clear();
  backing_.insert(backing_.end(), page.backing.begin(), page.backing.end());
  next_ = Position(page.events.back().position.value - 1);
  progress_.scanned = progress_.head.value - next_.value;
  if (next_.value == 0) Finish();
  return absl::OkStatus();
}

void StampAudit::Look(const RecordedEvent& event) {
  ++progress_.events;
  // Before its own cause is sought: nothing is caused by itself.
  Resolve(event.id.bytes, progress_.caused_by_event);
  std::string lacks;
  const auto need = [&](absl::string_view value, absl::string_view name, uint64_t& count) {
    if (!value.empty()) {
      ++count;
    } else {
      absl::StrAppend(&lacks, lacks.empty() ? "has no " : ", no ", name);
    }
  };
  need(event.principal, "principal", progress_.with_principal);
  need(event.decision_id, "decision", progress_.with_decision);
  need(event.correlation_id, "correlation id", progress_.with_correlation);
  const bool otherwise_complete = lacks.empty();
  if (!otherwise_complete) AddFinding(event.position, event.stream, std::move(lacks));
  LookAtCause(event, otherwise_complete);
}

void StampAudit::LookAtCause(const RecordedEvent& event, bool otherwise_complete) {
  const uint64_t complete = otherwise_complete ? 1 : 0;
  if (event.causation_id.empty()) {
    ++progress_.caused_by_own_commit;
    progress_.complete += complete;
    return;
  }
  const absl::StatusOr<UuidBytes> cause = ParseUuid(event.causation_id);
  if (!cause.ok()) {
    ++progress_.caused_outside;
    progress_.complete += complete;
    return;
  }
  if (wanted_.size() >= options_.open_causes_max && !wanted_.contains(*cause)) {
    ++progress_.cause_unknown;
    AddFinding(event.position, event.stream, "too many causes are sought for this one to be");
    return;
  }
  Wanted& wanted = wanted_[*cause];
  if (wanted.events == 0) wanted.stream = std::string(event.stream);
  ++wanted.events;
  wanted.otherwise_complete += complete;
  wanted.position = event.position;
}

void StampAudit::Resolve(const UuidBytes& cause, uint64_t& count) {
  const auto found = wanted_.find(cause);
  if (found == wanted_.end()) return;
  count += found->second.events;
  progress_.complete += found->second.otherwise_complete;
  wanted_.erase(found);
}

void StampAudit::CloseCommit() {
  Resolve(open_.front().commit_id.bytes, progress_.caused_by_commit);
  std::reverse(open_.begin(), open_.end());
  const RecordedEvent& first = open_.front();
  const uint64_t events = open_.size();
  if (first.request_digest.empty()) {
    progress_.without_digest += events;
  } else if (DigestBytes(stamp::DigestOfEvents(open_)) == first.request_digest) {
    progress_.digests_good += events;
  } else {
    progress_.digests_wrong += events;
    AddFinding(first.position, first.stream, "the commit does not say what its digest says");
  }
  open_.clear();
}

void StampAudit::Finish() {
  if (!open_.empty()) CloseCommit();
  backing_.clear();
  for (const auto& [cause, wanted] : wanted_) {
    if (options_.unknown_is_outside) {
      progress_.caused_outside += wanted.events;
      progress_.complete += wanted.otherwise_complete;
      continue;
    }
    progress_.cause_unknown += wanted.events;
    AddFinding(
        wanted.position, wanted.stream,
        absl::StrCat("nothing before it has the id ", FormatUuid(cause), ", which caused it"));
  }
  wanted_.clear();
  progress_.done = true;
}

void StampAudit::AddFinding(Position position, absl::string_view stream, std::string message) {
  if (progress_.findings.size() >= options_.findings_max) return;
  progress_.findings.push_back({position, std::string(stream), std::move(message)});
}

}  // namespace nexus::engine

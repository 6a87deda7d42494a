#include "audit/ledger_stream.h"

#include <utility>

#include "nexus/core/errors.h"
#include "stamp/server_stamp.h"

namespace nexus::audit {

LedgerStream::Metrics::Metrics(MetricsRegistry& registry, const std::string& stream)
    : events(registry.GetCounter("nexus_audit_events_total",
                                 "Events written to a stream of refusals and administration.",
                                 {{"ledger", stream}})),
      merged(registry.GetCounter("nexus_audit_merged_total",
                                 "Refusals and failures that were counted into an event which "
                                 "tells of another one too.",
                                 {{"ledger", stream}})),
      failures(registry.GetCounter("nexus_audit_write_failures_total",
                                   "Commits to such a stream that the log did not take; they are "
                                   "tried again.",
                                   {{"ledger", stream}})) {}

LedgerStream::LedgerStream(StreamName name, const LedgerStreamParts& parts,
                           LedgerStreamOptions options)
    : name_(std::move(name)),
      parts_(parts),
      options_(std::move(options)),
      metrics_(parts.metrics, name_.str().substr(1)),
      book_(options_.book) {}

LedgerTime LedgerStream::Now() const { return {parts_.clock.Now(), parts_.clock.Monotonic()}; }

UuidBytes LedgerStream::Count(absl::string_view principal, absl::string_view kind,
                              absl::FunctionRef<LedgerRow()> describe) {
  absl::MutexLock lock(&mutex_);
  const UuidBytes id = book_.Count(
      principal, kind, describe, [this] { return parts_.ids.NewUuid(); }, Now());
  TellMerged();
  WakeIn(options_.delay);
  return id;
}

void LedgerStream::Add(absl::string_view principal, LedgerRow row) {
  absl::MutexLock lock(&mutex_);
  book_.Add(
      principal, std::move(row), [this] { return parts_.ids.NewUuid(); }, Now());
  TellMerged();
  WakeIn(options_.delay);
}

void LedgerStream::TellMerged() {
  if (book_.merged() == told_merged_) return;
  metrics_.merged.Add(static_cast<double>(book_.merged() - told_merged_));
  told_merged_ = book_.merged();
}

void LedgerStream::WakeIn(absl::Duration delay) {
  if (std::exchange(awake_, true)) return;
  parts_.executor.RunAfter(delay, [this] { Tick(); });
}

void LedgerStream::Tick() {
  std::optional<Commit> next;
  {
    absl::MutexLock lock(&mutex_);
    awake_ = false;
    if (under_way_) return;  // its outcome goes on
    next = Next(/*all=*/false);
    if (!next.has_value()) {
      if (!book_.empty()) WakeIn(options_.delay);
      return;
    }
  }
  Propose(*std::move(next));
}

std::optional<Commit> LedgerStream::Next(bool all) {
  if (!open_.has_value()) {
    std::vector<CountedRow> rows =
        book_.TakeDue(parts_.clock.Monotonic(), options_.rows_per_commit_max, all);
    if (rows.empty()) return std::nullopt;
    open_ = CommitOf(std::move(rows));
  }
  under_way_ = true;
  return open_;
}

Commit LedgerStream::CommitOf(std::vector<CountedRow> rows) {
  Commit commit;
  commit.id = CommitId{parts_.ids.NewUuid()};
  commit.stamp.principal = "$ledger";
  commit.streams.push_back({name_, ExpectedRevision::Any()});
  commit.proposed = parts_.clock.Now();
  for (CountedRow& row : rows) {
    Event event;
    event.id = EventId{row.id};
    event.data = row.Data();
    event.type = std::move(row.row.type);
    event.content_type = std::string(kJsonContentType);
    event.tags = std::move(row.row.tags);
    event.correlation_id = std::move(row.row.correlation_id);
    commit.events.push_back({0, std::move(event)});
  }
  stamp::CompleteStamp(commit);
  return commit;
}

void LedgerStream::Propose(Commit commit) {
  parts_.log.Propose(std::move(commit), [this](const absl::StatusOr<CommitReceipt>& receipt) {
    OnOutcome(receipt.status());
  });
}

void LedgerStream::OnOutcome(const absl::Status& outcome) {
  std::optional<Commit> next;
  {
    absl::MutexLock lock(&mutex_);
    under_way_ = false;
    if (outcome.ok()) {
      metrics_.events.Add(static_cast<double>(open_->events.size()));
      open_.reset();
      if (flushing_) next = Next(/*all=*/true);
      flushing_ = next.has_value();
    } else {
      metrics_.failures.Add(1);
      flushing_ = false;
    }
    if (!next.has_value() && (open_.has_value() || !book_.empty())) {
      WakeIn(open_.has_value() ? options_.retry : options_.delay);
    }
  }
  if (next.has_value()) Propose(*std::move(next));
}

bool LedgerStream::Flush() {
  std::optional<Commit> next;
  {
    absl::MutexLock lock(&mutex_);
    flushing_ = true;
    if (under_way_) return false;
    next = Next(/*all=*/true);
    flushing_ = next.has_value();
  }
  if (!next.has_value()) return true;
  Propose(*std::move(next));
  return false;
}

std::optional<std::string> LedgerStream::Pending(const UuidBytes& id) {
  absl::MutexLock lock(&mutex_);
  if (const CountedRow* row = book_.Find(id)) return row->Data();
  if (!open_.has_value()) return std::nullopt;
  for (const CommitEvent& entry : open_->events) {
    if (entry.event.id.bytes == id) return entry.event.data;
  }
  return std::nullopt;
}

}  // namespace nexus::audit

#pragma once

// The log above its ports, on a simulated disk: log::Apply decides, groups form while the one
// before is synced, answers come after the sync. One process's life of it; not thread-safe.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "log/apply.h"
#include "log/log_state.h"
#include "nexus/port/commit_locator.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/log_backend.h"
#include "simulation/chance.h"
#include "simulation/simulated_store.h"

namespace nexus::simulation {

// The events that were published, for reading and for deciding.
class LogImage : public log::LogState {
 public:
  explicit LogImage(bool knows_ids) : knows_ids_(knows_ids) {}

  void Add(const StoredCommitPtr& commit);
  const log::LogTip& tip() const { return tip_; }

  absl::StatusOr<std::optional<log::StreamHead>> FindStream(uint32_t tenant,
                                                            absl::string_view name) override;
  absl::StatusOr<std::optional<log::StoredCommit>> FindCommit(uint32_t tenant,
                                                              const CommitId& id) override;
  absl::StatusOr<std::optional<Revision>> FindEvent(const log::StreamPlace& stream,
                                                    const EventId& id) override;
  absl::StatusOr<log::StoredCommit> CommitOf(const log::StreamPlace& stream,
                                             Revision revision) override;
  absl::StatusOr<std::optional<Position>> FirstMatch(uint32_t tenant, const EventFilter& filter,
                                                     Position after) override;

  // A page from `at` (in range, from 0) of the whole log, or of a stream's events.
  EventBatch Page(const std::vector<size_t>* stream, size_t at, Direction direction,
                  PageLimits limits) const;
  // Indexes of a stream's events; null if it has none.
  const std::vector<size_t>* Stream(const std::string& name) const;
  size_t size() const { return entries_.size(); }
  std::vector<std::string> Names() const;
  Timestamp RecordedAt(size_t index) const { return entries_[index].commit->receipt.recorded; }
  Position PositionAt(size_t index) const;

 private:
  struct Entry {
    StoredCommitPtr commit;
    size_t index = 0;  // in its events
    Revision revision;
  };
  struct StreamEntry {
    std::vector<size_t> events;
    std::map<EventId, Revision> ids;
    log::StreamHead head;
  };

  RecordedEvent ViewOf(const Entry& entry) const;

  const bool knows_ids_;
  std::vector<Entry> entries_;
  std::map<std::string, StreamEntry> streams_;
  std::map<CommitId, StoredCommitPtr> commits_;
  log::LogTip tip_;
};

class SimulatedLog : public LogBackend, public EventReader, public CommitLocator {
 public:
  // Recovers what the store has. All must outlive it.
  SimulatedLog(SimulatedStore& store, Executor& executor, Chance& chance, Planted planted);

  // LogBackend.
  void Propose(Commit commit, CommitDone done) override;
  absl::StatusOr<std::optional<CommitReceipt>> FindCommit(const Commit& candidate) override;
  void SetHeadListener(HeadListener listener) override { listener_ = std::move(listener); }
  absl::Status Health() override { return fault_; }
  void Drain() override { draining_ = true; }

  // EventReader.
  Position Head() const override { return image_.tip().head; }
  absl::StatusOr<EventBatch> ReadAll(Position from, Direction direction,
                                     PageLimits limits) override;
  absl::StatusOr<EventBatch> ReadStream(const StreamName& stream, Revision from,
                                        Direction direction, PageLimits limits) override;
  absl::StatusOr<EventBatch> ReadAt(absl::Span<const Position> positions,
                                    PageLimits limits) override;
  absl::StatusOr<Position> FirstRecordedAt(Timestamp time) override;
  absl::StatusOr<StreamInfo> GetStream(const StreamName& stream) override;
  absl::StatusOr<StreamPage> ListStreams(const StreamQuery& query) override;

  // CommitLocator.
  absl::StatusOr<std::optional<PositionRange>> LocateCommit(const CommitId& id) override;

  // A write has failed: the process is expected to stop.
  bool failed() const { return !fault_.ok(); }
  // A group is written and not synced.
  bool syncing() const { return syncing_; }
  // What waits is forgotten without an answer: the process is gone.
  void Abandon();

 private:
  struct Pending {
    Commit commit;
    CommitDone done;
  };
  struct Group {
    std::vector<Pending> pending;
    std::vector<absl::StatusOr<CommitReceipt>> verdicts;
    StoredGroup stored;
  };

  void FormGroup();
  void Decide(Group& group);
  void OnSyncDue(std::shared_ptr<Group> group);
  void Publish(const Group& group);
  void Answer(Group& group);
  void Refuse(Group& group, const absl::Status& why);
  void Next();
  // Now and then a read fails once, or a page is short.
  absl::Status ReadFault();
  PageLimits Limit(PageLimits limits);

  SimulatedStore& store_;
  Executor& executor_;
  Chance& chance_;
  const Planted planted_;
  const size_t queue_max_;
  const size_t group_max_;
  const bool tiny_pages_;
  LogImage image_;
  std::deque<Pending> queue_;
  HeadListener listener_;
  absl::Status fault_;
  bool draining_ = false;
  bool busy_ = false;  // a group is being formed or synced
  bool syncing_ = false;
};

}  // namespace nexus::simulation

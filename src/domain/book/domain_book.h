#pragma once

// Which domains are applied. Everything here is an event in the stream `$domains`; this is its
// folded state and its only writer on this server.
//
// Thread-safe; snapshots are immutable. Callbacks run on the executor or on a thread of the log,
// and must not block.

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "domain/book/domain_events.h"
#include "domain/domain_package.h"
#include "domain/domain_state.h"
#include "governance/governance_stream.h"
#include "governance/joint_commit.h"
#include "nexus/core/clock.h"
#include "nexus/core/event.h"
#include "nexus/core/id_source.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/json_reader.h"
#include "nexus/port/log_backend.h"

namespace nexus::domain {

// All of it must outlive the book.
struct DomainBookParts {
  LogBackend& log;
  EventReader& reader;
  JsonReader& json;
  Executor& executor;
  Clock& clock;
  IdSource& ids;
  // Told the state that is about to hold, before anybody sees it: once all is loaded, and with each
  // change. Never in two calls at once. May take some tenths of a second; may be null.
  std::function<void(const DomainState&)> on_state = nullptr;
};

struct DomainBookOptions {
  size_t domains_max = 256;
  size_t package_bytes_max = kPackageBytesMax;
  size_t files_max = 1'000;
  size_t event_bytes_max = 1 << 20;  // of the package in JSON
};

class DomainBook {
 public:
  using SnapshotPtr = std::shared_ptr<const DomainState>;
  // Whether a state may come to be; runs before it does, and may run several times.
  using Check = absl::AnyInvocable<absl::Status(const DomainState&)>;

  DomainBook(const DomainBookParts& parts, DomainBookOptions options = {});

  // Folds the whole stream; before anything else is called. DATA_LOSS, UNSUPPORTED_FORMAT.
  absl::Status Load();

  // Cheap.
  SnapshotPtr Snapshot() const ABSL_LOCKS_EXCLUDED(mutex_);

  // One version of a domain, or what holds now (0). NOT_FOUND.
  absl::StatusOr<DomainRecord> Find(absl::string_view name, uint64_t version) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Every version of a domain, the first one first, removals too. Empty: there never was one.
  std::vector<DomainRecord> History(absl::string_view name) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether names, paths and sizes of a package are as they may be. MALFORMED_NAME,
  // MALFORMED_REQUEST, INVALID_UTF8, LIMIT_EXCEEDED.
  absl::Status CheckSize(const DomainPackage& package) const;

  // As parts of a joint change. The package in place of what its name has; the same content again
  // leaves no event. `event` gets its version with the plan, 0 if it is so already.
  // MALFORMED_REQUEST, LIMIT_EXCEEDED, and what `check` says.
  governance::JointPart ApplyTogether(std::shared_ptr<DomainEvent> event, Check check,
                                      std::string principal);
  // NOT_FOUND.
  governance::JointPart RemoveTogether(std::shared_ptr<DomainEvent> event, std::string principal);

 private:
  using GovernanceStream = governance::GovernanceStream;
  using Plan = absl::StatusOr<std::optional<GovernanceStream::NewEvent>>;

  absl::Status Fold(const RecordedEvent& event) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Take(const DomainEvent& event, Position position, Timestamp recorded,
                    absl::string_view principal) ABSL_LOCKS_EXCLUDED(mutex_);
  // What the state would be with `package` in place of what its name has now.
  absl::StatusOr<SnapshotPtr> With(const DomainPackage& package) const;
  Plan PlanApplied(DomainEvent& event, Check& check) const;
  Plan PlanRemoved(DomainEvent& event) const;
  governance::JointPart Together(std::shared_ptr<DomainEvent> event,
                                 absl::AnyInvocable<Plan()> plan, std::string principal);
  uint64_t NextVersion(const std::string& name) const ABSL_LOCKS_EXCLUDED(mutex_);

  const DomainBookParts parts_;
  const DomainBookOptions options_;
  bool loaded_ = false;  // until then nobody is told of states that have passed

  mutable absl::Mutex mutex_;
  SnapshotPtr now_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<DomainRecord>, std::less<>> history_ ABSL_GUARDED_BY(mutex_);

  GovernanceStream stream_;
};

}  // namespace nexus::domain

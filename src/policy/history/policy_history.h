#pragma once

// From when on which policies decided: the events of the stream `$policies`
// (docs/reference/policy-bundle.md, "What decided when"). Stamps of events name the revision; this
// says when it came and what it took the place of.
//
// Thread-safe. Writing runs on the executor and on the log's threads; both must have stopped before
// this is destroyed.

#include <functional>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "governance/governance_stream.h"
#include "nexus/core/clock.h"
#include "nexus/core/event.h"
#include "nexus/core/id_source.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/json_reader.h"
#include "nexus/port/log_backend.h"

namespace nexus::policy {

inline constexpr char kPoliciesStream[] = "$policies";
inline constexpr char kPoliciesActivatedType[] = "$policies-activated";

struct PolicyHistoryParts {
  LogBackend& log;
  EventReader& reader;
  JsonReader& json;
  Executor& executor;
  Clock& clock;
  IdSource& ids;
  // Told what could not be written. Must not block.
  std::function<void(absl::string_view)> on_notice = nullptr;
};

class PolicyHistory {
 public:
  explicit PolicyHistory(PolicyHistoryParts parts);

  // Reads what is there. Once, before Record().
  absl::Status Load();

  // `revision` decides from now on, by `engine` ("embedded", "opa", "none"). Written unless the
  // last event says so already. Returns at once.
  void Record(std::string revision, std::string engine) ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits until all that was given to Record() is written, or has failed. False: not in time.
  bool AwaitWritten(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Activation {
    std::string revision;
    std::string engine;
    friend bool operator==(const Activation&, const Activation&) = default;
  };

  absl::Status Fold(const RecordedEvent& event);
  absl::StatusOr<std::optional<governance::GovernanceStream::NewEvent>> Plan(
      const Activation& wanted) ABSL_LOCKS_EXCLUDED(mutex_);
  void Apply(Activation activation) ABSL_LOCKS_EXCLUDED(mutex_);
  void Done(const Activation& wanted, const absl::Status& written) ABSL_LOCKS_EXCLUDED(mutex_);

  const PolicyHistoryParts parts_;

  absl::Mutex mutex_;
  Activation last_ ABSL_GUARDED_BY(mutex_);  // of the stream
  int under_way_ ABSL_GUARDED_BY(mutex_) = 0;

  governance::GovernanceStream stream_;
};

}  // namespace nexus::policy

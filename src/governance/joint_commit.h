#pragma once

// One change of several governance streams: all of it in one commit, or nothing.
//
// Each stream gives its turn, in the order of their names, so that two such changes cannot wait for
// each other; then each part is planned against what its stream says, and all is proposed with the
// exact revision of every stream. If another server was first, the streams are read to their ends
// and everything is planned again.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "governance/governance_stream.h"
#include "nexus/core/clock.h"
#include "nexus/core/commit.h"
#include "nexus/core/id_source.h"
#include "nexus/port/executor.h"
#include "nexus/port/log_backend.h"

namespace nexus::governance {

// What one stream contributes.
struct JointPart {
  GovernanceStream* stream;
  // What to write, in order, given the folded state and what the parts before it have planned; none
  // if the state is as wished. May run several times.
  absl::AnyInvocable<absl::StatusOr<std::vector<GovernanceStream::NewEvent>>()> plan;
  // Folds what `plan` gave last. The first event has revision `first` in the stream and the
  // position `position`; the others follow. Not run where Fold has seen them before.
  absl::AnyInvocable<void(Revision first, Position position, Timestamp recorded)> apply;
};

struct JointCommitParts {
  LogBackend& log;
  Executor& executor;
  Clock& clock;
  IdSource& ids;
};

// Nothing: there was nothing to write.
using JointOutcome = absl::StatusOr<std::optional<CommitReceipt>>;

// Plans run in the order of `parts`, each of which has a stream of its own. `done` runs once, after
// the change can be seen or has failed; it must not block. All parts must outlive it. Errors: those
// of the plans, OVERLOADED, and what LogBackend::Propose gives but REVISION_CONFLICT.
void CommitTogether(const JointCommitParts& with, std::vector<JointPart> parts,
                    AdmissionStamp stamp, absl::AnyInvocable<void(JointOutcome)> done);

}  // namespace nexus::governance

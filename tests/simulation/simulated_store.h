#pragma once

// A disk with one file of groups of commits, in two planes: what is written, and what is durable.
//
// A sync promotes the one to the other. Killing the process keeps what is written; a power cut
// drops it, keeps it, or leaves a torn part of it. Failures as measured on the real one:
// a write that finds no space leaves nothing; a sync that fails may have happened all the same.

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "log/log_state.h"
#include "simulation/chance.h"

namespace nexus::simulation {

using StoredCommitPtr = std::shared_ptr<const log::StoredCommit>;
using StoredGroup = std::vector<StoredCommitPtr>;

// Mistakes that a log can make, planted to see that they are found.
enum class Planted {
  kNone,
  kAckBeforeSync,         // answers when the group is written
  kPublishBeforeSync,     // shows the group to readers when it is written
  kReusePositions,        // after a power cut counts on from the group before the last
  kForgetIds,             // knows neither which commits nor which events it has
  kIgnoreConditions,      // takes a commit whatever its append conditions say
  kGoOnAfterFailedWrite,  // takes the next group as if the failed one had never been
  kKeepTornGroup,         // looks at no checksum: a part of a group is as good as the whole
};

class SimulatedStore {
 public:
  SimulatedStore(Chance& chance, Planted planted) : chance_(chance), planted_(planted) {}

  absl::Status Write(StoredGroup group);
  absl::Status Sync();

  void Kill();
  void CutPower();
  // Ends all faults: the disk of the last start is sound.
  void Mend() { sound_ = true; }

  // What a new process finds.
  StoredGroup Recover();

 private:
  struct Record {
    StoredGroup group;
    bool torn = false;  // only a part of it is here; a checksum tells
  };

  Chance& chance_;
  const Planted planted_;
  bool sound_ = false;
  bool power_was_cut_ = false;
  std::vector<Record> live_;
  size_t durable_ = 0;  // records
};

}  // namespace nexus::simulation

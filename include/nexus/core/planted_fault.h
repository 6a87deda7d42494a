#pragma once

// Bugs on purpose: each must be found by a test (docs/evidence/planted-faults.md), or that test
// proves nothing.
//
//   if (IsPlanted(PlantedFault::kSyncOff)) options.sync = false;
//
// Compiled in with -DNEXUS_PLANTED_FAULTS=ON (test builds) and switched on by
// NEXUS_PLANTED_FAULT=sync_off in the environment. Without it the check is a constant and leaves no
// code. A folder that asks links nexus::planted_faults.

#include <cstdint>

namespace nexus {

enum class PlantedFault : uint8_t {
  kSyncOff,              // writes are not synced
  kAckBeforeWrite,       // commits are answered before their group is written
  kHeadBeforeSync,       // readers are shown a head before its group is written
  kGoOnAfterFailure,     // a failed write is forgotten, the next one is taken
  kGroupInTwoWrites,     // the rows of a group are not written together
  kPositionTwice,        // every seventh commit takes the positions of the one before it
  kRevisionGap,          // every seventh extension of a stream skips a revision
  kCommitIdIgnored,      // a repeated commit is stored again
  kStaleHead,            // expectations do not see the commits of the same group
  kEventIdsIgnored,      // a stream takes the same event id again
  kConditionSkipsGroup,  // append conditions do not see the commits of the same group
  kDefaultWalRecovery,   // opened as RocksDB would: no anchor, damaged ends dropped in silence
  kHolesUnnoticed,       // a read that ends early is believed
  kNoDiskReserve,        // appends go on until the disk is full
  kQueueUnbounded,       // commits queue without a limit
};

#ifdef NEXUS_PLANTED_FAULTS
bool IsPlanted(PlantedFault fault);
#else
constexpr bool IsPlanted(PlantedFault) { return false; }
#endif

}  // namespace nexus

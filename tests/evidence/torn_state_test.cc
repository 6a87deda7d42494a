// The power goes before the N-th operation on the file system. Of what was not synced some sectors
// are there, of what was not synced in a folder a first part. Nothing acknowledged may be lost.
//
// $NEXUS_EVIDENCE_STATES: how many states (300).

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>

#include "evidence/io_failure.h"
#include "evidence/scratch_folder.h"

namespace nexus::evidence {
namespace {

constexpr uint64_t kStates = 300;

// The number of operations of a run differs a little from run to run; cuts behind its end find the
// log closed, which is a state too.
uint64_t Operations() {
  FaultRun run;
  run.in_flight = 4;
  return RunWithFault(run).operations;
}

FaultRun CutAt(std::mt19937_64& random, uint64_t operations) {
  FaultRun run;
  run.in_flight = 1 + random() % 8;
  run.cut.at = 1 + random() % operations;
  run.cut.seed = random();
  return run;
}

TEST(TornStates, LoseNothingAcknowledged) {
  const uint64_t operations = Operations();
  std::mt19937_64 random(20'261'121);
  uint64_t reached = 0;
  const uint64_t states = CountFromEnvironment("NEXUS_EVIDENCE_STATES", kStates) * 2 / 3;
  for (uint64_t i = 0; i < states; ++i) {
    const FaultRun run = CutAt(random, operations);
    const FaultResult result = RunWithFault(run);
    ASSERT_EQ(result.findings, "") << "state " << i << ", cut before operation " << run.cut.at;
    if (result.hit) ++reached;
  }
  EXPECT_GT(reached * 10, states * 8);
}

// The sectors of an unsynced write land in any order: a bad record with bytes behind it,
// which was never acknowledged and must not keep the log from opening.
TEST(TornStates, LoseNothingAcknowledgedWhenSectorsLandInAnyOrder) {
  const uint64_t operations = Operations();
  std::mt19937_64 random(20'261'122);
  uint64_t reached = 0;
  const uint64_t states = CountFromEnvironment("NEXUS_EVIDENCE_STATES", kStates) / 3;
  for (uint64_t i = 0; i < states; ++i) {
    FaultRun run = CutAt(random, operations);
    run.cut.reorder = true;
    const FaultResult result = RunWithFault(run);
    ASSERT_EQ(result.findings, "") << "state " << i << ", cut before operation " << run.cut.at;
    if (result.hit) ++reached;
  }
  EXPECT_GT(reached * 10, states * 8);
}

// Controls: what this must be able to see.
TEST(TornStates, FindThatFoldersWereNotSynced) {
  const uint64_t operations = Operations();
  std::mt19937_64 random(1);
  for (int i = 0; i < 60; ++i) {
    FaultRun run = CutAt(random, operations);
    run.cut.skip_folder_syncs = true;
    if (!RunWithFault(run).findings.empty()) {
      std::printf("found in state %d\n", i + 1);
      return;
    }
  }
  FAIL() << "60 states and nobody missed the syncs of folders";
}

}  // namespace
}  // namespace nexus::evidence

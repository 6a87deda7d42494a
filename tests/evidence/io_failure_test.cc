// The N-th operation on the file system fails, for every N of a fixed workload until a run is
// through without meeting it. Nothing that was acknowledged may be lost, nothing may be there
// twice, and after a failed write the log takes no more.
//
// $NEXUS_EVIDENCE_IO_STEP: every how many-th N is tried in the classes that are sampled.

#include "evidence/io_failure.h"

#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <string>

#include "evidence/scratch_folder.h"

namespace nexus::evidence {
namespace {

struct FaultClass {
  std::string name;
  FaultKind kind;
  bool lasting;
  bool every;  // all N in every lane
  friend void PrintTo(const FaultClass& one, std::ostream* out) { *out << one.name; }
};

class NthOperation : public testing::TestWithParam<FaultClass> {};

TEST_P(NthOperation, FailsAndNothingAcknowledgedIsLost) {
  const uint64_t step = GetParam().every ? 1 : CountFromEnvironment("NEXUS_EVIDENCE_IO_STEP", 23);
  uint64_t runs = 0;
  uint64_t aborted = 0;
  std::map<IoKind, uint64_t> kinds;
  // Each class of the sampled ones starts elsewhere.
  const uint64_t first = step == 1 ? 1 : 1 + GetParam().name.size() % step;
  for (uint64_t at = first;; at += step) {
    FaultRun run;
    run.fault = {at, GetParam().kind, GetParam().lasting};
    const FaultResult result = RunWithFault(run);
    ASSERT_EQ(result.findings, "") << "operation " << at;
    // What takes no space meets no full disk: go on behind the last operation only.
    if (!result.hit && result.operations < at) break;
    ++runs;
    if (result.aborted) ++aborted;
    if (result.hit) ++kinds[result.kind];
  }
  RecordProperty("runs", std::to_string(runs));
  RecordProperty("aborted", std::to_string(aborted));
  std::printf(
      "%s: %llu runs, %llu aborted by RocksDB; appends %llu, syncs %llu, folder syncs %llu, "
      "creations %llu, renames %llu, deletions %llu, reads %llu\n",
      GetParam().name.c_str(), (unsigned long long)runs, (unsigned long long)aborted,
      (unsigned long long)kinds[IoKind::kAppend], (unsigned long long)kinds[IoKind::kSync],
      (unsigned long long)kinds[IoKind::kFolderSync], (unsigned long long)kinds[IoKind::kCreate],
      (unsigned long long)kinds[IoKind::kRename], (unsigned long long)kinds[IoKind::kDelete],
      (unsigned long long)kinds[IoKind::kRead]);
  EXPECT_GT(kinds[IoKind::kAppend], 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Evidence, NthOperation,
    testing::Values(FaultClass{"Eio", FaultKind::kIoError, false, true},
                    FaultClass{"EioFromThenOn", FaultKind::kIoError, true, false},
                    FaultClass{"NoSpace", FaultKind::kNoSpace, false, false},
                    FaultClass{"NoSpaceFromThenOn", FaultKind::kNoSpace, true, false},
                    FaultClass{"ShortWrite", FaultKind::kShortWrite, false, false},
                    FaultClass{"ShortWriteFromThenOn", FaultKind::kShortWrite, true, false}),
    [](const auto& one) { return one.param.name; });

TEST(Workload, IsWrittenAndReadWithoutAFault) {
  const FaultResult result = RunWithFault({});
  EXPECT_EQ(result.findings, "");
  EXPECT_FALSE(result.hit);
  EXPECT_GT(result.operations, 200u);
}

}  // namespace
}  // namespace nexus::evidence

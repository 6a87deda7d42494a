// Thousands of short lives of the log, each replayed by its seed.
//
//   NEXUS_SIMULATION_SEEDS   how many; 10,000 in CI
//   NEXUS_SIMULATION_SEED    this one only, as a failure prints it

#include "simulation/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace nexus::simulation {
namespace {

using ::testing::IsEmpty;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = getenv(name);
  uint64_t number = otherwise;
  if (text != nullptr) {
    EXPECT_TRUE(absl::SimpleAtoi(text, &number)) << name << "=" << text;
  }
  return number;
}

uint64_t Seeds() { return FromEnvironment("NEXUS_SIMULATION_SEEDS", 10'000); }

std::string Replay(uint64_t seed) {
  return absl::StrCat("replay: NEXUS_SIMULATION_SEED=", seed, " simulation_test");
}

// All seeds up to `count`, on all cores.
class Lives {
 public:
  void Run(uint64_t first, uint64_t count) {
    next_ = first;
    end_ = first + count;
    std::vector<std::thread> threads;
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < cores; ++i) threads.emplace_back([this] { Work(); });
    for (std::thread& thread : threads) thread.join();
  }

  std::vector<std::string> faults() {
    absl::MutexLock lock(&mutex_);
    return faults_;
  }
  Coverage coverage() {
    absl::MutexLock lock(&mutex_);
    return coverage_;
  }
  uint64_t steps() const { return steps_; }
  uint64_t events() const { return events_; }

 private:
  void Work() {
    for (uint64_t seed = next_++; seed < end_; seed = next_++) {
      const SimulationResult result = Simulate(seed);
      steps_ += result.steps;
      events_ += result.events;
      absl::MutexLock lock(&mutex_);
      for (const auto& [branch, times] : result.coverage) coverage_[branch] += times;
      if (!result.faults.empty() && faults_.size() < 3) {
        faults_.push_back(absl::StrCat(result.faults, Replay(seed)));
      }
    }
  }

  std::atomic<uint64_t> next_{0};
  uint64_t end_ = 0;
  std::atomic<uint64_t> steps_{0};
  std::atomic<uint64_t> events_{0};
  absl::Mutex mutex_;
  std::vector<std::string> faults_ ABSL_GUARDED_BY(mutex_);
  Coverage coverage_ ABSL_GUARDED_BY(mutex_);
};

// What thousands of lives must have met at least once; else the simulation has gone blind.
const std::vector<std::string>& RareBranches() {
  static const std::vector<std::string> kBranches = {
      "a client gives up waiting",
      "a commit is repeated",
      "a commit is repeated under another id",
      "a crash during a sync",
      "a crash under an append",
      "a group of several commits",
      "a group that stores nothing",
      "a heartbeat",
      "a kill",
      "a pipeline is answered",
      "a power cut",
      "a read fails once",
      "a read fails: POSITION_BEYOND_HEAD",
      "a read that asked for a position",
      "a subscriber fell behind",
      "a subscriber lost its last checkpoint",
      "a subscription fails and goes on",
      "a task is refused",
      "a torn group is found at the start",
      "an answer comes too late",
      "an answer is lost",
      "an orderly stop",
      "disk is full",
      "policy denies",
      "policy is away",
      "power cut drops what was not synced",
      "power cut keeps what was not synced",
      "power cut tears a group",
      "refused: APPEND_CONDITION_FAILED",
      "refused: DISK_FULL",
      "refused: DRAINING",
      "refused: EVENT_ID_TAKEN",
      "refused: NOT_READY",
      "refused: OVERLOADED",
      "refused: POLICY_DENIED",
      "refused: REVISION_CONFLICT",
      "slow policy",
      "slow subscriber",
      "slow sync",
      "sync fails",
      "the clock jumps",
      "the log is overloaded",
      "tiny gate",
      "tiny groups",
      "tiny log queue",
      "tiny pages",
      "tiny worker queue",
      "workers without order",
      "write finds no space",
  };
  return kBranches;
}

TEST(Simulation, FindsNoFaultInAnyLife) {
  if (const uint64_t one = FromEnvironment("NEXUS_SIMULATION_SEED", 0); one != 0) {
    const SimulationResult result = Simulate(one);
    EXPECT_THAT(result.faults, IsEmpty());
    RecordProperty("trace", absl::StrCat(result.trace));
    return;
  }
  Lives lives;
  lives.Run(1, Seeds());
  EXPECT_THAT(lives.faults(), IsEmpty());
  EXPECT_GT(lives.steps(), Seeds() * 100);
  EXPECT_GT(lives.events(), Seeds() * 10);
  RecordProperty("steps", absl::StrCat(lives.steps()));
  RecordProperty("events", absl::StrCat(lives.events()));
  if (Seeds() < 2'000) return;  // too few to meet everything
  const Coverage coverage = lives.coverage();
  for (const std::string& branch : RareBranches()) {
    EXPECT_TRUE(coverage.count(branch) > 0) << "no life reached: " << branch;
  }
}

TEST(Simulation, ReplaysASeedBitForBit) {
  for (uint64_t seed = 1; seed <= std::min<uint64_t>(Seeds(), 200); ++seed) {
    const SimulationResult first = Simulate(seed);
    const SimulationResult again = Simulate(seed);
    EXPECT_EQ(first.trace, again.trace) << Replay(seed);
    EXPECT_EQ(first.steps, again.steps);
  }
}

struct Mistake {
  std::string name;
  Planted planted;
};
void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

class PlantedMistake : public ::testing::TestWithParam<Mistake> {};

TEST_P(PlantedMistake, IsFoundWithinTheSeedsOfAChange) {
  SimulationOptions options;
  options.planted = GetParam().planted;
  const uint64_t most = 2'000;
  for (uint64_t seed = 1; seed <= most; ++seed) {
    const SimulationResult result = Simulate(seed, options);
    if (result.faults.empty()) continue;
    RecordProperty("found_by_seed", absl::StrCat(seed));
    RecordProperty("finding", result.faults.substr(0, result.faults.find('\n')));
    return;
  }
  FAIL() << "not found in " << most << " lives";
}

INSTANTIATE_TEST_SUITE_P(
    Simulation, PlantedMistake,
    ::testing::Values(Mistake{"AcknowledgeBeforeSync", Planted::kAckBeforeSync},
                      Mistake{"PublishBeforeSync", Planted::kPublishBeforeSync},
                      Mistake{"ReusePositions", Planted::kReusePositions},
                      Mistake{"ForgetIds", Planted::kForgetIds},
                      Mistake{"IgnoreConditions", Planted::kIgnoreConditions},
                      Mistake{"GoOnAfterAFailedWrite", Planted::kGoOnAfterFailedWrite},
                      Mistake{"KeepATornGroup", Planted::kKeepTornGroup}),
    [](const auto& mistake) { return mistake.param.name; });

}  // namespace
}  // namespace nexus::simulation

// What an append costs must not creep up: allocations, system calls and instructions, each with a
// bound in bounds.txt. Nothing here is timed.

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cost/bounds.h"
#include "cost/measured.h"
#include "fake/requirement.h"
#include "fake/temp_folder.h"
#include "gtest/gtest.h"

namespace nexus::cost {
namespace {

#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr bool kJudged = true;
#else
constexpr bool kJudged = false;  // other code is run than users get
#endif

struct Case {
  std::string workload;
  uint64_t appends = 0;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.workload; }

std::string Table() {
  const char* root = getenv("NEXUS_SOURCE_DIR");
  std::ifstream file(absl::StrCat(root == nullptr ? "." : root, "/tests/cost/bounds.txt"));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Cost : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (!kJudged) GTEST_SKIP() << "not an optimised build: scripts/test --only cost";
    const absl::StatusOr<Bounds> bounds = Bounds::Parse(Table());
    ASSERT_TRUE(bounds.ok()) << bounds.status();
    bounds_ = *bounds;
  }

  static bool IsThere(const char* program) {
    return fake::Require(access(program, X_OK) == 0,
                         absl::StrCat("no ", program, ": scripts/install test"));
  }

  WorkloadRun MakeRun() const {
    return {GetParam().workload, folder_.path(), GetParam().appends, 0};
  }

  void ExpectWithin(const std::string& measure, const absl::StatusOr<double>& measured) {
    ASSERT_TRUE(measured.ok()) << measured.status();
    // Each run shows how near it is.
    printf("%s\n", BoundLine(GetParam().workload, measure, *measured).c_str());
    const absl::Status within = bounds_.Check(GetParam().workload, measure, *measured);
    EXPECT_TRUE(within.ok()) << within.message();
  }

  fake::TempFolder folder_;
  Bounds bounds_;
};

TEST_P(Cost, OfAllocationsIsBounded) {
  const absl::StatusOr<AllocatedPerAppend> allocated = CountAllocations(MakeRun());
  ASSERT_TRUE(allocated.ok()) << allocated.status();
  ExpectWithin("allocations", allocated->calls);
  ExpectWithin("allocated_bytes", allocated->bytes);
}

TEST_P(Cost, OfSystemCallsIsBounded) {
  if (!IsThere("/usr/bin/strace")) return;
  ExpectWithin("system_calls", CountSystemCalls(MakeRun()));
}

TEST_P(Cost, OfInstructionsIsBounded) {
  if (!IsThere("/usr/bin/valgrind")) return;
  ExpectWithin("instructions", CountInstructions(MakeRun()));
}

// Whole groups of 64 commits.
INSTANTIATE_TEST_SUITE_P(Append, Cost,
                         testing::Values(Case{"log-1", 64}, Case{"log-100", 32},
                                         Case{"log-group", 64}, Case{"engine-1", 64},
                                         Case{"request-1", 64}, Case{"request-100", 32}),
                         [](const auto& each) {
                           std::string name = each.param.workload;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

TEST(CostControl, SeesAllocationsThatWereAddedOnPurpose) {
  const fake::TempFolder folder;
  const auto lean = CountAllocations({"log-1", folder.path(), 64, 0});
  const auto wasteful = CountAllocations({"log-1", folder.path(), 64, 7});
  ASSERT_TRUE(lean.ok() && wasteful.ok()) << lean.status() << wasteful.status();
  EXPECT_NEAR(wasteful->calls - lean->calls, 7, 0.5);
}

TEST(CostControl, SaysWhatWasMeasuredAgainstWhichBoundAndWhatToDo) {
  const absl::StatusOr<Bounds> bounds = Bounds::Parse("# comment\n\nlog-1 allocations 40 46\n");
  ASSERT_TRUE(bounds.ok()) << bounds.status();
  EXPECT_TRUE(bounds->Check("log-1", "allocations", 46).ok());
  const std::string why(bounds->Check("log-1", "allocations", 50).message());
  EXPECT_TRUE(absl::StrContains(why, "50.0 allocations an append, bound 46.0")) << why;
  EXPECT_TRUE(absl::StrContains(why, BoundLine("log-1", "allocations", 50))) << why;
}

TEST(CostControl, RefusesACostWithoutABound) {
  EXPECT_TRUE(absl::IsNotFound(Bounds().Check("log-1", "allocations", 1)));
}

TEST(CostControl, RefusesATableThatItCannotRead) {
  EXPECT_FALSE(Bounds::Parse("log-1 allocations 40\n").ok());
  EXPECT_FALSE(Bounds::Parse("log-1 allocations many 46\n").ok());
  EXPECT_FALSE(Bounds::Parse("log-1 allocations 1 2\nlog-1 allocations 1 2\n").ok());
}

}  // namespace
}  // namespace nexus::cost

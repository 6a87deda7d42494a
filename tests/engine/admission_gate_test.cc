#include "engine/admission_gate.h"

#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::engine {
namespace {

using Decision = AdmissionGate::Decision;
using Entry = AdmissionGate::Entry;

constexpr absl::Duration kMs = absl::Milliseconds(1);

class AdmissionGateTest : public ::testing::Test {
 protected:
  Entry Enter(AdmissionGate& gate, size_t bytes, size_t client = 1,
              absl::Duration timeout = absl::InfiniteDuration()) {
    return gate.Enter({.bytes = bytes, .client = client, .now = now_, .deadline = now_ + timeout});
  }
  // Lets `count` in, and `took` later all of them leave, stored.
  void Serve(AdmissionGate& gate, int count, absl::Duration took) {
    std::vector<Entry> entries;
    for (int i = 0; i < count; ++i) entries.push_back(Enter(gate, 1));
    now_ += took;
    for (Entry& entry : entries) entry.place.Leave(now_, true);
  }
  ErrorReason ReasonFor(const Entry& entry) { return ReasonOf(AdmissionGate::Refusal(entry)); }

  absl::Duration now_ = absl::Seconds(10);
};

TEST_F(AdmissionGateTest, RefusesBeyondTheBoundAndOpensAgain) {
  AdmissionGate gate({.commits_max = 2, .bytes_max = 100});
  const Entry first = Enter(gate, 10);
  {
    const Entry second = Enter(gate, 10);
    EXPECT_EQ(first.decision, Decision::kIn);
    EXPECT_EQ(second.decision, Decision::kIn);
    const Entry third = Enter(gate, 10);
    EXPECT_EQ(third.decision, Decision::kFull);
    EXPECT_EQ(ReasonFor(third), ErrorReason::kOverloaded);
    EXPECT_TRUE(DetailsOf(AdmissionGate::Refusal(third)).retry_after.has_value());
  }
  EXPECT_EQ(Enter(gate, 10).decision, Decision::kIn);
  EXPECT_EQ(gate.commits(), 1u);
}

TEST_F(AdmissionGateTest, BoundsBytesButLetsOneLargeCommitPass) {
  AdmissionGate gate({.commits_max = 10, .bytes_max = 100});
  {
    const Entry large = Enter(gate, 500);
    EXPECT_EQ(large.decision, Decision::kIn);
    EXPECT_EQ(Enter(gate, 1).decision, Decision::kFull);
  }
  EXPECT_EQ(Enter(gate, 1).decision, Decision::kIn);
}

TEST_F(AdmissionGateTest, APlaceThatIsGivenBackGivesAllOfItBack) {
  AdmissionGate gate({.commits_max = 20, .bytes_max = 100});
  for (int i = 0; i < 100; ++i) {
    const Entry other = Enter(gate, 1, /*client=*/7);
    Entry entry = Enter(gate, 99, /*client=*/1);
    ASSERT_EQ(entry.decision, Decision::kIn) << i;
    entry.place = AdmissionGate::Place();
  }
}

TEST_F(AdmissionGateTest, LetsNobodyInAfterItClosed) {
  AdmissionGate gate({});
  const Entry inside = Enter(gate, 1);
  gate.Close();
  EXPECT_EQ(ReasonFor(Enter(gate, 1)), ErrorReason::kDraining);
  EXPECT_EQ(gate.commits(), 1u);
}

TEST_F(AdmissionGateTest, TurnsAwayWhatWouldBeStoredTooLate) {
  AdmissionGate gate({});
  std::vector<Entry> queue;
  for (int i = 0; i < 50; ++i) queue.push_back(Enter(gate, 1));
  for (int i = 0; i < 3; ++i) Serve(gate, 50, 200 * kMs);
  EXPECT_EQ(Enter(gate, 1, 1, absl::Seconds(1)).decision, Decision::kIn);
  const Entry late = Enter(gate, 1, 1, 100 * kMs);
  EXPECT_EQ(late.decision, Decision::kLate);
  const ErrorDetails details = DetailsOf(AdmissionGate::Refusal(late));
  EXPECT_EQ(details.reason, ErrorReason::kOverloaded);
  EXPECT_GE(*details.retry_after, 100 * kMs);
  // With fewer inside the same deadline can be met.
  queue.resize(12);
  EXPECT_EQ(Enter(gate, 1, 1, 100 * kMs).decision, Decision::kIn);
}

TEST_F(AdmissionGateTest, RefusesWhoseDeadlineHasPassed) {
  AdmissionGate gate({});
  EXPECT_EQ(Enter(gate, 1, 1, -kMs).decision, Decision::kLate);
}

TEST_F(AdmissionGateTest, LetsAFewInHoweverSlowItIs) {
  AdmissionGate gate({});
  std::vector<Entry> few;
  for (int i = 0; i < 8; ++i) {
    few.push_back(Enter(gate, 1, 1, kMs));
    EXPECT_EQ(few.back().decision, Decision::kIn) << i;
    few.back().place.Leave(now_ + absl::Seconds(9), true);
  }
}

TEST_F(AdmissionGateTest, AStandstillIsNoticedAndItsEnd) {
  AdmissionGate gate({});
  std::vector<Entry> queue;
  for (int i = 0; i < 20; ++i) queue.push_back(Enter(gate, 1));
  now_ += absl::Seconds(1);
  EXPECT_EQ(Enter(gate, 1, 1, 500 * kMs).decision, Decision::kLate);
  EXPECT_EQ(Enter(gate, 1, 1, absl::Seconds(5)).decision, Decision::kIn);
  queue.back().place.Leave(now_, false);
  queue.pop_back();
  EXPECT_EQ(Enter(gate, 1, 1, 500 * kMs).decision, Decision::kIn);
}

TEST_F(AdmissionGateTest, WhatIsHeldBackSaysNothingAboutTheLog) {
  AdmissionGate gate({});
  std::vector<Entry> held;
  for (int i = 0; i < 20; ++i) {
    held.push_back(Enter(gate, 1));
    held.back().place.Hold();
  }
  now_ += absl::Seconds(1);
  EXPECT_EQ(Enter(gate, 1, 1, 100 * kMs).decision, Decision::kIn) << "nobody stands still";
  for (Entry& entry : held) entry.place.Resume(now_);
  // Their time begins now.
  now_ += 10 * kMs;
  for (Entry& entry : held) entry.place.Leave(now_, true);
  EXPECT_EQ(Enter(gate, 1, 1, 100 * kMs).decision, Decision::kIn);
}

TEST_F(AdmissionGateTest, WhatIsHeldBackKeepsItsPlace) {
  AdmissionGate gate({.commits_max = 2});
  const Entry one = Enter(gate, 1, /*client=*/1);
  const Entry two = Enter(gate, 1, /*client=*/2);
  one.place.Hold();
  EXPECT_EQ(Enter(gate, 1, /*client=*/3).decision, Decision::kFull);
}

TEST_F(AdmissionGateTest, WhenItFillsWhoHasMoreThanItsShareGoesFirst) {
  AdmissionGate gate({.commits_max = 100, .bytes_max = 1 << 20});
  std::vector<Entry> queue;
  const Entry other = Enter(gate, 1, /*client=*/2);
  for (int i = 0; i < 200; ++i) {
    Entry entry = Enter(gate, 1, /*client=*/1);
    if (entry.decision != Decision::kIn) break;
    queue.push_back(std::move(entry));
  }
  EXPECT_EQ(Enter(gate, 1, /*client=*/1).decision, Decision::kShare);
  EXPECT_EQ(ReasonFor(Enter(gate, 1, 1)), ErrorReason::kOverloaded);
  EXPECT_LE(queue.size(), 51u);
  for (int i = 0; i < 40; ++i) {
    queue.push_back(Enter(gate, 1, /*client=*/2));
    EXPECT_EQ(queue.back().decision, Decision::kIn) << i;
  }
}

TEST_F(AdmissionGateTest, OneClientAloneMayHaveItAll) {
  AdmissionGate gate({.commits_max = 100, .bytes_max = 1 << 20});
  std::vector<Entry> queue;
  for (int i = 0; i < 100; ++i) {
    queue.push_back(Enter(gate, 1, /*client=*/1));
    EXPECT_EQ(queue.back().decision, Decision::kIn) << i;
  }
  EXPECT_EQ(Enter(gate, 1, 1).decision, Decision::kFull);
}

TEST_F(AdmissionGateTest, WhoWaitsLongDoesNotKeepOutWhoCannot) {
  AdmissionGate gate({});
  std::vector<Entry> queue;
  for (int i = 0; i < 100; ++i) queue.push_back(Enter(gate, 1, /*client=*/1));
  for (int i = 0; i < 3; ++i) Serve(gate, 10, 300 * kMs);
  ASSERT_EQ(Enter(gate, 1, /*client=*/1).decision, Decision::kIn) << "it has all the time";
  ASSERT_EQ(Enter(gate, 1, /*client=*/2, 100 * kMs).decision, Decision::kLate);
  EXPECT_EQ(Enter(gate, 1, /*client=*/1).decision, Decision::kShare)
      << "now another does without for its sake";
  now_ += absl::Seconds(1);
  queue[0].place.Leave(now_, false);
  EXPECT_EQ(Enter(gate, 1, /*client=*/1).decision, Decision::kIn) << "nobody asks any more";
}

TEST_F(AdmissionGateTest, CountsRightWithManyThreads) {
  AdmissionGate gate({.commits_max = 16, .bytes_max = 1 << 20});
  std::atomic<int> in{0};
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5'000; ++i) {
        const Entry entry = Enter(gate, 10, t);
        if (entry.decision == Decision::kIn) ++in;
        entry.place.Leave(now_, true);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(gate.commits(), 0u);
  EXPECT_EQ(in, 20'000) << "four at once are never too many";
  EXPECT_EQ(Enter(gate, 1 << 20).decision, Decision::kIn);
}

}  // namespace
}  // namespace nexus::engine

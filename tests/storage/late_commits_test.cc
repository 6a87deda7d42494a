// What nobody waits for any more is not written, and whoever asked is told so truly.

#include "storage/rocksdb/late_commits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fake/tagged_log.h"
#include "nexus/core/errors.h"
#include "storage/faulty_file_system.h"
#include "storage/rocks_log_fixture.h"

namespace nexus::storage {
namespace {

constexpr absl::Duration kMs = absl::Milliseconds(1);

Commit CommitDue(uint64_t number, absl::Duration deadline) {
  Commit commit = fake::TaggedCommit(number, {{}}, Timestamp{1});
  commit.deadline = deadline;
  return commit;
}

class LateCommitsTest : public ::testing::Test {
 protected:
  void Add(uint64_t number, absl::Duration deadline) {
    group_.emplace_back(CommitDue(number, deadline), [](const auto&) {});
  }
  static std::vector<uint64_t> Numbers(const std::vector<PendingCommit>& commits) {
    std::vector<uint64_t> numbers;
    for (const PendingCommit& pending : commits) numbers.push_back(pending.commit.id.bytes[15]);
    return numbers;
  }

  LateCommits late_;
  std::vector<PendingCommit> group_;
  std::vector<PendingCommit> dropped_;
};

TEST_F(LateCommitsTest, DropsWhatIsDueAndKeepsTheOrderOfTheRest) {
  Add(1, 100 * kMs);
  Add(2, 9 * kMs);
  Add(3, absl::InfiniteDuration());
  Add(4, 50 * kMs);
  late_.Split(10 * kMs, false, group_, dropped_);
  EXPECT_THAT(Numbers(group_), ::testing::ElementsAre(1, 3, 4));
  EXPECT_THAT(Numbers(dropped_), ::testing::ElementsAre(2));
}

TEST_F(LateCommitsTest, DropsWhatWouldBeDueBeforeItIsAnswered) {
  for (int i = 0; i < 40; ++i) late_.Took(20 * kMs);
  Add(1, 15 * kMs);
  Add(2, 30 * kMs);
  late_.Split(0 * kMs, false, group_, dropped_);
  EXPECT_THAT(Numbers(group_), ::testing::ElementsAre(2));
  EXPECT_THAT(Numbers(dropped_), ::testing::ElementsAre(1));
}

TEST_F(LateCommitsTest, AnExpectationAloneDropsNotEverything) {
  for (int i = 0; i < 40; ++i) late_.Took(20 * kMs);
  Add(1, 15 * kMs);
  Add(2, 5 * kMs);
  late_.Split(8 * kMs, /*others_wait=*/false, group_, dropped_);
  EXPECT_THAT(Numbers(group_), ::testing::ElementsAre(1)) << "not yet due, and nobody else waits";
  EXPECT_THAT(Numbers(dropped_), ::testing::ElementsAre(2));
}

TEST_F(LateCommitsTest, UnlearnsAnExpectationThatLetsNobodyPass) {
  late_.Took(absl::Seconds(100));
  int rounds = 0;
  for (; group_.empty() && rounds < 1'000; ++rounds) {
    Add(1, absl::Seconds(1));
    late_.Split(absl::ZeroDuration(), /*others_wait=*/true, group_, dropped_);
  }
  EXPECT_LT(rounds, 100);
}

class LateCommitsOfALogTest : public RocksLogFixture {
 protected:
  using Answer = std::shared_ptr<std::optional<absl::StatusOr<CommitReceipt>>>;

  void SetUp() override {
    options_.env_for_test = env_.get();
    Open();
  }
  void TearDown() override { Close(); }
  Answer ProposeLater(Commit commit) {
    auto answer = std::make_shared<std::optional<absl::StatusOr<CommitReceipt>>>();
    log_->Propose(std::move(commit), [answer](auto receipt) { *answer = std::move(receipt); });
    return answer;
  }

  const std::shared_ptr<FaultyFileSystem> files_ = std::make_shared<FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);
};

TEST_F(LateCommitsOfALogTest, WhatWasDroppedIsNotStoredAndMayBeTriedAgain) {
  files_->HoldSyncs(true);
  const Answer first = ProposeLater(CommitDue(1, absl::InfiniteDuration()));
  files_->WaitForHeldSync();
  const Answer late = ProposeLater(CommitDue(2, clock_.Monotonic() + absl::Seconds(1)));
  const Answer patient = ProposeLater(CommitDue(3, absl::InfiniteDuration()));
  clock_.Advance(absl::Seconds(2));
  files_->HoldSyncs(false);
  log_->Drain();

  ASSERT_TRUE(first->has_value() && (*first)->ok());
  ASSERT_TRUE(patient->has_value() && (*patient)->ok());
  ASSERT_TRUE(late->has_value());
  const ErrorDetails details = DetailsOf((*late)->status());
  EXPECT_EQ(details.reason, ErrorReason::kOverloaded);
  EXPECT_TRUE(details.retry_after.has_value());
  EXPECT_EQ(metrics_.Value("nexus_log_commits_total{result=late}"), 1);

  Reopen();
  EXPECT_EQ(All().size(), 2u);
  const auto again = Propose(CommitDue(2, absl::InfiniteDuration()));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->repeated);
}

// A commit whose write has begun is answered by what became of it, however late.
TEST_F(LateCommitsOfALogTest, WhatIsBeingWrittenIsNotDropped) {
  files_->HoldSyncs(true);
  const Answer slow = ProposeLater(CommitDue(1, clock_.Monotonic() + absl::Seconds(1)));
  files_->WaitForHeldSync();
  clock_.Advance(absl::Hours(1));
  files_->HoldSyncs(false);
  log_->Drain();
  ASSERT_TRUE(slow->has_value());
  EXPECT_TRUE((*slow)->ok()) << (*slow)->status();
  Reopen();
  EXPECT_EQ(All().size(), 1u);
}

}  // namespace
}  // namespace nexus::storage

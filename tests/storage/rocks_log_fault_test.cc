#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "fake/eventually.h"
#include "storage/faulty_file_system.h"
#include "storage/rocks_log_fixture.h"

namespace nexus::storage {
namespace {

using contract::CommitOf;
using ::testing::ElementsAre;

constexpr absl::Duration kPatience = absl::Seconds(60);

class RocksLogFault : public RocksLogFixture {};

TEST_F(RocksLogFault, RefusesAppendsOnAFullDiskAndRecoversByItself) {
  Open();
  const Commit stored = CommitOf(1).Event("a", "x");
  ASSERT_TRUE(Propose(stored).ok());
  free_bytes_ = 999;
  const auto refused = Propose(CommitOf(2).Event("a", "y"));
  EXPECT_EQ(ReasonOf(refused.status()), ErrorReason::kDiskFull);
  EXPECT_TRUE(DetailsOf(refused.status()).retry_after.has_value());
  EXPECT_EQ(ReasonOf(log_->Health()), ErrorReason::kDiskFull);
  EXPECT_EQ(metrics_.Value("nexus_log_disk_full"), 1);
  EXPECT_THAT(All(), ElementsAre("1 a@0 x"));
  free_bytes_ = 1'000;
  EXPECT_TRUE(log_->Health().ok());
  EXPECT_TRUE(Propose(CommitOf(2).Event("a", "y")).ok());
  EXPECT_EQ(metrics_.Value("nexus_log_disk_full"), 0);
  EXPECT_EQ(fatal_calls_, 0);
}

TEST_F(RocksLogFault, StillRepeatsAnswersOnAFullDisk) {
  Open();
  const Commit stored = CommitOf(1).Event("a", "x");
  ASSERT_TRUE(Propose(stored).ok());
  free_bytes_ = 0;
  const auto again = Propose(stored);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(ReasonOf(Propose(CommitOf(1).Event("a", "y")).status()), ErrorReason::kIdReused);
}

TEST_F(RocksLogFault, GoesOnWhenTheFreeSpaceCannotBeAsked) {
  options_.disk_space = []() -> absl::StatusOr<DiskSpace> {
    return MakeError(ErrorReason::kInternal, "no answer");
  };
  Open();
  EXPECT_TRUE(Propose(CommitOf(1).Event("a", "x")).ok());
}

TEST(DiskSpaceTest, AsksTheRealFileSystem) {
  TemporaryFolder folder;
  const absl::StatusOr<DiskSpace> space = ProbeDiskSpace(folder.path());
  ASSERT_TRUE(space.ok());
  EXPECT_GT(space->total_bytes, space->free_bytes);
  EXPECT_FALSE(ProbeDiskSpace(folder.path() + "/nowhere").ok());
}

TEST_F(RocksLogFault, SaysOutcomeUnknownAfterAFailedWriteAndTakesNoMore) {
  auto files = std::make_shared<FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  options_.env_for_test = env.get();
  Open();
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", "x")).ok());
  files->FailSyncs(true);
  const auto failed = Propose(CommitOf(2).Event("a", "y"));
  EXPECT_EQ(ReasonOf(failed.status()), ErrorReason::kOutcomeUnknown);
  files->FailSyncs(false);
  EXPECT_EQ(ReasonOf(Propose(CommitOf(3).Event("a", "z")).status()), ErrorReason::kNotReady);
  EXPECT_EQ(ReasonOf(log_->Health()), ErrorReason::kNotReady);
  EXPECT_THAT(All(), ElementsAre("1 a@0 x"));
  log_->Drain();
  Close();
  EXPECT_EQ(fatal_calls_, 1);
  EXPECT_EQ(ReasonOf(fatal_), ErrorReason::kOutcomeUnknown);
  options_.env_for_test = nullptr;
  Open();
  // Whatever became of it, the retry settles it, once.
  const auto retried = Propose(CommitOf(2).Event("a", "y"));
  ASSERT_TRUE(retried.ok()) << retried.status();
  EXPECT_THAT(All(), ElementsAre("1 a@0 x", "2 a@1 y"));
}

// Holds the ordering thread inside an answer until released.
class Plug {
 public:
  LogBackend::CommitDone Done() {
    return [this](absl::StatusOr<CommitReceipt>) {
      plugged.Notify();
      release.WaitForNotification();
    };
  }
  absl::Notification plugged;
  absl::Notification release;
};

TEST_F(RocksLogFault, RefusesWhatDoesNotFitIntoTheQueue) {
  options_.queue_commits_max = 3;
  Open();
  Plug plug;
  log_->Propose(CommitOf(1).Event("a", "x"), plug.Done());
  plug.plugged.WaitForNotification();
  std::atomic<int> stored{0};
  std::atomic<int> refused{0};
  for (uint64_t id = 2; id <= 11; ++id) {
    log_->Propose(CommitOf(id).Event("a", "x"), [&](absl::StatusOr<CommitReceipt> answer) {
      if (answer.ok()) ++stored;
      if (ReasonOf(answer.status()) == ErrorReason::kOverloaded) ++refused;
    });
  }
  EXPECT_EQ(refused, 7);
  plug.release.Notify();
  log_->Drain();
  EXPECT_EQ(stored, 3);
  EXPECT_EQ(log_->Head(), Position(4));
}

TEST_F(RocksLogFault, BoundsTheQueueByBytesButTakesOneLargeCommit) {
  options_.queue_bytes_max = 1'000;
  Open();
  Plug plug;
  log_->Propose(CommitOf(1).Event("a", "x"), plug.Done());
  plug.plugged.WaitForNotification();
  std::vector<ErrorReason> reasons;
  absl::Mutex mutex;
  const auto note = [&](absl::StatusOr<CommitReceipt> answer) {
    absl::MutexLock lock(&mutex);
    reasons.push_back(ReasonOf(answer.status()));
  };
  log_->Propose(CommitOf(2).Event("a", std::string(5'000, 'x')), note);
  log_->Propose(CommitOf(3).Event("a", "x"), note);
  plug.release.Notify();
  log_->Drain();
  EXPECT_THAT(reasons, ElementsAre(ErrorReason::kOverloaded, ErrorReason::kUnspecified));
}

TEST_F(RocksLogFault, AnswersWhatIsQueuedBehindAFailedWriteWithNothingWritten) {
  auto files = std::make_shared<FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  options_.env_for_test = env.get();
  options_.group_commits_max = 1;
  Open();
  Plug plug;
  log_->Propose(CommitOf(1).Event("a", "x"), plug.Done());
  plug.plugged.WaitForNotification();
  std::vector<ErrorReason> reasons;
  for (uint64_t id = 2; id <= 4; ++id) {
    log_->Propose(CommitOf(id).Event("a", "x"), [&](absl::StatusOr<CommitReceipt> answer) {
      reasons.push_back(ReasonOf(answer.status()));
    });
  }
  files->FailSyncs(true);
  plug.release.Notify();
  log_->Drain();
  EXPECT_THAT(reasons, ElementsAre(ErrorReason::kOutcomeUnknown, ErrorReason::kNotReady,
                                   ErrorReason::kNotReady));
  Close();
  EXPECT_EQ(fatal_calls_, 1);
}

TEST_F(RocksLogFault, WaitsOutAStallInsteadOfFailing) {
  auto files = std::make_shared<FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  options_.env_for_test = env.get();
  options_.memtable_bytes = 64 << 10;
  Open();
  files->HoldTables(true);
  std::atomic<int> stored{0};
  const std::string data(100'000, 'x');
  for (uint64_t id = 1; id <= 10; ++id) {
    // One after the other until the log stalls, so that both memtables fill.
    log_->Propose(CommitOf(id).Event("a", data), [&](absl::StatusOr<CommitReceipt> answer) {
      EXPECT_TRUE(answer.ok()) << answer.status();
      ++stored;
    });
    ASSERT_TRUE(fake::Eventually([&] {
      return stored >= static_cast<int>(id) || metrics_.Value("nexus_log_write_stalls_total") > 0;
    }));
  }
  EXPECT_LT(stored, 10);
  EXPECT_TRUE(log_->Health().ok());
  files->HoldTables(false);
  log_->Drain();
  EXPECT_EQ(stored, 10);
  EXPECT_EQ(log_->Head(), Position(10));
  Close();  // before its file system goes
  EXPECT_EQ(fatal_calls_, 0);
}

TEST_F(RocksLogFault, DrainsWhatIsUnderWay) {
  Open();
  std::atomic<int> answered{0};
  for (uint64_t id = 1; id <= 100; ++id) {
    log_->Propose(CommitOf(id).Event("a", "x"), [&](absl::StatusOr<CommitReceipt>) { ++answered; });
  }
  log_->Drain();
  EXPECT_EQ(answered, 100);
}

TEST_F(RocksLogFault, CountsWhatItDoes) {
  Open();
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", "x").Event("a", "y")).ok());
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", "x").Event("a", "y")).ok());
  ASSERT_FALSE(Propose(CommitOf(2).Stream("a", ExpectedRevision::NoStream()).Event("a", "z")).ok());
  Close();
  EXPECT_EQ(metrics_.Value("nexus_log_commits_total{result=stored}"), 1);
  EXPECT_EQ(metrics_.Value("nexus_log_commits_total{result=repeated}"), 1);
  EXPECT_EQ(metrics_.Value("nexus_log_commits_total{result=refused}"), 1);
  EXPECT_EQ(metrics_.Value("nexus_log_events_total"), 2);
  EXPECT_EQ(metrics_.Value("nexus_log_head_position"), 2);
  EXPECT_EQ(metrics_.Value("nexus_log_write_seconds"), 1);
}

}  // namespace
}  // namespace nexus::storage

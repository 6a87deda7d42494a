#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "storage/rocks_log_fixture.h"

namespace nexus::storage {
namespace {

using contract::CommitOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class RocksLogRestart : public RocksLogFixture {
 protected:
  RocksLogRestart() { Open(); }

  void WriteFile(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() + "/" + name, std::ios::binary) << text;
  }
};

TEST_F(RocksLogRestart, KeepsEverythingAcrossReopening) {
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", "x").Event("b", "y")).ok());
  Reopen();
  ASSERT_TRUE(Propose(CommitOf(2).Stream("a", ExpectedRevision::Exactly(0)).Event("a", "z")).ok());
  Reopen();
  EXPECT_THAT(All(), ElementsAre("1 a@0 x", "2 b@0 y", "3 a@1 z"));
  EXPECT_EQ(log_->Head(), Position(3));
  EXPECT_EQ(log_->incarnation(), 1u);
}

TEST_F(RocksLogRestart, GivesTheSameAnswerAgainAfterReopening) {
  const Commit commit = CommitOf(1).Stream("c").Event("a", "x").Event("b", "y").At(77);
  const auto first = Propose(commit);
  ASSERT_TRUE(first.ok());
  Reopen();
  const auto again = Propose(commit);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->first, first->first);
  EXPECT_EQ(again->recorded, first->recorded);
  EXPECT_EQ(again->streams, first->streams);
  EXPECT_EQ(ReasonOf(Propose(CommitOf(1).Event("a", "other")).status()), ErrorReason::kIdReused);
}

EventId IdWith(uint8_t first) {
  EventId id;
  id.bytes[0] = first;
  return id;
}

TEST_F(RocksLogRestart, KnowsEveryEventIdAfterReopening) {
  // Sorted up to 30, then not.
  const std::vector<uint8_t> ids = {10, 20, 30, 25, 40, 5};
  for (size_t i = 0; i < ids.size(); ++i) {
    Commit commit = CommitOf(1 + i).Event("a", absl::StrCat("e", i));
    commit.events[0].event.id = IdWith(ids[i]);
    ASSERT_TRUE(Propose(commit).ok());
    Reopen();
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    Commit again = CommitOf(100 + i).Event("a", absl::StrCat("e", i));
    again.events[0].event.id = IdWith(ids[i]);
    const auto known = Propose(again);
    ASSERT_TRUE(known.ok()) << known.status();
    EXPECT_TRUE(known->repeated);
    EXPECT_EQ(known->first, Position(i + 1));
    again.events[0].event.data = "another";
    const ErrorDetails details = DetailsOf(Propose(again).status());
    EXPECT_EQ(details.reason, ErrorReason::kEventIdTaken);
    EXPECT_THAT(details.taken_event_ids,
                ElementsAre(TakenEventId{"a", IdWith(ids[i]), Revision(i)}));
  }
}

TEST_F(RocksLogRestart, ReadsTheLogForAConditionThatReachesBehindTheStart) {
  for (uint64_t id = 1; id <= 30; ++id) {
    Commit commit = CommitOf(id).Events("a", 3);
    commit.events[1].event.type = absl::StrCat("type-", id);
    ASSERT_TRUE(Propose(commit).ok());
  }
  Reopen();
  ASSERT_TRUE(Propose(CommitOf(31).Event("b", "x")).ok());
  const auto found = [&](uint64_t commit_id, const std::string& type, uint64_t after,
                         uint64_t checked) {
    Commit commit = CommitOf(commit_id).Event("c", "x");
    commit.conditions = {{{{{.types = {type}}}}, Position(after), Position(checked)}};
    const auto failed = DetailsOf(Propose(commit).status()).failed_conditions;
    return failed.empty() ? uint64_t{0} : failed[0].position.value;
  };
  EXPECT_EQ(found(100, "type-7", 0, 0), 20u);
  EXPECT_EQ(found(101, "type-7", 19, 0), 20u);
  EXPECT_EQ(metrics_.Value("nexus_log_condition_reads_total"), 2);
  EXPECT_EQ(found(102, "type-7", 20, 0), 0u);
  EXPECT_EQ(found(103, "type-7", 0, 90), 0u) << "that far somebody has looked already";
  EXPECT_EQ(metrics_.Value("nexus_log_condition_reads_total"), 3);
}

TEST_F(RocksLogRestart, ReadsNothingForConditionsThatWereLookedAtAMomentAgo) {
  for (uint64_t id = 1; id <= 200; ++id) {
    Commit commit = CommitOf(id).Events("a", 3);
    const Position checked(log_->Head().value > 90 ? log_->Head().value - 90 : 0);
    commit.conditions = {{{{{.types = {"absent"}}}}, Position(0), checked}};
    ASSERT_TRUE(Propose(commit).ok());
  }
  EXPECT_EQ(metrics_.Value("nexus_log_condition_reads_total"), 0);
}

TEST_F(RocksLogRestart, KeepsTimeFromRunningBackwardsAcrossReopening) {
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", "x").At(900)).ok());
  Reopen();
  EXPECT_EQ(Propose(CommitOf(2).Event("a", "y").At(100))->recorded.micros, 900);
}

TEST_F(RocksLogRestart, RefusesASecondUserOfTheFolder) {
  const absl::Status second = RocksLog::Open(options_).status();
  EXPECT_EQ(ReasonOf(second), ErrorReason::kDataFolderLocked);
  EXPECT_THAT(std::string(second.message()), HasSubstr(absl::StrCat(getpid())));
  EXPECT_TRUE(Propose(CommitOf(1).Event("a", "x")).ok());
}

TEST_F(RocksLogRestart, RefusesANewerFormat) {
  Close();
  WriteFile("FORMAT", "nexus-data-folder\nformat 2\n");
  const absl::Status opened = OpenStatus();
  EXPECT_EQ(ReasonOf(opened), ErrorReason::kUnsupportedFormat);
  EXPECT_THAT(std::string(opened.message()), HasSubstr("start a newer nexusd"));
}

TEST_F(RocksLogRestart, RefusesTheFormatOfAnotherProgram) {
  Close();
  for (const char* text : {"", "other 1\n", "nexus-data-folder\nformat x\n", "nexus-data-folder\n",
                           "nexus-data-folder\nformat 0\n"}) {
    WriteFile("FORMAT", text);
    EXPECT_EQ(ReasonOf(OpenStatus()), ErrorReason::kUnsupportedFormat) << text;
  }
}

TEST_F(RocksLogRestart, RefusesAFolderThatHoldsSomethingElseAndLeavesItAlone) {
  TemporaryFolder foreign;
  std::ofstream(foreign.path() + "/CURRENT") << "MANIFEST-000004\n";
  RocksLogOptions options(foreign.path(), metrics_);
  EXPECT_EQ(ReasonOf(RocksLog::Open(options).status()), ErrorReason::kUnsupportedFormat);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(foreign.path()), {}), 1);
}

TEST_F(RocksLogRestart, BeginsInAFolderThatHasOnlyWhatAMountBrings) {
  TemporaryFolder mount;
  std::filesystem::create_directory(mount.path() + "/lost+found");
  RocksLogOptions options(mount.path(), metrics_);
  EXPECT_TRUE(RocksLog::Open(options).ok());
}

// The secrets of sinks are put there before the first start, by whoever sets the machine up.
TEST_F(RocksLogRestart, BeginsInAFolderThatHasOnlySecrets) {
  TemporaryFolder prepared;
  std::filesystem::create_directory(prepared.path() + "/secrets");
  std::ofstream(prepared.path() + "/secrets/broker-password") << "sesame\n";
  RocksLogOptions options(prepared.path(), metrics_);
  const absl::Status opened = RocksLog::Open(options).status();
  EXPECT_TRUE(opened.ok()) << opened;
  EXPECT_TRUE(std::filesystem::exists(prepared.path() + "/secrets/broker-password"));
}

TEST_F(RocksLogRestart, FinishesAFolderWhoseFirstStartWasCutShort) {
  TemporaryFolder begun;
  std::ofstream(begun.path() + "/FORMAT.new") << "nexus";
  std::ofstream(begun.path() + "/LOCK") << "1";
  RocksLogOptions options(begun.path(), metrics_);
  EXPECT_TRUE(RocksLog::Open(options).ok());
}

TEST_F(RocksLogRestart, ReportsAFolderThatCannotBeMade) {
  WriteFile("file", "");
  RocksLogOptions options(folder_.path() + "/file/below", metrics_);
  EXPECT_EQ(ReasonOf(RocksLog::Open(options).status()), ErrorReason::kInternal);
}

// A child is killed in the midst of appends; whatever it had acknowledged is there.
TEST_F(RocksLogRestart, KeepsEveryAcknowledgedCommitOfAKilledProcess) {
#ifdef NEXUS_THREAD_SANITIZER
  GTEST_SKIP() << "ThreadSanitizer takes no threads that begin after a fork";
#endif
  Close();
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    Open();
    for (uint64_t id = 1;; ++id) {
      if (!Propose(CommitOf(id).Events("a", 3)).ok()) _exit(1);
      if (write(pipe_ends[1], &id, sizeof(id)) != sizeof(id)) _exit(1);
    }
  }
  close(pipe_ends[1]);
  uint64_t acknowledged = 0;
  while (acknowledged < 50) ASSERT_EQ(read(pipe_ends[0], &acknowledged, sizeof(acknowledged)), 8);
  kill(child, SIGKILL);
  uint64_t id = 0;
  while (read(pipe_ends[0], &id, sizeof(id)) == sizeof(id)) acknowledged = id;
  close(pipe_ends[0]);
  waitpid(child, nullptr, 0);
  Open();
  EXPECT_GE(log_->Head().value, 3 * acknowledged);
  EXPECT_LE(log_->Head().value, 3 * (acknowledged + 1));
  EXPECT_THAT(All(), SizeIs(log_->Head().value));
  EXPECT_TRUE(Propose(CommitOf(acknowledged).Events("a", 3))->repeated);
}

}  // namespace
}  // namespace nexus::storage

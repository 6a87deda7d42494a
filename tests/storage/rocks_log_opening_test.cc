#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "fake/eventually.h"
#include "storage/raw_log.h"
#include "storage/rocks_log_fixture.h"
#include "storage/rocksdb/anchor_file.h"
#include "storage/rocksdb/log_files.h"

namespace nexus::storage {
namespace {

namespace fs = std::filesystem;
using contract::CommitOf;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr ErrorReason kIsLoss = ErrorReason::kDataLoss;

// A log that is copied while it runs: what a kill leaves. The anchor is written only where a test
// says so.
class RocksLogOpening : public RocksLogFixture {
 protected:
  RocksLogOpening() {
    options_.anchor_interval = absl::InfiniteDuration();
    options_.anchor_log_bytes_max = UINT64_MAX;
    options_.on_notice = [this](absl::string_view notice) {
      notices_.emplace_back(notice.data(), notice.size());
    };
    Open();
  }

  void Append(uint64_t first, uint64_t last) {
    for (uint64_t id = first; id <= last; ++id) {
      ASSERT_TRUE(Propose(CommitOf(id).Event("a", absl::StrCat("event-", id))).ok());
    }
  }
  // The running log, as its disk would be found after a kill, takes the place of the log.
  void Kill() {
    crashed_ = std::make_unique<TemporaryFolder>();
    fs::copy(options_.folder, crashed_->path(), fs::copy_options::recursive);
    Close();
    options_.folder = crashed_->path();
  }
  void RewriteAnchor(const std::function<void(Anchor&)>& change) {
    rocksdb::FileSystem& files = *rocksdb::Env::Default()->GetFileSystem();
    auto slots = AnchorFile::Read(files, AnchorPath());
    ASSERT_TRUE(slots.ok());
    Anchor anchor = *slots->newest;
    anchor.clean = false;
    change(anchor);
    ASSERT_TRUE(AnchorFile::Replace(files, AnchorPath(), anchor).ok());
  }
  std::string AnchorPath() const { return options_.folder + "/anchor"; }
  std::string LogPath() const { return options_.folder + "/log"; }
  LogFiles Files() const {
    return *ListLogFiles(*rocksdb::Env::Default()->GetFileSystem(), LogPath());
  }
  std::string NewestWal() const { return WalPath(LogPath(), Files().newest_wal()); }
  static void Cut(const std::string& path, uint64_t bytes) {
    fs::resize_file(path, fs::file_size(path) - bytes);
  }
  static void Flip(const std::string& path, uint64_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char flipped = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(flipped);
  }
  std::string Refusal() {
    const absl::Status status = OpenStatus();
    EXPECT_EQ(ReasonOf(status), kIsLoss) << status;
    return std::string(status.message());
  }
  absl::Status Accept(uint64_t position) {
    options_.accepted_loss = Position(position);
    Close();
    auto opened = RocksLog::Open(options_);
    options_.accepted_loss.reset();
    if (opened.ok()) log_ = *std::move(opened);
    return opened.status();
  }
  std::vector<std::string> FolderContent() const {
    std::vector<std::string> content;
    for (const auto& entry : fs::recursive_directory_iterator(options_.folder)) {
      if (!entry.is_regular_file() || entry.path().filename() == "LOCK") continue;
      content.push_back(absl::StrCat(entry.path().string(), " ", entry.file_size()));
    }
    std::sort(content.begin(), content.end());
    return content;
  }

  std::unique_ptr<TemporaryFolder> crashed_;
  std::vector<std::string> notices_;
};

TEST_F(RocksLogOpening, OpensWhatAKillLeaves) {
  Append(1, 5);
  Kill();
  Open();
  EXPECT_EQ(log_->Head(), Position(5));
  EXPECT_TRUE(notices_.empty());
  EXPECT_EQ(metrics_.Value("nexus_log_torn_tails_total"), 0);
}

TEST_F(RocksLogOpening, DropsATornEndAndCountsIt) {
  Append(1, 5);
  Kill();
  Cut(NewestWal(), 3);
  Open();
  EXPECT_EQ(log_->Head(), Position(4));
  EXPECT_EQ(metrics_.Value("nexus_log_torn_tails_total"), 1);
  EXPECT_THAT(notices_, Contains(HasSubstr("cut short")));
  EXPECT_TRUE(Propose(CommitOf(6).Event("a", "z")).ok());
  Reopen();
  EXPECT_EQ(log_->Head(), Position(5));
}

// RocksDB itself refuses this one.
TEST_F(RocksLogOpening, DropsATornEndThatIsNotShort) {
  Append(1, 5);
  Kill();
  Flip(NewestWal(), fs::file_size(NewestWal()) - 2);
  Open();
  EXPECT_EQ(log_->Head(), Position(4));
  EXPECT_EQ(metrics_.Value("nexus_log_torn_tails_total"), 1);
}

// What a power cut may leave: the removed log is back, behind it the new one has records.
TEST_F(RocksLogOpening, LeavesNoTornLogBehindForTheNextStart) {
  Append(1, 5);
  Kill();
  const std::string torn = NewestWal();
  Cut(torn, 3);
  Open();
  EXPECT_FALSE(fs::exists(torn));
}

TEST_F(RocksLogOpening, RefusesATornEndThatTheAnchorVouchesFor) {
  Append(1, 5);
  Reopen();  // flushed: the write-ahead log is a new one
  Append(6, 9);
  Kill();
  RewriteAnchor([&](Anchor& anchor) { anchor.head = Position(9); });
  Cut(NewestWal(), 3);
  const std::vector<std::string> before = FolderContent();
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("position 9 was reached"), HasSubstr("ends at position 8"),
                               HasSubstr("--accept-data-loss=8")));
  EXPECT_EQ(FolderContent(), before);
}

TEST_F(RocksLogOpening, RefusesALogThatWasCutAtARecordBeforeTheAnchor) {
  std::vector<uint64_t> ends;
  for (uint64_t id = 1; id <= 5; ++id) {
    Append(id, id);
    ends.push_back(fs::file_size(NewestWal()));
  }
  Kill();
  RewriteAnchor([](Anchor& anchor) { anchor.head = Position(5); });
  fs::resize_file(NewestWal(), ends[2]);
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("position 5 was reached"), HasSubstr("ends at position 3"),
                               HasSubstr("--accept-data-loss=3")));
  EXPECT_THAT(Refusal(), HasSubstr("ends at position 3"));
}

TEST_F(RocksLogOpening, RefusesABadByteInTheMiddleAndChangesNothing) {
  Append(1, 5);
  Kill();
  Flip(NewestWal(), fs::file_size(NewestWal()) / 2);
  const std::vector<std::string> before = FolderContent();
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("acknowledged data is damaged"), HasSubstr("restore"),
                               HasSubstr("--accept-data-loss=")));
  EXPECT_EQ(FolderContent(), before);
}

TEST_F(RocksLogOpening, RefusesWithoutItsNewestWriteAheadLog) {
  Append(1, 5);
  Kill();
  fs::remove(NewestWal());
  EXPECT_THAT(Refusal(), HasSubstr("was the newest one"));
}

TEST_F(RocksLogOpening, RefusesADeletedLog) {
  Append(1, 5);
  Close();
  fs::remove_all(LogPath());
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("missing or empty"), HasSubstr("position 5")));
  EXPECT_FALSE(fs::exists(LogPath()));
}

TEST_F(RocksLogOpening, RefusesWithoutItsAnchor) {
  Append(1, 5);
  Close();
  fs::remove(AnchorPath());
  EXPECT_THAT(Refusal(),
              AllOf(HasSubstr("anchor file is missing"), HasSubstr("--accept-data-loss=5")));
}

TEST_F(RocksLogOpening, RefusesADamagedAnchor) {
  Append(1, 5);
  Close();
  fs::resize_file(AnchorPath(), 0);
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("anchor"), HasSubstr("--accept-data-loss=5")));
}

TEST_F(RocksLogOpening, OpensWithOneTornSlotOfTheAnchor) {
  Append(1, 5);
  Close();
  rocksdb::FileSystem& files = *rocksdb::Env::Default()->GetFileSystem();
  const Anchor newest = *AnchorFile::Read(files, AnchorPath())->newest;
  Flip(AnchorPath(), newest.sequence % kAnchorSlots * kAnchorSlotBytes + 30);
  Open();
  EXPECT_EQ(log_->Head(), Position(5));
  EXPECT_THAT(notices_, Contains(HasSubstr("anchor")));
}

TEST_F(RocksLogOpening, RefusesTheAnchorOfAnotherLog) {
  Append(1, 5);
  Close();
  TemporaryFolder other;
  RocksLogOptions options(other.path(), metrics_);
  {
    auto log = RocksLog::Open(options);
    ASSERT_TRUE(log.ok());
    for (uint64_t id = 1; id <= 5; ++id) {
      ASSERT_TRUE(contract::ProposeAndWait(**log, CommitOf(id).Event("b", "other")).ok());
    }
  }
  fs::copy_file(other.path() + "/anchor", AnchorPath(), fs::copy_options::overwrite_existing);
  EXPECT_THAT(Refusal(), HasSubstr("not the one that its anchor vouches for"));
}

TEST_F(RocksLogOpening, RefusesAnOlderCopyOfTheLog) {
  Append(1, 3);
  Close();
  fs::copy(LogPath(), options_.folder + "/old", fs::copy_options::recursive);
  Open();
  Append(4, 5);
  Close();
  fs::remove_all(LogPath());
  fs::rename(options_.folder + "/old", LogPath());
  EXPECT_EQ(ReasonOf(OpenStatus()), kIsLoss);
}

TEST_F(RocksLogOpening, RefusesALogWithoutOneOfItsFiles) {
  Append(1, 5);
  Reopen();  // what the log held is in table files now
  Append(6, 9);
  Close();
  for (const std::string name : {"CURRENT", "MANIFEST", ".sst"}) {
    TemporaryFolder copy;
    fs::copy(options_.folder, copy.path(), fs::copy_options::recursive);
    bool removed = false;
    for (const auto& entry : fs::directory_iterator(copy.path() + "/log")) {
      if (removed || entry.path().filename().string().find(name) == std::string::npos) continue;
      removed = fs::remove(entry.path());
    }
    ASSERT_TRUE(removed) << name;
    RocksLogOptions options(copy.path(), metrics_);
    const absl::Status refused = RocksLog::Open(options).status();
    EXPECT_EQ(ReasonOf(refused), kIsLoss) << name << " " << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("restore")) << name;
  }
}

TEST_F(RocksLogOpening, NeedsNoOptionsFile) {
  Append(1, 5);
  Close();
  for (const auto& entry : fs::directory_iterator(LogPath())) {
    if (entry.path().filename().string().find("OPTIONS") == 0) fs::remove(entry.path());
  }
  Open();
  EXPECT_EQ(log_->Head(), Position(5));
}

TEST_F(RocksLogOpening, SaysClearlyThatALogIsFromBeforeTheChain) {
  Append(1, 1);
  Close();
  RawLog(options_.folder).Put("default", "tip", std::string(17, '\1'));
  const absl::Status refused = OpenStatus();
  EXPECT_EQ(ReasonOf(refused), ErrorReason::kUnsupportedFormat);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("empty data folder"));
}

TEST_F(RocksLogOpening, OpensALogWhoseFirstStartWasCutShort) {
  Close();
  fs::remove(AnchorPath());
  Open();
  Append(1, 1);
}

TEST_F(RocksLogOpening, AcceptsALossOnlyWhereTheLogEnds) {
  Append(1, 5);
  Kill();
  RewriteAnchor([](Anchor& anchor) { anchor.head = Position(5); });
  Cut(NewestWal(), 3);
  const std::vector<std::string> before = FolderContent();
  const absl::Status wrong = Accept(3);
  EXPECT_EQ(ReasonOf(wrong), kIsLoss);
  EXPECT_THAT(std::string(wrong.message()), HasSubstr("--accept-data-loss=4"));
  EXPECT_EQ(FolderContent(), before);
  ASSERT_TRUE(Accept(4).ok());
  EXPECT_EQ(log_->Head(), Position(4));
  EXPECT_EQ(log_->incarnation(), 2u);
  const std::optional<AcceptedLoss> loss = log_->accepted_loss();
  ASSERT_TRUE(loss.has_value());
  EXPECT_EQ(loss->before, Position(5));
  EXPECT_EQ(loss->after, Position(4));
  EXPECT_EQ(loss->incarnation, 2u);
  EXPECT_THAT(loss->reason, HasSubstr("position 5 was reached"));
}

TEST_F(RocksLogOpening, GoesOnAfterAnAcceptedLossAsANewIncarnation) {
  Append(1, 5);
  Kill();
  Flip(NewestWal(), fs::file_size(NewestWal()) / 2);
  const std::string advice = Refusal();
  const uint64_t left = std::stoull(advice.substr(advice.rfind('=') + 1));
  ASSERT_TRUE(Accept(left).ok());
  ASSERT_TRUE(Propose(CommitOf(99).Event("a", "after")).ok());
  Reopen();
  EXPECT_EQ(log_->Head(), Position(left + 1));
  EXPECT_EQ(log_->incarnation(), 2u);
  EXPECT_EQ(log_->accepted_loss()->after, Position(left));
}

TEST_F(RocksLogOpening, AcceptsTheLossOfEverything) {
  Append(1, 5);
  Close();
  fs::remove_all(LogPath());
  EXPECT_EQ(ReasonOf(Accept(5)), kIsLoss);
  ASSERT_TRUE(Accept(0).ok());
  EXPECT_EQ(log_->Head(), Position(0));
  EXPECT_EQ(log_->incarnation(), 2u);
  Append(1, 2);
  Reopen();
  EXPECT_EQ(log_->Head(), Position(2));
}

TEST_F(RocksLogOpening, AcceptsALostAnchor) {
  Append(1, 5);
  Close();
  fs::remove(AnchorPath());
  ASSERT_TRUE(Accept(5).ok());
  EXPECT_EQ(log_->incarnation(), 2u);
  Reopen();
  EXPECT_EQ(log_->Head(), Position(5));
}

TEST_F(RocksLogOpening, RefusesToAcceptALossWhereThereIsNone) {
  Append(1, 5);
  EXPECT_EQ(ReasonOf(Accept(5)), ErrorReason::kConfigurationInvalid);
  Open();
  EXPECT_EQ(log_->incarnation(), 1u);
}

class RocksLogAnchor : public RocksLogFixture {
 protected:
  std::optional<Anchor> Written() const {
    return AnchorFile::Read(*rocksdb::Env::Default()->GetFileSystem(), options_.folder + "/anchor")
        ->newest;
  }
  void AwaitAnchor(uint64_t head) {
    const auto reached = [&] { return Written()->head == Position(head); };
    EXPECT_TRUE(fake::Eventually(reached));
  }
};

TEST_F(RocksLogAnchor, FollowsTheHeadAndRestsWithIt) {
  options_.anchor_interval = absl::Milliseconds(1);
  Open();
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", "x").Event("a", "y")).ok());
  AwaitAnchor(2);
  EXPECT_FALSE(Written()->clean);
  const uint64_t sequence = Written()->sequence;
  ASSERT_TRUE(Propose(CommitOf(2).Event("a", "x")).ok());
  AwaitAnchor(3);
  // One commit, one write: nothing was written for its own sake.
  EXPECT_EQ(Written()->sequence, sequence + 1);
  EXPECT_TRUE(fake::Eventually([&] { return metrics_.Value("nexus_log_anchor_position") == 3; }));
}

TEST_F(RocksLogAnchor, DoesNotWaitForTheIntervalWhenMuchWasWritten) {
  options_.anchor_interval = absl::InfiniteDuration();
  options_.anchor_log_bytes_max = 10'000;
  Open();
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", "small")).ok());
  ASSERT_TRUE(Propose(CommitOf(2).Event("a", std::string(20'000, 'x'))).ok());
  AwaitAnchor(2);
}

TEST_F(RocksLogAnchor, IsWrittenWhenAWriteAheadLogIsBegun) {
  options_.anchor_interval = absl::InfiniteDuration();
  options_.anchor_log_bytes_max = UINT64_MAX;
  options_.memtable_bytes = 64 << 10;
  Open();
  const uint64_t wal = Written()->wal;
  for (uint64_t id = 1; id <= 40; ++id) {
    ASSERT_TRUE(Propose(CommitOf(id).Event("a", std::string(8'000, 'x'))).ok());
  }
  EXPECT_TRUE(fake::Eventually([&] { return Written()->wal > wal; }));
}

TEST_F(RocksLogAnchor, SaysAtAnOrderlyStopThatTheLogEndsThere) {
  options_.anchor_interval = absl::InfiniteDuration();
  Open();
  EXPECT_FALSE(Written()->clean);
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", "x")).ok());
  EXPECT_EQ(Written()->head, Position(0));
  Close();
  EXPECT_TRUE(Written()->clean);
  EXPECT_EQ(Written()->head, Position(1));
}

}  // namespace
}  // namespace nexus::storage

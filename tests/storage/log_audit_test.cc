// The walk over the whole log, and the scrubber that repeats it.

#include "storage/rocksdb/log_audit.h"

#include <filesystem>
#include <fstream>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "fake/manual_executor.h"
#include "storage/raw_log.h"
#include "storage/rocks_log_fixture.h"
#include "storage/rocksdb/record_codec.h"
#include "storage/rocksdb/scrubber.h"

namespace nexus::storage {
namespace {

namespace fs = std::filesystem;
using contract::CommitOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

VerifyProgress WalkToEnd(LogAudit& walk) {
  VerifyProgress progress;
  while (!progress.done) progress = walk.Advance();
  return progress;
}

// Ten commits of two events; damage is done while the log is closed.
class LogAuditTest : public RocksLogFixture {
 protected:
  LogAuditTest() {
    options_.verify_positions_max = 2;
    Open();
    for (uint64_t id = 1; id <= 10; ++id) {
      EXPECT_TRUE(Propose(CommitOf(id).Event("a", "x").Event(absl::StrCat("s-", id), "y")).ok());
    }
    Close();
  }
  static std::string Key(uint64_t position) { return EncodePosition(Position(position)); }
  VerifyProgress Audit(const std::function<void(RawLog&)>& damage) {
    {
      RawLog raw(folder_.path());
      damage(raw);
    }
    Open();
    return WalkToEnd(*log_->BeginAudit({}, 1 << 20));
  }
};

TEST_F(LogAuditTest, FindsNothingInAWholeLog) {
  Open();
  const VerifyProgress progress = WalkToEnd(*log_->BeginAudit({}, 1 << 20));
  EXPECT_EQ(progress.errors, 0u) << progress.findings[0];
  EXPECT_EQ(progress.position, Position(20));
  EXPECT_EQ(progress.head, Position(20));
}

TEST_F(LogAuditTest, ReadsAnEmptyLog) {
  TemporaryFolder empty;
  options_.folder = empty.path();
  Open();
  EXPECT_EQ(WalkToEnd(*log_->BeginAudit({}, 1)).errors, 0u);
  Close();
}

TEST_F(LogAuditTest, GoesOnFromWhereItWas) {
  Open();
  AuditState state;
  int steps = 0;
  for (bool done = false; !done; ++steps) {
    const auto walk = log_->BeginAudit(state, 1);
    done = walk->Advance().position == Position(20);
    state = walk->state();
  }
  EXPECT_EQ(steps, 10);
  EXPECT_EQ(WalkToEnd(*log_->BeginAudit(state, 1 << 20)).errors, 0u);
  state.chain ^= 1;
  EXPECT_EQ(WalkToEnd(*log_->BeginAudit(state, 1 << 20)).errors, 1u);
}

TEST_F(LogAuditTest, FindsAMissingRecord) {
  const VerifyProgress progress = Audit([](RawLog& raw) { raw.Delete("commits", Key(5)); });
  EXPECT_THAT(progress.findings, Contains("positions 5 to 6 are missing"));
  EXPECT_EQ(progress.position, Position(20));
}

TEST_F(LogAuditTest, FindsADamagedRecordAndReadsOn) {
  const VerifyProgress progress = Audit([](RawLog& raw) {
    std::string bytes = *raw.Get("commits", Key(5));
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    raw.Put("commits", Key(5), bytes);
    raw.Delete("commits", Key(9));
  });
  EXPECT_EQ(progress.errors, 2u);
  EXPECT_THAT(progress.findings,
              ElementsAre(HasSubstr("position 5"), "positions 9 to 10 are missing"));
}

// Each with a row that was exchanged behind the log's back.
TEST_F(LogAuditTest, FindsEveryRowThatDoesNotAgree) {
  CommitId id;
  id.bytes[15] = 3;
  const std::vector<std::pair<std::string, std::function<void(RawLog&)>>> all = {
      {"commit id", [&](RawLog& raw) { raw.Delete("commit_ids", EncodeCommitIdKey(0, id)); }},
      {"commit id", [&](RawLog& raw) { raw.Put("commit_ids", EncodeCommitIdKey(0, id), Key(7)); }},
      {"s-3", [](RawLog& raw) { raw.Delete("streams", EncodeStreamKey(0, "s-3")); }},
      {"revision 4",
       [](RawLog& raw) {
         raw.Delete("stream_commits", EncodeStreamCommitKey({Position(1), Revision(4)}));
       }},
      {"revision 4",
       [](RawLog& raw) {
         raw.Put("stream_commits", EncodeStreamCommitKey({Position(1), Revision(4)}), Key(1));
       }},
      {"not agree",
       [](RawLog& raw) {
         const std::string key = EncodeStreamKey(0, "s-3");
         log::StreamHead head = *DecodeStreamHead(*raw.Get("streams", key));
         head.first_position = head.last_position = Position(7);
         raw.Put("streams", key, EncodeStreamHead(head));
       }},
  };
  for (const auto& [what, damage] : all) {
    TemporaryFolder copy;
    fs::copy(folder_.path(), copy.path(), fs::copy_options::recursive);
    {
      RawLog raw(copy.path());
      damage(raw);
    }
    RocksLogOptions options(copy.path(), metrics_);
    options.verify_positions_max = 2;
    auto log = RocksLog::Open(options);
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_THAT(WalkToEnd(*(*log)->BeginAudit({}, 1 << 20)).findings, Contains(HasSubstr(what)));
  }
}

// A record that is whole by itself, but not the one that was written: only the chain can tell.
TEST_F(LogAuditTest, FindsARecordThatWasExchangedForAnother) {
  const VerifyProgress progress = Audit([](RawLog& raw) {
    CommitReceipt receipt;
    receipt.first = Position(5);
    receipt.last = Position(6);
    receipt.streams = {{StreamName::Literal("a"), Revision(2), Revision(2), 1},
                       {StreamName::Literal("s-3"), Revision(0), Revision(0), 1}};
    const EncodedProposal proposal =
        EncodeProposal(CommitOf(3).Event("a", "forged").Event("s-3", "y"));
    raw.Put("commits", Key(5), EncodeRecordHead(receipt, 1, proposal) + proposal.bytes);
  });
  EXPECT_THAT(progress.findings, ElementsAre(HasSubstr("their chain is another one")));
}

// A stream whose ids do not ascend from its second event on, and one whose ids do.
class IdRowAuditTest : public RocksLogFixture {
 protected:
  IdRowAuditTest() {
    options_.verify_positions_max = 1;
    Open();
    for (const uint8_t id : {9, 3, 5}) Store("u", id);
    for (const uint8_t id : {1, 2}) Store("a", id);
    Close();
  }
  static EventId IdOf(uint8_t last) {
    EventId id;
    id.bytes[15] = last;
    return id;
  }
  static CommitId CommitIdOf(uint8_t last) {
    CommitId id;
    id.bytes[15] = last;
    return id;
  }
  static std::string EventKey(uint64_t number, uint8_t id) {
    return EncodeEventIdKey(Position(number), IdOf(id));
  }
  void Store(const std::string& stream, uint8_t event_id) {
    Commit commit = CommitOf(++commits_).Event(stream, "x");
    commit.events[0].event.id = IdOf(event_id);
    EXPECT_TRUE(Propose(commit).ok());
  }
  // Of a copy that was damaged while it was closed.
  std::vector<std::string> FindingsAfter(const std::function<void(RawLog&)>& damage,
                                         const AuditState& from = {}) {
    TemporaryFolder copy;
    fs::copy(folder_.path(), copy.path(), fs::copy_options::recursive);
    {
      RawLog raw(copy.path());
      damage(raw);
    }
    RocksLogOptions options(copy.path(), metrics_);
    options.verify_positions_max = 1;
    const auto log = RocksLog::Open(options);
    if (!log.ok()) return {log.status().ToString()};
    return WalkToEnd(*(*log)->BeginAudit(from, 1)).findings;
  }

  uint64_t commits_ = 0;
};

TEST_F(IdRowAuditTest, FindsNothingInAWholeLog) {
  EXPECT_THAT(FindingsAfter([](RawLog&) {}), IsEmpty());
}

TEST_F(IdRowAuditTest, FindsEventIdRowsThatAreMissingOrWrong) {
  EXPECT_THAT(FindingsAfter([](RawLog& raw) { raw.Delete("event_ids", EventKey(1, 3)); }),
              ElementsAre(HasSubstr("does not agree with its revision 1")));
  EXPECT_THAT(FindingsAfter([](RawLog& raw) {
                raw.Put("event_ids", EventKey(1, 3), EncodeRevision(Revision(2)));
              }),
              ElementsAre(HasSubstr("does not agree with its revision 1")));
}

TEST_F(IdRowAuditTest, FindsAStreamRowWithOtherIds) {
  const auto change = [](const std::string& stream, auto&& field) {
    return [stream, field](RawLog& raw) {
      const std::string key = EncodeStreamKey(0, stream);
      log::StreamHead head = *DecodeStreamHead(*raw.Get("streams", key));
      field(head);
      raw.Put("streams", key, EncodeStreamHead(head));
    };
  };
  EXPECT_THAT(FindingsAfter(change("u", [](auto& head) { head.last_sorted_id = IdOf(8); })),
              ElementsAre(HasSubstr("does not agree with its revision 0")));
}

TEST_F(IdRowAuditTest, FindsEventIdRowsThatNoEventStandsBehind) {
  const std::vector<std::tuple<std::string, std::string, uint64_t>> rows = {
      {"'u' has 3 event id rows for 2", EventKey(1, 7), 1},
      {"is of revision 0, which has none", EventKey(1, 7), 0},
      {"is of revision 3, which has none", EventKey(1, 7), 3},
      {"is of revision 1, which has none", EventKey(4, 2), 1},  // 'a' needs no row
      {"begins at position 2, where none begins", EventKey(2, 7), 1},
      {"begins at position 99, where none begins", EventKey(99, 7), 1},
      {"is damaged", EventKey(1, 7) + "x", 1},
  };
  for (const auto& [what, key, revision] : rows) {
    const auto findings = FindingsAfter([&key = key, revision = revision](RawLog& raw) {
      raw.Put("event_ids", key, EncodeRevision(Revision(revision)));
    });
    EXPECT_THAT(findings, ElementsAre(HasSubstr(what)));
  }
}

TEST_F(IdRowAuditTest, FindsCommitIdRowsThatNoCommitStandsBehind) {
  const std::string key = EncodeCommitIdKey(0, CommitIdOf(77));
  AuditState at_the_end;
  at_the_end.next = Position(6);
  at_the_end.chain_known = false;
  for (const AuditState& from : {AuditState(), at_the_end}) {
    for (const uint64_t position : {1, 99}) {
      EXPECT_THAT(
          FindingsAfter(
              [&](RawLog& raw) { raw.Put("commit_ids", key, EncodePosition(Position(position))); },
              from),
          ElementsAre(HasSubstr(absl::StrCat("points at position ", position, ","))));
    }
    EXPECT_THAT(FindingsAfter([&](RawLog& raw) { raw.Put("commit_ids", key, "x"); }, from),
                ElementsAre(HasSubstr("is damaged")));
  }
}

TEST_F(IdRowAuditTest, FindsNothingInRowsThatAreWrittenMeanwhile) {
  Open();
  const auto walk = log_->BeginAudit({}, 1);
  for (VerifyProgress progress; !progress.done;) {
    progress = walk->Advance();
    EXPECT_THAT(progress.findings, IsEmpty());
    if (commits_ >= 100) continue;
    Store("u", static_cast<uint8_t>(200 - commits_));
    Store("v", static_cast<uint8_t>(200 - commits_));
  }
}

TEST_F(LogAuditTest, FindsAByteOfATableFileThatFlipped) {
  Reopen();  // what the log held is in table files now
  Close();
  std::string table;
  for (const auto& entry : fs::directory_iterator(folder_.path() + "/log")) {
    if (entry.path().extension() == ".sst") table = entry.path().string();
  }
  Open();  // before the damage: opening reads the ends of the files
  std::fstream file(table, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(20);
  const char flipped = static_cast<char>(file.get() ^ 1);
  file.seekp(20);
  file.put(flipped);
  file.close();
  EXPECT_THAT(WalkToEnd(*log_->BeginAudit({}, 1 << 20)).findings,
              Contains(HasSubstr("is not what was written")));
}

class ScrubberTest : public LogAuditTest {
 protected:
  void SetUp() override {
    Open();
    derived_ = *DerivedDatabase::Open(folder_.path());
    store_ = std::make_unique<RocksCheckpointStore>(*derived_);
    Make();
  }
  void Make() {
    Scrubber::Options options;
    options.interval = absl::Hours(48);
    options.on_finding = [this](const std::string& finding) { findings_.push_back(finding); };
    scrubber_ =
        std::make_unique<Scrubber>(*log_, *store_, executor_, clock_, metrics_, std::move(options));
  }
  void RunUntilFinished() {
    const Timestamp before = scrubber_->GetStatus().finished;
    for (int i = 0; i < 100 && scrubber_->GetStatus().finished == before; ++i) Step();
  }
  void Step() { executor_.Advance(absl::Hours(1)); }
  void TearDown() override {
    scrubber_.reset();
    store_.reset();
    derived_.reset();
    Close();
  }

  fake::ManualExecutor executor_;
  std::unique_ptr<DerivedDatabase> derived_;
  std::unique_ptr<RocksCheckpointStore> store_;
  std::unique_ptr<Scrubber> scrubber_;
  std::vector<std::string> findings_;
};

TEST_F(ScrubberTest, ReadsTheLogOnceAndRestsUntilTheNextTime) {
  scrubber_->Start();
  RunUntilFinished();
  EXPECT_EQ(metrics_.Value("nexus_scrub_passes_total"), 1);
  EXPECT_EQ(scrubber_->GetStatus().errors, 0u);
  EXPECT_EQ(scrubber_->GetStatus().position, Position(20));
  clock_.Advance(absl::Hours(47));
  for (int i = 0; i < 5; ++i) Step();
  EXPECT_EQ(metrics_.Value("nexus_scrub_passes_total"), 1);
  clock_.Advance(absl::Hours(2));
  for (int i = 0; i < 5; ++i) Step();
  EXPECT_EQ(metrics_.Value("nexus_scrub_passes_total"), 2);
  EXPECT_THAT(findings_, IsEmpty());
}

TEST_F(ScrubberTest, GoesOnWhereTheLastProcessWas) {
  ScrubState saved;
  saved.incarnation = 1;
  saved.running = true;
  saved.walk.next = Position(9);
  saved.walk.chain = 12'345;  // so that it shows that it was used
  ASSERT_TRUE(store_->SaveScrubState(saved).ok());
  scrubber_->Start();
  EXPECT_EQ(scrubber_->GetStatus().position, Position(8));
  RunUntilFinished();
  EXPECT_EQ(metrics_.Value("nexus_scrub_errors_total"), 1);
  EXPECT_THAT(findings_, ElementsAre(HasSubstr("chain")));
}

TEST_F(ScrubberTest, ForgetsWhatItReadOfAnotherIncarnation) {
  ScrubState saved;
  saved.incarnation = 7;
  saved.running = true;
  saved.walk = {Position(9), 12'345, true, 3};
  ASSERT_TRUE(store_->SaveScrubState(saved).ok());
  scrubber_->Start();
  RunUntilFinished();
  EXPECT_EQ(scrubber_->GetStatus().errors, 0u);
}

TEST_F(ScrubberTest, TellsEachFindingOnce) {
  scrubber_.reset();
  Close();
  RawLog(folder_.path()).Delete("commits", Key(5));
  Open();
  Make();
  scrubber_->Start();
  RunUntilFinished();
  EXPECT_THAT(findings_, ElementsAre("positions 5 to 6 are missing"));
  EXPECT_EQ(metrics_.Value("nexus_scrub_errors_total"), 1);
  EXPECT_EQ(scrubber_->GetStatus().errors, 1u);
}

TEST_F(ScrubberTest, DoesNothingAfterItWasStopped) {
  scrubber_->Start();
  scrubber_->Stop();
  for (int i = 0; i < 5; ++i) Step();
  EXPECT_EQ(scrubber_->GetStatus().position, Position(0));
}

TEST(ScrubStateTest, KeepsWhatItWasAndRefusesWhatItWasNot) {
  const ScrubState state{3, {Position(9), 12'345, false, 4}, true, Timestamp{77}};
  const std::string bytes = EncodeScrubState(state);
  EXPECT_EQ(DecodeScrubState(bytes).value(), state);
  for (size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(DecodeScrubState(bytes.substr(0, n)).ok());
  EXPECT_FALSE(DecodeScrubState(bytes + "x").ok());
}

}  // namespace
}  // namespace nexus::storage

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "storage/raw_log.h"
#include "storage/rocks_log_fixture.h"
#include "storage/rocksdb/key_codec.h"

namespace nexus::storage {
namespace {

using contract::CommitOf;
using ::testing::HasSubstr;

// Ten commits of two events in stream "a" (positions 1 and 2, 3 and 4, ...) and one each in others.
class RocksLogDamage : public RocksLogFixture {
 protected:
  RocksLogDamage() {
    Open();
    for (uint64_t id = 1; id <= 10; ++id) {
      EXPECT_TRUE(Propose(CommitOf(id).Event("a", "x").Event(absl::StrCat("s-", id), "y")).ok());
    }
    Close();
  }

  ErrorReason ReadAllFrom(uint64_t position, Direction direction) {
    return ReasonOf(log_->ReadAll(Position(position), direction, PageLimits()).status());
  }
  ErrorReason ReadA(uint64_t revision, Direction direction) {
    return ReasonOf(
        log_->ReadStream(StreamName::Literal("a"), Revision(revision), direction, PageLimits())
            .status());
  }
  static std::string Key(uint64_t position) { return EncodePosition(Position(position)); }
  static std::string IdKey(uint8_t id) {
    CommitId commit;
    commit.bytes[15] = id;
    return EncodeCommitIdKey(0, commit);
  }
  // Damage older than what opening verifies.
  void OpenWithoutLooking() {
    options_.verify_positions_max = 2;
    Open();
  }
};

constexpr ErrorReason kFine = ErrorReason::kUnspecified;
constexpr ErrorReason kLost = ErrorReason::kDataLoss;

TEST_F(RocksLogDamage, ReportsAMissingRecordInsteadOfAShorterAnswer) {
  RawLog(folder_.path()).Delete("commits", Key(5));
  OpenWithoutLooking();
  EXPECT_EQ(ReadAllFrom(1, Direction::kForward), kLost);
  EXPECT_EQ(ReadAllFrom(5, Direction::kForward), kLost);
  EXPECT_EQ(ReadAllFrom(6, Direction::kForward), kLost);
  EXPECT_EQ(ReadAllFrom(7, Direction::kForward), kFine);
  EXPECT_EQ(ReadAllFrom(20, Direction::kBackward), kLost);
  EXPECT_EQ(ReadAllFrom(4, Direction::kBackward), kFine);
  EXPECT_EQ(ReadA(0, Direction::kForward), kLost);
  EXPECT_EQ(ReadA(9, Direction::kBackward), kLost);
  EXPECT_EQ(ReadA(3, Direction::kForward), kFine);
  EXPECT_EQ(ReasonOf(log_->FindCommit(CommitOf(3).Event("a", "x")).status()), kLost);
}

TEST_F(RocksLogDamage, CountsLossesAndLooksTwice) {
  RawLog(folder_.path()).Delete("commits", Key(5));
  OpenWithoutLooking();
  EXPECT_EQ(ReadAllFrom(1, Direction::kForward), kLost);
  EXPECT_EQ(metrics_.Value("nexus_log_read_retries_total"), 1);
  EXPECT_EQ(metrics_.Value("nexus_log_data_losses_total"), 1);
}

TEST_F(RocksLogDamage, ReportsTheFirstRecordMissing) {
  RawLog(folder_.path()).Delete("commits", Key(1));
  OpenWithoutLooking();
  EXPECT_EQ(ReadAllFrom(1, Direction::kForward), kLost);
  EXPECT_EQ(ReadAllFrom(20, Direction::kBackward), kLost);
  EXPECT_EQ(ReadA(0, Direction::kForward), kLost);
}

TEST_F(RocksLogDamage, ReportsEveryFlippedByteOfARecord) {
  const std::string good = *RawLog(folder_.path()).Get("commits", Key(5));
  for (size_t at = 0; at < good.size(); at += 23) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    RawLog(folder_.path()).Put("commits", Key(5), bad);
    OpenWithoutLooking();
    EXPECT_NE(ReadAllFrom(1, Direction::kForward), kFine) << "byte " << at;
    EXPECT_NE(ReadA(9, Direction::kBackward), kFine) << "byte " << at;
    Close();
  }
}

TEST_F(RocksLogDamage, ReportsARecordInThePlaceOfAnother) {
  {
    RawLog raw(folder_.path());
    raw.Put("commits", Key(5), *raw.Get("commits", Key(7)));
  }
  OpenWithoutLooking();
  EXPECT_EQ(ReadAllFrom(1, Direction::kForward), kLost);
}

TEST_F(RocksLogDamage, ReportsAMissingRowOfTheStreamIndex) {
  RawLog(folder_.path())
      .Delete("stream_commits", EncodeStreamCommitKey({Position(1), Revision(2)}));
  OpenWithoutLooking();
  EXPECT_EQ(ReadA(0, Direction::kForward), kLost);
  EXPECT_EQ(ReadA(2, Direction::kForward), kLost);
  EXPECT_EQ(ReadA(9, Direction::kBackward), kLost);
  EXPECT_EQ(ReadAllFrom(1, Direction::kForward), kFine);
}

TEST_F(RocksLogDamage, ReportsARowOfTheStreamIndexThatPointsElsewhere) {
  RawLog(folder_.path())
      .Put("stream_commits", EncodeStreamCommitKey({Position(1), Revision(2)}), Key(9));
  OpenWithoutLooking();
  EXPECT_EQ(ReadA(0, Direction::kForward), kLost);
}

TEST_F(RocksLogDamage, ReportsADamagedStreamRow) {
  RawLog(folder_.path()).Put("streams", EncodeStreamKey(0, "s-3"), "nonsense");
  OpenWithoutLooking();
  EXPECT_EQ(ReasonOf(log_->GetStream(StreamName::Literal("s-3")).status()), kLost);
  EXPECT_EQ(ReasonOf(log_->ListStreams(StreamQuery()).status()), kLost);
  // What cannot be checked is refused, not stored.
  EXPECT_EQ(ReasonOf(Propose(CommitOf(99).Event("s-3", "z")).status()), kLost);
}

TEST_F(RocksLogDamage, ReportsACommitIdThatPointsElsewhere) {
  RawLog(folder_.path()).Put("commit_ids", IdKey(3), Key(7));
  OpenWithoutLooking();
  EXPECT_EQ(ReasonOf(log_->FindCommit(CommitOf(3).Event("a", "x")).status()), kLost);
}

struct Damage {
  const char* what;
  std::function<void(RawLog&)> make;
};

TEST_F(RocksLogDamage, RefusesToOpenADamagedEnd) {
  const std::vector<Damage> all = {
      {"a record", [](RawLog& raw) { raw.Delete("commits", Key(13)); }},
      {"the last record", [](RawLog& raw) { raw.Delete("commits", Key(19)); }},
      {"an id", [](RawLog& raw) { raw.Delete("commit_ids", IdKey(9)); }},
      {"an id's place", [](RawLog& raw) { raw.Put("commit_ids", IdKey(9), Key(1)); }},
      {"a stream row", [](RawLog& raw) { raw.Delete("streams", EncodeStreamKey(0, "s-9")); }},
      {"an index row",
       [](RawLog& raw) {
         raw.Delete("stream_commits", EncodeStreamCommitKey({Position(18), Revision(0)}));
       }},
      {"the tip", [](RawLog& raw) { raw.Delete("default", "tip"); }},
      {"the meta row", [](RawLog& raw) { raw.Delete("default", "meta"); }},
      {"garbage", [](RawLog& raw) { raw.Put("commits", Key(19), "\x01garbage"); }},
      {"an old stream row",
       [](RawLog& raw) {
         raw.Put("streams", EncodeStreamKey(0, "a"),
                 EncodeStreamHead({Revision(8), Position(1), Position(17), {}, {}}));
       }},
      {"an old tip",
       [](RawLog& raw) {
         raw.Put("default", "tip", EncodeTip({{Position(18), Timestamp{}}, 0}));
       }},
  };
  for (const Damage& damage : all) {
    TemporaryFolder copy;
    std::filesystem::copy(folder_.path(), copy.path(), std::filesystem::copy_options::recursive);
    {
      RawLog raw(copy.path());
      damage.make(raw);
    }
    RocksLogOptions options(copy.path(), metrics_);
    EXPECT_EQ(ReasonOf(RocksLog::Open(options).status()), kLost) << damage.what;
  }
}

// In stream "u" the ids ascend, then one does not.
TEST_F(RocksLogDamage, RefusesToOpenWhereRowsOfEventIdsDoNotAgree) {
  Open();
  const uint8_t ids[] = {3, 5, 2, 9};
  std::vector<EventId> stored(4);
  Position number;
  for (size_t i = 0; i < 4; ++i) {
    stored[i].bytes[0] = ids[i];
    Commit commit = CommitOf(100 + i).Event("u", "x");
    commit.events[0].event.id = stored[i];
    const auto receipt = Propose(commit);
    ASSERT_TRUE(receipt.ok());
    if (i == 0) number = receipt->first;
  }
  Close();
  const std::string row = EncodeStreamKey(0, "u");
  log::StreamHead head = DecodeStreamHead(*RawLog(folder_.path()).Get("streams", row)).value();
  EXPECT_EQ(head.sorted_count, 2u);
  const auto with = [&](std::function<void(log::StreamHead&)> change) {
    log::StreamHead other = head;
    change(other);
    return [row, other](RawLog& raw) { raw.Put("streams", row, EncodeStreamHead(other)); };
  };
  const std::vector<Damage> all = {
      {"a missing row",
       [&](RawLog& raw) { raw.Delete("event_ids", EncodeEventIdKey(number, stored[2])); }},
      {"another place",
       [&](RawLog& raw) {
         raw.Put("event_ids", EncodeEventIdKey(number, stored[2]), EncodeRevision(Revision(3)));
       }},
      {"the greatest id", with([&](log::StreamHead& h) { h.max_id = stored[1]; })},
      {"fewer sorted", with([](log::StreamHead& h) { h.sorted_count = 1; })},
      {"more sorted", with([](log::StreamHead& h) { h.sorted_count = 3; })},
      {"the last sorted id", with([&](log::StreamHead& h) { h.last_sorted_id = stored[0]; })},
  };
  for (const Damage& damage : all) {
    TemporaryFolder copy;
    std::filesystem::copy(folder_.path(), copy.path(), std::filesystem::copy_options::recursive);
    {
      RawLog raw(copy.path());
      damage.make(raw);
    }
    RocksLogOptions options(copy.path(), metrics_);
    EXPECT_EQ(ReasonOf(RocksLog::Open(options).status()), kLost) << damage.what;
  }
  Open();
}

TEST_F(RocksLogDamage, NeverTakesAnIdForNewWhereItCannotLook) {
  RawLog(folder_.path()).Delete("commits", Key(5));
  OpenWithoutLooking();
  // Its place in order lies in the missing record.
  Commit commit = CommitOf(99).Event("a", "z");
  commit.events[0].event.id = DeriveEventId(static_cast<Commit>(CommitOf(3)).id, 0);
  EXPECT_EQ(ReasonOf(Propose(commit).status()), kLost);
}

TEST_F(RocksLogDamage, RefusesALogOfAnotherFormat) {
  RawLog(folder_.path()).Put("default", "meta", EncodeMeta({2, 1, 0}));
  EXPECT_EQ(ReasonOf(OpenStatus()), ErrorReason::kUnsupportedFormat);
}

}  // namespace
}  // namespace nexus::storage

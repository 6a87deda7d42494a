// What only a store on disk can meet: damage, other formats, another log.

#include "storage/rocksdb/rocks_snapshot_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "fake/recording_metrics.h"
#include "nexus/core/errors.h"
#include "storage/format_page.h"
#include "storage/rocksdb/snapshot_codec.h"
#include "storage/temporary_folder.h"

namespace nexus::storage {
namespace {

using ::testing::SizeIs;

// The one of docs/storage-format.md.
Snapshot DocumentedSnapshot() {
  Snapshot snapshot;
  SnapshotInfo& info = snapshot.info;
  info.stream = "order-7";
  info.revision = Revision(5);
  info.position = Position(300);
  info.event_id = *EventId::Parse("00000000-0000-0000-0000-000001000102");
  info.recorded = Timestamp{1'700'000'000'000'000};
  info.made = Timestamp{1'700'000'001'000'000};
  info.events = 6;
  info.state_schema = 2;
  info.aggregate = "order";
  info.code_digest = "d3";
  info.other_types = {"Weighed"};
  snapshot.state = R"({"n":1})";
  info.state_bytes = snapshot.state.size();
  return snapshot;
}

TEST(SnapshotCodecTest, WritesWhatThePageSays) {
  const std::string key = SnapshotKey(0, "order-7", Revision(5));
  EXPECT_EQ(absl::BytesToHexString(key), "000000006f726465722d37000000000000000005");
  EXPECT_EQ(DocumentedHex("```hex snapshot"),
            absl::BytesToHexString(EncodeSnapshot(key, DocumentedSnapshot())));
}

TEST(SnapshotCodecTest, ReadsBackWhatItWrites) {
  const std::string key = SnapshotKey(0, "order-7", Revision(5));
  const auto back = DecodeSnapshot(key, EncodeSnapshot(key, DocumentedSnapshot()));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, DocumentedSnapshot());
}

TEST(SnapshotCodecTest, RefusesEveryChangedBitAndEveryCutButAnotherFormatByItsName) {
  const std::string key = SnapshotKey(0, "order-7", Revision(5));
  const std::string good = EncodeSnapshot(key, DocumentedSnapshot());
  for (size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << (i % 8)));
    EXPECT_EQ(ReasonOf(DecodeSnapshot(key, bad).status()),
              i < 8 ? ErrorReason::kUnsupportedFormat : ErrorReason::kDataLoss);
  }
  for (size_t bytes = 0; bytes < good.size(); ++bytes) {
    EXPECT_EQ(ReasonOf(DecodeSnapshot(key, good.substr(0, bytes)).status()),
              ErrorReason::kDataLoss);
  }
}

TEST(SnapshotCodecTest, RefusesWhatStandsUnderAnotherKey) {
  const std::string good =
      EncodeSnapshot(SnapshotKey(0, "order-7", Revision(5)), DocumentedSnapshot());
  for (const std::string& key :
       {SnapshotKey(0, "order-7", Revision(6)), SnapshotKey(0, "order-8", Revision(5))}) {
    EXPECT_EQ(ReasonOf(DecodeSnapshot(key, good).status()), ErrorReason::kDataLoss);
  }
}

class RocksSnapshotStoreTest : public ::testing::Test {
 protected:
  RocksSnapshotStoreTest() { Open(1); }
  void Open(uint64_t incarnation) {
    store_.reset();
    database_.reset();
    auto database = DerivedDatabase::Open(folder_.path());
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    RocksSnapshotStoreOptions options;
    options.incarnation = incarnation;
    options.damaged = &metrics_.GetCounter("damaged", "", {});
    auto store = RocksSnapshotStore::Open(*database_, options);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  void PutAt(uint64_t revision) {
    Snapshot snapshot = DocumentedSnapshot();
    snapshot.info.revision = Revision(revision);
    ASSERT_TRUE(store_->Put(snapshot).ok());
  }
  void Spoil(uint64_t revision, size_t byte) {
    const std::string key = SnapshotKey(0, "order-7", Revision(revision));
    std::string value;
    ASSERT_TRUE(
        database_->db().Get(rocksdb::ReadOptions(), database_->snapshots(), key, &value).ok());
    value[byte] = static_cast<char>(value[byte] ^ 0x40);
    ASSERT_TRUE(
        database_->db().Put(rocksdb::WriteOptions(), database_->snapshots(), key, value).ok());
  }
  std::optional<Snapshot> Newest() {
    auto found = store_->Nearest("order-7", {}, [](const SnapshotInfo&) { return true; });
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *std::move(found) : std::nullopt;
  }

  TemporaryFolder folder_;
  fake::RecordingMetrics metrics_;
  std::unique_ptr<DerivedDatabase> database_;
  std::unique_ptr<RocksSnapshotStore> store_;
};

TEST_F(RocksSnapshotStoreTest, HasThemAfterItWasClosed) {
  PutAt(5);
  Open(1);
  EXPECT_EQ(Newest(), DocumentedSnapshot());
}

TEST_F(RocksSnapshotStoreTest, DropsThoseOfAnotherIncarnation) {
  PutAt(5);
  Open(2);
  EXPECT_FALSE(Newest().has_value());
  PutAt(5);
  Open(2);
  EXPECT_TRUE(Newest().has_value());
}

TEST_F(RocksSnapshotStoreTest, PassesOverDamageAndOtherFormatsAndCountsThem) {
  PutAt(5);
  PutAt(6);
  PutAt(7);
  Spoil(7, 40);  // in the body
  Spoil(6, 0);   // the format
  ASSERT_TRUE(Newest().has_value());
  EXPECT_EQ(Newest()->info.revision, Revision(5));
  EXPECT_EQ(metrics_.Value("damaged"), 4);
  const auto page = store_->List({});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(page->snapshots, SizeIs(1));
  EXPECT_TRUE(page->end);
}

// Also where more were removed than one walk passes.
TEST_F(RocksSnapshotStoreTest, KeepsTheNewestThroughThousands) {
  for (uint64_t revision = 0; revision < 2'500; ++revision) {
    PutAt(revision);
    const auto gone = store_->Expire("order-7", 2);
    ASSERT_TRUE(gone.ok()) << gone.status();
    ASSERT_EQ(*gone, revision < 2 ? 0u : 1u);
  }
  const auto page = store_->List({});
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_THAT(page->snapshots, SizeIs(2));
  EXPECT_EQ(page->snapshots[1].revision, Revision(2'498));
}

TEST_F(RocksSnapshotStoreTest, RemovesDamageWithWhatExpires) {
  PutAt(5);
  PutAt(6);
  PutAt(7);
  Spoil(7, 40);
  EXPECT_EQ(*store_->Expire("order-7", 1), 2u) << "the damaged one takes nobody's place";
  EXPECT_EQ(Newest()->info.revision, Revision(6));
  Spoil(6, 40);
  EXPECT_EQ(*store_->Delete("order-7", std::nullopt), 1u);
}

}  // namespace
}  // namespace nexus::storage

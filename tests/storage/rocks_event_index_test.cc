#include "storage/rocksdb/rocks_event_index.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "fake/tagged_log.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "storage/rocksdb/rocks_checkpoint_store.h"
#include "storage/temporary_folder.h"

namespace nexus::storage {
namespace {

using Kind = IndexTerm::Kind;

class RocksEventIndexTest : public ::testing::Test {
 protected:
  using CommitAt = std::function<absl::StatusOr<CommitId>(Position)>;

  void Open(uint64_t incarnation = 1) {
    Open(incarnation, [this](Position position) -> absl::StatusOr<CommitId> {
      const auto found = log_.ReadAt({position}, {});
      if (!found.ok()) return found.status();
      return found->events.front().commit_id;
    });
  }
  void Open(uint64_t incarnation, CommitAt commit_at) {
    Close();
    auto database = DerivedDatabase::Open(folder_.path());
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    RocksEventIndexOptions options;
    options.incarnation = incarnation;
    options.commit_at = std::move(commit_at);
    auto index = RocksEventIndex::Open(*database_, options);
    ASSERT_TRUE(index.ok()) << index.status();
    index_ = *std::move(index);
  }
  void Close() {
    index_.reset();
    database_.reset();
  }
  void AddNew() {
    const auto page =
        log_.ReadAll(index_->IndexedTo().Next(), Direction::kForward, {100'000, 1 << 30});
    ASSERT_TRUE(index_->Add(page->events).ok());
  }
  size_t CountOf(const std::string& type) {
    const auto found = index_->Find({Kind::kType, type}, {Position(1), index_->IndexedTo()},
                                    Direction::kForward, 1'000'000);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? found->size() : 0;
  }
  size_t Rows() {
    size_t rows = 0;
    const DerivedDatabase::Family family = database_->index();
    const std::unique_ptr<rocksdb::Iterator> it(
        database_->db().NewIterator(rocksdb::ReadOptions(), family.get()));
    for (it->SeekToFirst(); it->Valid(); it->Next()) ++rows;
    return rows;
  }
  std::string derived() const { return folder_.path() + "/derived"; }

  TemporaryFolder folder_;
  fake::TaggedLog log_;
  std::unique_ptr<DerivedDatabase> database_;
  std::unique_ptr<RocksEventIndex> index_;
};

TEST_F(RocksEventIndexTest, IsThereAgainAfterAnOrderlyEnd) {
  Open();
  for (int i = 0; i < 50; ++i) log_.Append({{}});
  AddNew();
  Open();
  EXPECT_EQ(index_->IndexedTo(), Position(50));
  EXPECT_EQ(CountOf("placed"), 50u);
  log_.Append({{}});
  AddNew();
  EXPECT_EQ(CountOf("placed"), 51u);
}

TEST_F(RocksEventIndexTest, BeginsAnewForALogOfAnotherIncarnation) {
  Open(1);
  log_.Append({{}});
  AddNew();
  Open(2);
  EXPECT_EQ(index_->IndexedTo(), Position(0));
  Open(2);
  log_.Append({{.type = "paid"}});
  AddNew();
  EXPECT_EQ(CountOf("placed"), 1u);
}

// As after a log was put back from a backup, beside an index that is younger, and was written to.
TEST_F(RocksEventIndexTest, BeginsAnewForALogWithAnotherHistory) {
  Open();
  log_.Append({{}});
  log_.Append({{}});
  log_.Append({{}});
  AddNew();
  fake::TaggedLog other;
  other.Append({{}, {}});
  other.Append({{.type = "paid"}, {}, {}});
  const auto page = other.ReadAll(Position(1), Direction::kForward, {});
  Open(1, [&](Position position) -> absl::StatusOr<CommitId> {
    return page->events.at(position.value - 1).commit_id;
  });
  EXPECT_EQ(index_->IndexedTo(), Position(0));
  EXPECT_EQ(Rows(), 0u);
}

TEST_F(RocksEventIndexTest, BeginsAnewForALogThatIsShorter) {
  Open();
  log_.Append({{}});
  AddNew();
  Open(1,
       [](Position) -> absl::StatusOr<CommitId> { return absl::DataLossError("beyond the head"); });
  EXPECT_EQ(index_->IndexedTo(), Position(0));
}

// One event at a time, as a quiet log is indexed: rows grow, they do not pile up.
TEST_F(RocksEventIndexTest, KeepsFewRowsOfATermThatComesOneByOne) {
  Open();
  for (int i = 0; i < 2'000; ++i) {
    log_.Append({{.type = "placed", .tags = {"eu"}}});
    AddNew();
  }
  EXPECT_EQ(CountOf("placed"), 2'000u);
  EXPECT_LT(Rows(), 3 * 2'000 / 50);
}

TEST_F(RocksEventIndexTest, AddsAllOrNothing) {
  Open();
  log_.Append({{}, {}, {}});
  const auto page = log_.ReadAll(Position(1), Direction::kForward, {});
  std::vector<RecordedEvent> events = page->events;
  events[2].position = Position(9);
  EXPECT_FALSE(index_->Add(events).ok());
  EXPECT_EQ(Rows(), 0u);
}

TEST_F(RocksEventIndexTest, IsBuiltAgainWhereItsTipIsDamaged) {
  Open();
  log_.Append({{}});
  AddNew();
  const DerivedDatabase::Family family = database_->index();
  ASSERT_TRUE(database_->db()
                  .Put(rocksdb::WriteOptions(), family.get(), rocksdb::Slice("\0", 1), "nonsense")
                  .ok());
  index_.reset();
  RocksEventIndexOptions options;
  options.incarnation = 1;
  auto opened = RocksEventIndex::Open(*database_, options);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ((*opened)->IndexedTo(), Position(0));
}

TEST_F(RocksEventIndexTest, CallsADamagedRowDataLoss) {
  Open();
  log_.Append({{}});
  AddNew();
  const DerivedDatabase::Family family = database_->index();
  const std::string key = PostingKey(PostingPrefix(Kind::kType, "placed"), Position(1));
  ASSERT_TRUE(
      database_->db().Put(rocksdb::WriteOptions(), family.get(), key, std::string("\x80", 1)).ok());
  EXPECT_EQ(
      ReasonOf(
          index_->Find({Kind::kType, "placed"}, {Position(1), Position(1)}, Direction::kForward, 1)
              .status()),
      ErrorReason::kDataLoss);
}

TEST_F(RocksEventIndexTest, LivesBesideCheckpointsThatAnOlderProgramWrote) {
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, derived(), &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    ASSERT_TRUE(
        db->Put(rocksdb::WriteOptions(), "crouter", std::string("\1\0\0\0\0\0\0\0\7", 9)).ok());
  }
  Open();
  EXPECT_EQ(database_->damage(), "");
  RocksCheckpointStore checkpoints(*database_);
  EXPECT_EQ(checkpoints.Load("router")->value(), Position(7));
}

TEST_F(RocksEventIndexTest, LeavesColumnFamiliesOfANewerProgramAlone) {
  Open();
  rocksdb::ColumnFamilyHandle* later = nullptr;
  ASSERT_TRUE(
      database_->db().CreateColumnFamily(rocksdb::ColumnFamilyOptions(), "later", &later).ok());
  ASSERT_TRUE(database_->db().DestroyColumnFamilyHandle(later).ok());
  Open();
  EXPECT_EQ(database_->damage(), "");
  std::vector<std::string> names;
  Close();
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(rocksdb::Options(), derived(), &names).ok());
  EXPECT_THAT(names, ::testing::Contains("later"));
}

// Each way of damage: moved aside, made anew, told.
class DamagedDerivedTest : public RocksEventIndexTest,
                           public ::testing::WithParamInterface<std::string> {
 protected:
  void Damage(const std::string& how) {
    for (const auto& entry : std::filesystem::directory_iterator(derived())) {
      const std::string name = entry.path().filename();
      if (how == "current cut" && name == "CURRENT") std::filesystem::resize_file(entry.path(), 3);
      if (name.rfind("MANIFEST", 0) == 0) {
        if (how == "manifest gone") std::filesystem::remove(entry.path());
        if (how == "manifest cut") std::filesystem::resize_file(entry.path(), 40);
      }
      if (how == "table gone" && entry.path().extension() == ".sst") {
        std::filesystem::remove(entry.path());
      }
    }
  }
};

TEST_P(DamagedDerivedTest, IsMovedAsideAndMadeAnew) {
  Open();
  log_.Append({{}});
  AddNew();
  ASSERT_TRUE(RocksCheckpointStore(*database_).Save("router", Position(1)).ok());
  Open();  // flushes the tables of before
  Close();
  Damage(GetParam());
  Open();
  EXPECT_NE(database_->damage(), "");
  EXPECT_EQ(index_->IndexedTo(), Position(0));
  EXPECT_EQ(RocksCheckpointStore(*database_).Load("router")->has_value(), false);
  EXPECT_TRUE(std::filesystem::exists(derived() + ".damaged"));
  AddNew();
  EXPECT_EQ(CountOf("placed"), 1u);
  Open();
  EXPECT_EQ(database_->damage(), "") << "once is enough";
}

INSTANTIATE_TEST_SUITE_P(Ways, DamagedDerivedTest,
                         ::testing::Values("current cut", "manifest gone", "manifest cut",
                                           "table gone"));

}  // namespace
}  // namespace nexus::storage

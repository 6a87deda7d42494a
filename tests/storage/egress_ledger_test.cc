#include <map>
#include <random>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "storage/rocksdb/egress_block.h"
#include "storage/rocksdb/rocks_checkpoint_store.h"
#include "storage/rocksdb/rocks_egress_ledger.h"
#include "storage/temporary_folder.h"

namespace nexus::storage {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

EgressRow Row(uint64_t position, int64_t number, int64_t micros = 0) {
  EgressRow row;
  row.position = Position(position);
  row.partition = static_cast<int32_t>(position % 3);
  row.number = number;
  row.delivered = Timestamp{micros};
  return row;
}

TEST(EgressBlockTest, ReadsBackWhatItWrites) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    EgressBatch batch;
    uint64_t position = random() % 1'000'000;
    for (size_t i = 0; i <= random() % 200; ++i) {
      EgressRow row = Row(position += random() % 5, static_cast<int64_t>(random() % 100'000) - 1,
                          static_cast<int64_t>(random() % (1ULL << 52)));
      row.partition = static_cast<int32_t>(random() % 5) - 1;
      row.critical = random() % 2 == 0;
      row.score = static_cast<uint32_t>(random() % 10'001);
      row.rules = random() % 3;
      batch.Add(random() % 2 == 0 ? "topic" : "topic-2", row);
    }
    const auto back = DecodeEgressBlock(EncodeEgressBlock(batch.rows, batch.places));
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->places, batch.places);
    EXPECT_EQ(back->rows, batch.rows);
  }
}

TEST(EgressBlockTest, RefusesWhatNoEncoderWrote) {
  EgressBatch batch;
  for (uint64_t i = 1; i < 20; ++i) batch.Add("topic", Row(i, static_cast<int64_t>(i)));
  const std::string good = EncodeEgressBlock(batch.rows, batch.places);
  for (size_t bytes = 0; bytes < good.size(); ++bytes) {
    EXPECT_EQ(ReasonOf(DecodeEgressBlock(good.substr(0, bytes)).status()), ErrorReason::kDataLoss);
  }
  EXPECT_FALSE(DecodeEgressBlock(good + "x").ok());
  std::string other = good;
  other[0] = 9;
  EXPECT_FALSE(DecodeEgressBlock(other).ok());
}

class EgressLedgerTest : public ::testing::Test {
 protected:
  EgressLedgerTest() { Open(); }
  void Open() {
    database_.reset();
    auto opened = DerivedDatabase::Open(folder_.path());
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = *std::move(opened);
  }
  std::vector<Egress> Find(RocksEgressLedger& ledger, uint64_t position) {
    auto found = ledger.Find(Position(position));
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *std::move(found) : std::vector<Egress>();
  }

  TemporaryFolder folder_;
  std::unique_ptr<DerivedDatabase> database_;
};

TEST_F(EgressLedgerTest, SavesTheCheckpointWithTheDeliveries) {
  RocksEgressLedger ledger(*database_, 1'000'000);
  EgressBatch batch;
  batch.Add("topic", Row(7, 70));
  ASSERT_TRUE(ledger.Save("route/a", Position(7), batch).ok());
  EXPECT_EQ(RocksCheckpointStore(*database_).Load("route/a")->value(), Position(7));
  Open();
  RocksEgressLedger again(*database_, 1'000'000);
  ASSERT_THAT(Find(again, 7), SizeIs(1));
  EXPECT_EQ(Find(again, 7)[0].place, "topic");
  EXPECT_EQ(Find(again, 7)[0].row.number, 70);
  EXPECT_THAT(Find(again, 6), IsEmpty());
  EXPECT_THAT(Find(again, 8), IsEmpty());
}

// Whatever order they were delivered in, and however far apart: the answer is that of a plain list.
TEST_F(EgressLedgerTest, FindsEveryDeliveryOfEveryReader) {
  RocksEgressLedger ledger(*database_, 1'000'000'000);
  std::mt19937_64 random(5);
  std::multimap<uint64_t, std::pair<std::string, int64_t>> all;
  for (int i = 0; i < 60; ++i) {
    const std::string reader = std::vector<std::string>{"route/a", "route/ab", "route/b#1"}[i % 3];
    EgressBatch batch;
    for (size_t n = random() % 3'000; n > 0; --n) {
      const uint64_t position = 1 + random() % 20'000;
      const auto number = static_cast<int64_t>(random() % 1'000'000);
      batch.Add("t", Row(position, number, i));
      all.emplace(position, std::make_pair(reader, number));
    }
    ASSERT_TRUE(ledger.Save(reader, Position(20'000), batch).ok());
  }
  for (int i = 0; i < 50; ++i) {
    const uint64_t position = 1 + random() % 20'000;
    std::multiset<std::pair<std::string, int64_t>> wanted;
    const auto [first, last] = all.equal_range(position);
    for (auto it = first; it != last; ++it) wanted.insert(it->second);
    std::multiset<std::pair<std::string, int64_t>> found;
    for (const Egress& one : Find(ledger, position)) found.emplace(one.reader, one.row.number);
    ASSERT_EQ(found, wanted) << position;
  }
}

TEST_F(EgressLedgerTest, ScansWhatAReaderDeliveredOnceAndAgain) {
  RocksEgressLedger ledger(*database_, 1'000'000'000);
  std::mt19937_64 random(6);
  std::multiset<std::pair<uint64_t, int64_t>> wanted;
  const std::vector<std::string> readers = {"route/a", "route/a#replay-1", "route/ab", "route/a-b",
                                            "route/a@1"};
  for (int i = 0; i < 60; ++i) {
    const std::string& reader = readers[static_cast<size_t>(i) % readers.size()];
    EgressBatch batch;
    for (size_t n = 1 + random() % 2'000; n > 0; --n) {
      const uint64_t position = 1 + random() % 20'000;
      const auto number = static_cast<int64_t>(random() % 1'000'000);
      batch.Add(reader, Row(position, number, i));
      if (i % 5 < 2 && position >= 5'000 && position <= 9'000) wanted.emplace(position, number);
    }
    ASSERT_TRUE(ledger.Save(reader, Position(20'000), batch).ok());
  }
  std::multiset<std::pair<uint64_t, int64_t>> found;
  std::set<std::string> places;
  const absl::Status scanned = ledger.Scan("route/a", Position(5'000), Position(9'000),
                                           [&](absl::string_view place, const auto& row) {
                                             found.emplace(row.position.value, row.number);
                                             places.emplace(place);
                                           });
  ASSERT_TRUE(scanned.ok()) << scanned;
  EXPECT_EQ(found, wanted);
  EXPECT_THAT(places, ::testing::ElementsAre("route/a", "route/a#replay-1"));
}

TEST_F(EgressLedgerTest, ForgetsWhatIsOlderThanItKeeps) {
  RocksEgressLedger ledger(*database_, 1'000);
  for (uint64_t position = 1; position <= 10'000; position += 10) {
    EgressBatch batch;
    batch.Add("t", Row(position, 1));
    ASSERT_TRUE(ledger.Save("route/a", Position(position), batch).ok());
  }
  EXPECT_THAT(Find(ledger, 1), IsEmpty());
  EXPECT_THAT(Find(ledger, 5'001), IsEmpty());
  EXPECT_THAT(Find(ledger, 9'991), SizeIs(1));
  EXPECT_THAT(Find(ledger, 9'101), SizeIs(1));
}

// What it costs on disk, before compression: the page of the format is held to it.
TEST_F(EgressLedgerTest, TakesAFewBytesADelivery) {
  EgressBatch batch;
  for (uint64_t i = 0; i < 1'000; ++i) {
    EgressRow row = Row(1'000'000 + i, static_cast<int64_t>(500'000 + i / 3),
                        1'769'860'800'000'000 + static_cast<int64_t>(i) * 100);
    row.score = 7'000;
    row.critical = true;
    batch.Add("shop.orders", row);
  }
  const size_t bytes = EncodeEgressBlock(batch.rows, batch.places).size();
  RecordProperty("bytes_of_1000", static_cast<int>(bytes));
  EXPECT_LT(bytes, 12'000u);
}

}  // namespace
}  // namespace nexus::storage

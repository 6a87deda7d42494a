#include "storage/rocksdb/wal_scanner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <fstream>
#include <random>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb/log_files.h"
#include "storage/temporary_folder.h"

namespace nexus::storage {
namespace {

constexpr size_t kRecords = 12;

// The bytes of a write-ahead log that RocksDB itself wrote: kRecords synced batches.
class WalScannerTest : public ::testing::Test {
 protected:
  std::string RealWal(size_t value_bytes) {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* raw = nullptr;
    TemporaryFolder folder;
    EXPECT_TRUE(rocksdb::DB::Open(options, folder.path(), &raw).ok());
    std::unique_ptr<rocksdb::DB> db(raw);
    ends_.clear();
    rocksdb::WriteOptions synced;
    synced.sync = true;
    const std::string path = WalPath(folder.path(), NewestWal(*db));
    std::mt19937_64 random(7);
    for (size_t i = 0; i < kRecords; ++i) {
      std::string value(value_bytes, '\0');
      for (char& c : value) c = static_cast<char>(random());
      EXPECT_TRUE(db->Put(synced, absl::StrCat("key", i), value).ok());
      ends_.push_back(std::filesystem::file_size(path));
    }
    std::ifstream in(path, std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    return bytes.str();
  }
  static uint64_t NewestWal(rocksdb::DB& db) {
    std::unique_ptr<rocksdb::LogFile> file;
    EXPECT_TRUE(db.GetCurrentWalFile(&file).ok());
    return file->LogNumber();
  }
  static void Feed(WalScanner& scanner, uint64_t number, const std::string& bytes) {
    scanner.BeginFile(number);
    for (size_t at = 0; at < bytes.size(); at += kWalBlockBytes) {
      scanner.Block(absl::string_view(bytes).substr(at, kWalBlockBytes));
    }
    scanner.EndFile();
  }
  static WalScan Scan(const std::string& bytes) {
    WalScanner scanner;
    Feed(scanner, 4, bytes);
    return scanner.scan();
  }
  size_t Begin(size_t record) const { return record == 0 ? 0 : ends_[record - 1]; }

  std::vector<size_t> ends_;  // of each record
};

// Smaller than a block, larger than one, and with all sizes of rest at a block's end.
constexpr size_t kSizes[] = {10, 3'000, 32'700, 100'000};

TEST_F(WalScannerTest, ReadsWhatRocksDbWrites) {
  for (const size_t size : kSizes) {
    const WalScan scan = Scan(RealWal(size));
    EXPECT_EQ(scan.records, kRecords) << size;
    EXPECT_FALSE(scan.torn() || scan.damaged()) << size;
  }
}

TEST_F(WalScannerTest, ReadsRecordsAtEveryOffsetOfABlock) {
  for (size_t size = 2'700; size < 2'730; ++size) {
    EXPECT_EQ(Scan(RealWal(size)).records, kRecords) << size;
  }
}

TEST_F(WalScannerTest, CallsEveryCutInsideTheLastRecordTorn) {
  for (const size_t size : kSizes) {
    const std::string whole = RealWal(size);
    const size_t begin = Begin(kRecords - 1);
    const size_t step = std::max<size_t>(1, (whole.size() - begin) / 40);
    for (size_t cut = begin + 1; cut < whole.size(); cut += step) {
      const WalScan scan = Scan(whole.substr(0, cut));
      EXPECT_TRUE(scan.torn()) << size << " cut at " << cut;
      EXPECT_EQ(scan.records, kRecords - 1);
    }
  }
}

TEST_F(WalScannerTest, CallsABadLastRecordTorn) {
  for (const size_t size : kSizes) {
    const std::string whole = RealWal(size);
    for (const size_t at : {Begin(kRecords - 1), Begin(kRecords - 1) + 5, whole.size() - 1}) {
      std::string bad = whole;
      bad[at] = static_cast<char>(bad[at] ^ 1);
      EXPECT_TRUE(Scan(bad).torn()) << size << " byte " << at;
    }
  }
}

TEST_F(WalScannerTest, CallsABadRecordWithALaterOneBehindItDamage) {
  for (const size_t size : kSizes) {
    const std::string whole = RealWal(size);
    for (size_t at = 0; at < Begin(kRecords - 1); at += whole.size() / 61 + 1) {
      std::string bad = whole;
      bad[at] = static_cast<char>(bad[at] ^ 0x20);
      const WalScan scan = Scan(bad);
      // A block's filling and nothing else may change without a loss.
      if (scan.records == kRecords) continue;
      EXPECT_TRUE(scan.damaged()) << size << " byte " << at;
      EXPECT_LE(scan.bad->offset, at);
      EXPECT_GT(scan.evidence->offset, at);
    }
  }
}

TEST_F(WalScannerTest, CallsZerosInTheMiddleDamage) {
  std::string bytes = RealWal(3'000);
  bytes.replace(Begin(3), Begin(5) - Begin(3), std::string(Begin(5) - Begin(3), '\0'));
  EXPECT_TRUE(Scan(bytes).damaged());
}

TEST_F(WalScannerTest, TakesZerosAtTheEndForRoomThatWasNeverUsed) {
  const WalScan scan = Scan(RealWal(3'000) + std::string(40'000, '\0'));
  EXPECT_EQ(scan.records, kRecords);
  EXPECT_FALSE(scan.torn() || scan.damaged());
  EXPECT_TRUE(scan.hole.has_value());
}

TEST_F(WalScannerTest, SeesThatTheRestOfATornRecordProvesNothing) {
  // Of one large record a page in the middle never reached the disk, the ones behind it did.
  std::string bytes = RealWal(100'000);
  bytes.replace(Begin(kRecords - 1) + 200, 4'096, std::string(4'096, '\0'));
  const WalScan scan = Scan(bytes);
  EXPECT_TRUE(scan.torn());
  EXPECT_EQ(scan.records, kRecords - 1);
}

TEST_F(WalScannerTest, SeesTheBeginningOfALaterRecordAsEvidence) {
  const std::string whole = RealWal(100'000);
  std::string bad = whole.substr(0, Begin(kRecords - 1) + 50'000);  // the last one is torn
  bad[Begin(kRecords - 2) + 100] ^= 1;                              // the one before is bad
  EXPECT_TRUE(Scan(bad).damaged());
}

TEST_F(WalScannerTest, TakesACopyOfAnOldRecordInsideOfDataForNoEvidence) {
  const std::string old = RealWal(300);
  const std::string copied = old.substr(0, Begin(1));
  // A torn last record whose data holds the bytes of the first one.
  std::string torn = old.substr(0, Begin(kRecords - 1) + 40) + copied + "rest";
  EXPECT_TRUE(Scan(torn).torn());
}

TEST_F(WalScannerTest, LooksBeyondTheEndOfAFile) {
  const std::string first = RealWal(300);
  WalScanner scanner;
  Feed(scanner, 4, first.substr(0, Begin(5)));
  Feed(scanner, 9, first.substr(Begin(5)));
  EXPECT_EQ(scanner.scan().records, kRecords);
  WalScanner cut;
  Feed(cut, 4, first.substr(0, Begin(5) - 3));
  Feed(cut, 9, first.substr(Begin(5)));
  EXPECT_TRUE(cut.scan().damaged());
  EXPECT_EQ(cut.scan().bad->file, 4u);
  EXPECT_EQ(cut.scan().evidence->file, 9u);
}

TEST_F(WalScannerTest, SurvivesAnyBytes) {
  std::mt19937_64 random(11);
  const std::string whole = RealWal(2'000);
  for (int round = 0; round < 500; ++round) {
    std::string bytes = whole.substr(0, random() % whole.size());
    for (int i = 0; i < 200 && !bytes.empty(); ++i) {
      bytes[random() % bytes.size()] = static_cast<char>(random() % 12);
    }
    Scan(bytes);
  }
}

TEST_F(WalScannerTest, FindsNothingInAnEmptyLog) {
  EXPECT_EQ(Scan("").records, 0u);
  EXPECT_FALSE(Scan("").torn());
}

}  // namespace
}  // namespace nexus::storage

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <fstream>

#include "absl/strings/escaping.h"
#include "nexus/core/errors.h"
#include "storage/format_page.h"
#include "storage/rocksdb/anchor_file.h"
#include "storage/rocksdb/chain_digest.h"
#include "storage/temporary_folder.h"

namespace nexus::storage {
namespace {

// The example of docs/storage-format.md.
constexpr ChainLink kExampleLink{Position(300), 0x23a7c5ef, 0x5bb89e2b};

Anchor Example() {
  Anchor anchor;
  anchor.sequence = 7;
  anchor.head = Position(301);
  anchor.chain = ChainAfter(kChainBegin, kExampleLink);
  anchor.wal = 12;
  anchor.clean = true;
  return anchor;
}

TEST(AnchorCodec, WritesTheDocumentedBytes) {
  const std::string slot = EncodeAnchorSlot(Example());
  EXPECT_EQ(DocumentedHex("```hex anchor"), absl::BytesToHexString(slot.substr(0, 54)));
  EXPECT_EQ(slot.substr(54), std::string(kAnchorSlotBytes - 54, '\0'));
  EXPECT_EQ(DecodeAnchorSlot(slot), Example());
}

TEST(AnchorCodec, RefusesEveryFlippedBitOfItsFields) {
  const std::string good = EncodeAnchorSlot(Example());
  for (size_t bit = 0; bit < 54 * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(DecodeAnchorSlot(bad), std::nullopt) << bit;
  }
}

TEST(AnchorCodec, RefusesWhatIsNoSlot) {
  EXPECT_EQ(DecodeAnchorSlot(""), std::nullopt);
  EXPECT_EQ(DecodeAnchorSlot(std::string(kAnchorSlotBytes, '\0')), std::nullopt);
  EXPECT_EQ(DecodeAnchorSlot(EncodeAnchorSlot(Example()).substr(0, 54)), std::nullopt);
}

TEST(ChainDigest, ChangesWithEveryPartOfARecordAndItsPlace) {
  const uint64_t chain = ChainAfter(5, kExampleLink);
  EXPECT_NE(ChainAfter(6, kExampleLink), chain);
  EXPECT_NE(ChainAfter(5, {Position(301), 0x23a7c5ef, 0x5bb89e2b}), chain);
  EXPECT_NE(ChainAfter(5, {Position(300), 0x23a7c5ee, 0x5bb89e2b}), chain);
  EXPECT_NE(ChainAfter(5, {Position(300), 0x23a7c5ef, 0x5bb89e2a}), chain);
}

TEST(ChainDigest, CanBeTakenBack) {
  uint64_t chain = kChainBegin;
  for (uint32_t i = 1; i <= 100; ++i) chain = ChainAfter(chain, {Position(i), i * 77, i * 1'013});
  for (uint32_t i = 100; i >= 1; --i) chain = ChainBefore(chain, {Position(i), i * 77, i * 1'013});
  EXPECT_EQ(chain, kChainBegin);
}

TEST(ChainDigest, ReadsTheChecksumsOfARecord) {
  const std::string head = absl::HexStringToBytes("020000000e23a7c5ef5bb89e2b");
  const ChainLink link = LinkOf(Position(300), head);
  EXPECT_EQ(link.placement_crc, kExampleLink.placement_crc);
  EXPECT_EQ(link.proposal_crc, kExampleLink.proposal_crc);
}

class AnchorFileTest : public ::testing::Test {
 protected:
  static Anchor At(uint64_t sequence) {
    Anchor anchor;
    anchor.sequence = sequence;
    anchor.head = Position(sequence * 10);
    return anchor;
  }
  // Writes the anchors first to last, each in its turn.
  void Write(uint64_t first, uint64_t last) {
    ASSERT_TRUE(AnchorFile::Replace(files_, path_, At(first)).ok());
    auto file = AnchorFile::Open(files_, path_);
    ASSERT_TRUE(file.ok()) << file.status();
    for (uint64_t i = first + 1; i <= last; ++i) ASSERT_TRUE((*file)->Write(At(i)).ok());
  }
  // A write that was cut short: half of the slot's first sector is of another time.
  void Tear(uint64_t sequence) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(sequence % kAnchorSlots * kAnchorSlotBytes + 20));
    file << std::string(16, 'x');
  }
  absl::StatusOr<AnchorSlots> Read() { return AnchorFile::Read(files_, path_); }

  TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/anchor";
  rocksdb::FileSystem& files_ = *rocksdb::Env::Default()->GetFileSystem();
};

TEST_F(AnchorFileTest, TellsThatThereIsNone) {
  const auto read = Read();
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->newest, std::nullopt);
}

TEST_F(AnchorFileTest, GivesTheNewestOfTwoSlots) {
  for (uint64_t last = 3; last < 7; ++last) {
    Write(3, last);
    const auto read = Read();
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->newest, At(last));
    EXPECT_FALSE(read->one_is_torn);
  }
}

TEST_F(AnchorFileTest, FallsBackToTheOtherSlotAfterATornWrite) {
  for (uint64_t last = 4; last < 6; ++last) {
    Write(3, last);
    Tear(last);
    const auto read = Read();
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->newest, At(last - 1));
    EXPECT_TRUE(read->one_is_torn);
  }
}

TEST_F(AnchorFileTest, WritesOverTheTornSlotNext) {
  Write(3, 5);
  Tear(5);
  ASSERT_TRUE((*AnchorFile::Open(files_, path_))->Write(At(5)).ok());
  EXPECT_EQ(Read()->newest, At(5));
  EXPECT_FALSE(Read()->one_is_torn);
}

TEST_F(AnchorFileTest, RefusesAFileWithoutAValidSlot) {
  Write(3, 4);
  Tear(3);
  Tear(4);
  EXPECT_EQ(ReasonOf(Read().status()), ErrorReason::kDataLoss);
  std::ofstream(path_, std::ios::trunc).flush();
  EXPECT_EQ(ReasonOf(Read().status()), ErrorReason::kDataLoss);
}

TEST_F(AnchorFileTest, ReadsAFileThatWasCutShort) {
  Write(4, 4);
  std::filesystem::resize_file(path_, kAnchorSlotBytes);
  EXPECT_EQ(Read()->newest, At(4));
}

}  // namespace
}  // namespace nexus::storage

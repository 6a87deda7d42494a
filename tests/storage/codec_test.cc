#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "contract/event_log_contract.h"
#include "storage/format_page.h"
#include "storage/rocksdb/byte_codec.h"
#include "storage/rocksdb/chain_digest.h"
#include "storage/rocksdb/crc32c.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/record_codec.h"
#include "storage/rocksdb/stream_head_cache.h"

namespace nexus::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

std::string Varint(uint64_t n) {
  std::string out;
  AppendVarint(out, n);
  return out;
}

TEST(ByteCodec, WritesFixedNumbersHighByteFirst) {
  std::string out;
  AppendU8(out, 0xfe);
  AppendU32(out, 0x01020304);
  AppendU64(out, 0x0102030405060708);
  EXPECT_EQ(absl::BytesToHexString(out), "fe010203040102030405060708");
}

TEST(ByteCodec, ReadsBackNumbersAtTheirEdges) {
  for (const uint64_t n : {uint64_t{0}, uint64_t{127}, uint64_t{128}, uint64_t{16'383},
                           uint64_t{16'384}, uint64_t{1} << 63, UINT64_MAX}) {
    const std::string bytes = Varint(n);
    ByteReader in(bytes);
    EXPECT_EQ(in.Varint(), n);
    EXPECT_TRUE(in.done());
  }
  EXPECT_EQ(absl::BytesToHexString(Varint(300)), "ac02");
  EXPECT_THAT(Varint(UINT64_MAX), SizeIs(10));
}

TEST(ByteCodec, RefusesVarintsThatDoNotEndOrDoNotFit) {
  for (const std::string& bytes : {std::string(), std::string("\x80"), std::string(10, '\xff'),
                                   std::string(9, '\xff') + "\x02", std::string(11, '\x80')}) {
    ByteReader in(bytes);
    in.Varint();
    EXPECT_FALSE(in.ok()) << absl::BytesToHexString(bytes);
  }
}

TEST(ByteCodec, StaysFailedAfterAShortRead) {
  ByteReader in(
      "\x05"
      "abc");
  EXPECT_EQ(in.Text(), "");
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.U8(), 0);
  EXPECT_EQ(in.U64(), 0u);
  EXPECT_FALSE(in.done());
}

TEST(Crc32c, AgreesWithTheKnownCheckValue) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
}

TEST(Crc32c, IsTheSameByEitherWayAndInPieces) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Crc32c(bytes), ExtendCrc32cPortable(0, bytes)) << i;
    EXPECT_EQ(ExtendCrc32c(Crc32c(bytes), "tail"), Crc32c(bytes + "tail"));
    bytes.push_back(static_cast<char>(i * 37));
  }
}

TEST(Crc32c, IsTheSameByEitherWayOverManyBlocks) {
  std::string bytes;
  for (uint32_t i = 0; i < 5'000; ++i) {
    bytes.push_back(static_cast<char>(i * 2654435761u >> 13));
  }
  for (const size_t size : {1'535, 1'536, 1'537, 1'543, 3'071, 3'072, 4'999}) {
    const absl::string_view part = absl::string_view(bytes).substr(1, size);
    EXPECT_EQ(ExtendCrc32c(7, part), ExtendCrc32cPortable(7, part)) << size;
  }
}

TEST(KeyCodec, SortsKeysLikeNumbers) {
  EXPECT_LT(EncodePosition(Position(255)), EncodePosition(Position(256)));
  EXPECT_LT(EncodeStreamCommitKey({Position(1), Revision(UINT64_MAX)}),
            EncodeStreamCommitKey({Position(2), Revision(0)}));
  EXPECT_LT(EncodeStreamKey(0, "\xff"), EncodeStreamKey(1, "a"));
}

TEST(KeyCodec, ReadsBackWhatItWrote) {
  EventId low;
  EventId high;
  low.bytes[3] = 7;
  high.bytes[0] = 1;
  const log::StreamHead sorted{Revision(9),  Position(3), Position(300), Timestamp{-5},
                               Timestamp{7}, 10,          low,           low};
  EXPECT_EQ(DecodeStreamHead(EncodeStreamHead(sorted)).value(), sorted);
  log::StreamHead unsorted = sorted;
  unsorted.sorted_count = 1;
  EXPECT_EQ(DecodeStreamHead(EncodeStreamHead(unsorted)).value(), unsorted);
  unsorted.max_id = high;
  EXPECT_EQ(DecodeStreamHead(EncodeStreamHead(unsorted)).value(), unsorted);
  EXPECT_EQ(DecodeRevision(EncodeRevision(Revision(300))).value(), Revision(300));
  const StreamCommitKey key{Position(5), Revision(6)};
  EXPECT_EQ(DecodeStreamCommitKey(EncodeStreamCommitKey(key)).value(), key);
  EXPECT_EQ(DecodePosition(EncodePosition(Position(8))).value(), Position(8));
  EXPECT_EQ(DecodeStreamName(EncodeStreamKey(7, "order-1")).value(), "order-1");
  const LogMeta meta{kFormat, 4, 5};
  EXPECT_EQ(DecodeMeta(EncodeMeta(meta)).value(), meta);
  const StoredTip tip{{Position(6), Timestamp{9}}, 10};
  EXPECT_EQ(DecodeTip(EncodeTip(tip)).value(), tip);
  const AcceptedLoss loss{2, Position(9), Position(8), Timestamp{7}, "why"};
  EXPECT_EQ(DecodeLoss(EncodeLoss(loss)).value(), loss);
}

TEST(KeyCodec, RefusesEveryTruncationAndExtension) {
  for (const uint64_t sorted : {10, 4}) {
    const std::string head =
        EncodeStreamHead({Revision(9), Position(3), Position(9), {}, {}, sorted, {}, {}});
    for (size_t n = 0; n < head.size(); ++n) EXPECT_FALSE(DecodeStreamHead(head.substr(0, n)).ok());
    EXPECT_FALSE(DecodeStreamHead(head + "x").ok());
  }
  // None sorted, and a greatest id that is not.
  EXPECT_FALSE(
      DecodeStreamHead(EncodeStreamHead({Revision(9), Position(3), Position(9), {}, {}, 0})).ok());
  EventId one;
  one.bytes[0] = 1;
  EXPECT_FALSE(DecodeStreamHead(
                   EncodeStreamHead({Revision(9), Position(3), Position(9), {}, {}, 5, one, {}}))
                   .ok());
  EXPECT_FALSE(DecodeRevision("").ok());
  EXPECT_FALSE(DecodeRevision("\x05x").ok());
  EXPECT_FALSE(DecodeStreamHead("").ok());
  EXPECT_FALSE(DecodePosition("1234567").ok());
  EXPECT_FALSE(DecodePosition(EncodePosition(Position(0))).ok());
  EXPECT_FALSE(DecodeStreamCommitKey("12345678").ok());
  EXPECT_FALSE(DecodeStreamName("1234").ok());
  EXPECT_FALSE(DecodeMeta("").ok());
  EXPECT_FALSE(DecodeMeta(EncodeMeta({}) + "x").ok());
  EXPECT_FALSE(DecodeTip("x").ok());
  EXPECT_FALSE(DecodeLoss("x").ok());
}

Commit Sample() {
  Commit commit = contract::CommitOf(0x0102).Stream("order-7", ExpectedRevision::Exactly(4));
  commit.stamp = {"alice", "d1", "p1", 2, "jwt"};
  commit.stamp.request_digest = {0xd1, 0x6e};
  commit.stamp.outcomes = "warn:r";
  commit.streams.push_back({StreamName::Literal("stock"), ExpectedRevision::StreamExists()});
  CommitEvent event;
  event.event.id = DeriveEventId(commit.id, 0);
  event.event.type = "placed";
  event.event.schema_version = 3;
  event.event.content_type = "application/json";
  event.event.tags = {"eu"};
  event.event.metadata = {{"k", "v"}};
  event.event.routing = {Criticality::kHigh, 0.5, true, 250};
  event.event.correlation_id = "c1";
  event.event.data = "{\"n\":1}";
  commit.events.push_back(event);
  event.event = Event();
  event.event.id = DeriveEventId(commit.id, 1);
  event.event.type = "paid";
  commit.events.push_back(event);
  return commit;
}

CommitReceipt SampleReceipt(const Commit& commit) {
  CommitReceipt receipt;
  receipt.id = commit.id;
  receipt.first = Position(300);
  receipt.last = Position(301);
  receipt.recorded = Timestamp{1'700'000'000'000'000};
  receipt.streams = {{commit.streams[0].name, Revision(5), Revision(6), 2},
                     {commit.streams[1].name, {}, {}, 0}};
  return receipt;
}

std::string SampleRecord() {
  const Commit commit = Sample();
  const EncodedProposal proposal = EncodeProposal(commit);
  return EncodeRecordHead(SampleReceipt(commit), 1, proposal) + proposal.bytes;
}

TEST(RecordCodec, ReadsBackTheWholeCommitAndItsReceipt) {
  const std::string bytes = SampleRecord();
  const absl::StatusOr<RecordView> record = ParseRecord(Position(300), bytes);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->incarnation, 1u);
  const absl::StatusOr<log::StoredCommit> stored = DecodeCommit(*record);
  ASSERT_TRUE(stored.ok()) << stored.status();
  const Commit wanted = Sample();
  EXPECT_EQ(stored->commit.events, wanted.events);
  EXPECT_EQ(stored->commit.streams, wanted.streams);
  EXPECT_EQ(stored->commit.stamp, wanted.stamp);
  EXPECT_EQ(stored->receipt.streams, SampleReceipt(wanted).streams);
  EXPECT_EQ(stored->receipt.last, Position(301));
  EXPECT_EQ(stored->receipt.recorded, Timestamp{1'700'000'000'000'000});
}

TEST(RecordCodec, SelectsEventsByPositionAndByRevision) {
  const std::string bytes = SampleRecord();
  const RecordView record = ParseRecord(Position(300), bytes).value();
  EXPECT_EQ(FindStreamIndex(record, "stock"), 1u);
  EXPECT_EQ(FindStreamIndex(record, "nowhere"), std::nullopt);
  const auto by_position = DecodeEvents(record, {{}, 301, 400}).value();
  ASSERT_THAT(by_position, SizeIs(1));
  EXPECT_EQ(by_position[0].type, "paid");
  const auto by_revision = DecodeEvents(record, {0, 5, 5}).value();
  ASSERT_THAT(by_revision, SizeIs(1));
  EXPECT_EQ(by_revision[0].type, "placed");
  EXPECT_THAT(DecodeEvents(record, {1, 0, UINT64_MAX}).value(), SizeIs(0));
}

TEST(RecordCodec, RefusesEveryTruncationExtensionAndWrongPlace) {
  const std::string bytes = SampleRecord();
  for (size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_FALSE(ParseRecord(Position(300), bytes.substr(0, n)).ok()) << n;
  }
  EXPECT_FALSE(ParseRecord(Position(300), bytes + "x").ok());
  EXPECT_FALSE(ParseRecord(Position(301), bytes).ok());
}

TEST(RecordCodec, RefusesEveryFlippedBit) {
  const std::string bytes = SampleRecord();
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string bad = bytes;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(ParseRecord(Position(300), bad).ok()) << bit;
  }
}

TEST(RecordCodec, SaysThatANewerFormatIsNewer) {
  std::string bytes = SampleRecord();
  bytes[0] = 3;
  EXPECT_EQ(ReasonOf(ParseRecord(Position(300), bytes).status()), ErrorReason::kUnsupportedFormat);
}

// The example of this page as a nexusd of format 1 wrote it.
constexpr char kFormat1Record[] =
    "010000000e3715cebc41f7878300060a24181e400001020205000000000000000000000000000000"
    "0000010205616c6963650264310270310202076f726465722d370304020573746f636b0200000100"
    "00000000000000000000000100010206706c6163656403106170706c69636174696f6e2f6a736f6e"
    "0102657501016b017603013fe0000000000000fa01026331000000077b226e223a317d0000000000"
    "000000000000000000020001020470616964000000000000000000";

TEST(RecordCodec, ReadsARecordOfFormat1) {
  const std::string bytes = absl::HexStringToBytes(kFormat1Record);
  const absl::StatusOr<RecordView> record = ParseRecord(Position(300), bytes);
  ASSERT_TRUE(record.ok()) << record.status();
  const absl::StatusOr<log::StoredCommit> stored = DecodeCommit(*record);
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->commit.events, Sample().events);
  EXPECT_EQ(stored->commit.stamp, (AdmissionStamp{"alice", "d1", "p1", 2}));
  const auto events = DecodeEvents(*record, {}).value();
  EXPECT_EQ(events[0].method, "");
  EXPECT_EQ(events[0].request_digest, "");
}

// Neither can be taken for the other: the format is in the checksum.
TEST(RecordCodec, TellsFormatsApart) {
  std::string older = SampleRecord();
  older[0] = 1;
  EXPECT_EQ(ReasonOf(ParseRecord(Position(300), older).status()), ErrorReason::kDataLoss);
  std::string newer = absl::HexStringToBytes(kFormat1Record);
  newer[0] = 2;
  EXPECT_EQ(ReasonOf(ParseRecord(Position(300), newer).status()), ErrorReason::kDataLoss);
}

TEST(RecordCodec, KeepsEveryPartOfAStamp) {
  Commit commit = Sample();
  for (int with = 0; with < 4; ++with) {
    commit.stamp.request_digest = (with & 1) != 0 ? Digest128{1, 2, 3} : Digest128{};
    commit.stamp.input_digest = (with & 2) != 0 ? Digest128{4, 5, 6} : Digest128{};
    const EncodedProposal proposal = EncodeProposal(commit);
    const std::string bytes = EncodeRecordHead(SampleReceipt(commit), 1, proposal) + proposal.bytes;
    const RecordView record = ParseRecord(Position(300), bytes).value();
    EXPECT_EQ(DecodeCommit(record)->commit.stamp, commit.stamp);
    const auto events = DecodeEvents(record, {}).value();
    EXPECT_EQ(events[1].method, "jwt");
    EXPECT_EQ(events[1].outcomes, "warn:r");
    EXPECT_EQ(events[1].request_digest.size(), (with & 1) != 0 ? 16u : 0u);
    EXPECT_EQ(events[1].input_digest.size(), (with & 2) != 0 ? 16u : 0u);
  }
}

// With a checksum that fits, nonsense must still not get through.
TEST(RecordCodec, SurvivesNonsenseWithAFittingChecksum) {
  const Commit commit = Sample();
  const EncodedProposal good = EncodeProposal(commit);
  for (size_t at = 0; at < good.bytes.size(); ++at) {
    for (const int value : {0, 1, 0x7f, 0x80, 0xff}) {
      EncodedProposal bad = good;
      bad.bytes[at] = static_cast<char>(value);
      bad.crc = Crc32c(bad.bytes);
      const std::string bytes = EncodeRecordHead(SampleReceipt(commit), 1, bad) + bad.bytes;
      const absl::StatusOr<RecordView> record = ParseRecord(Position(300), bytes);
      if (!record.ok()) continue;
      const auto events = DecodeEvents(*record, {});
      if (events.ok()) {
        EXPECT_THAT(*events, SizeIs(2));
      }
      DecodeCommit(*record).IgnoreError();
    }
  }
}

TEST(StorageFormat, ShowsTheBytesThatTheCodecWrites) {
  EXPECT_EQ(DocumentedHex("```hex"), absl::BytesToHexString(SampleRecord()));
}

TEST(StorageFormat, ShowsTheRowsThatGoWithTheRecord) {
  const auto hex = [](const std::string& bytes) { return absl::BytesToHexString(bytes); };
  const Timestamp recorded{1'700'000'000'000'000};
  EXPECT_EQ(hex(EncodePosition(Position(300))), "000000000000012c");
  EXPECT_EQ(hex(EncodeCommitIdKey(0, Sample().id)), "0000000000000000000000000000000000000102");
  EXPECT_EQ(hex(EncodeStreamCommitKey({Position(12), Revision(5)})),
            "000000000000000c0000000000000005");
  EXPECT_EQ(hex(EncodeStreamKey(0, "order-7")), "000000006f726465722d37");
  const Commit commit = Sample();
  const EventId first = commit.events[0].event.id;
  const EventId second = commit.events[1].event.id;
  log::StreamHead head{Revision(6), Position(12), Position(301), recorded, recorded,
                       7,           second,       second};
  EXPECT_EQ(hex(EncodeStreamHead(head)),
            "01060cad0200060a24181e400000060a24181e40000000000000000000000000000002000102");
  head.sorted_count = 5;
  head.last_sorted_id = head.max_id = DeriveEventId(commit.id, 8);
  EXPECT_EQ(hex(EncodeStreamHead(head)),
            "01060cad0200060a24181e400000060a24181e40000200000000000000000000000009000102"
            "00000000000000000000000009000102");
  EXPECT_EQ(hex(EncodeEventIdKey(Position(12), first)),
            "000000000000000c00000000000000000000000001000102");
  EXPECT_EQ(hex(EncodeRevision(Revision(6))), "06");
  EXPECT_NE(second, first);
  const uint64_t chain = ChainAfter(kChainBegin, LinkOf(Position(300), SampleRecord()));
  EXPECT_EQ(hex(EncodeTip({{Position(301), recorded}, chain})),
            "01000000000000012d00060a24181e4000e845388547a139f1");
}

TEST(StreamHeadCacheTest, ForgetsTheLeastRecentlyUsed) {
  StreamHeadCache cache(2);
  const auto head = [](uint64_t n) {
    return log::StreamHead{Revision(n), Position(1), Position(1), {}, {}};
  };
  cache.Put("a", head(1));
  cache.Put("b", head(2));
  EXPECT_EQ(cache.Find("a")->last_revision, Revision(1));
  cache.Put("c", head(3));
  EXPECT_EQ(cache.Find("b"), std::nullopt);
  EXPECT_EQ(cache.Find("a")->last_revision, Revision(1));
  cache.Put("a", head(4));
  EXPECT_EQ(cache.Find("a")->last_revision, Revision(4));
  EXPECT_EQ(cache.size(), 2u);
}

TEST(StreamHeadCacheTest, MayBeEmpty) {
  StreamHeadCache cache(0);
  cache.Put("a", {});
  EXPECT_EQ(cache.Find("a"), std::nullopt);
}

}  // namespace
}  // namespace nexus::storage

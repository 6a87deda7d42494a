#include "schema/framed/framing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"

namespace nexus::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Bytes(absl::string_view hex) {
  std::string digits;
  for (const char c : hex) {
    if (c != ' ') digits += c;
  }
  return absl::HexStringToBytes(digits);
}

Frame Parsed(const std::string& bytes, FrameBody body) {
  Frame frame;
  EXPECT_EQ(ParseFrame(bytes, body, frame), FrameFault::kNone);
  return frame;
}

FrameFault FaultIn(const std::string& bytes, FrameBody body = FrameBody::kProtobuf) {
  Frame frame;
  return ParseFrame(bytes, body, frame);
}

std::string Prefix(const Frame& frame, FrameBody body) {
  std::array<char, kFramePrefixBytesMax> out;
  return std::string(out.data(), WriteFramePrefix(frame, body, absl::MakeSpan(out)));
}

TEST(Frame, OfVersion0HasAnId) {
  const std::string bytes = Bytes("00 00 01 e2 40") + "{\"a\":1}";
  const Frame frame = Parsed(bytes, FrameBody::kPlain);
  EXPECT_EQ(frame.version, FrameVersion::kId);
  EXPECT_EQ(frame.schema_id, 123456u);
  EXPECT_EQ(frame.payload, "{\"a\":1}");
  EXPECT_THAT(frame.indexes(), IsEmpty());
  EXPECT_EQ(frame.payload.data(), bytes.data() + 5);
}

TEST(Frame, OfVersion1HasAGuid) {
  const std::string guid = Bytes("89 79 11 16 26 39 45 92 a9 9a 81 50 83 18 24 46");
  const std::string bytes = "\x01" + guid + "x";
  const Frame frame = Parsed(bytes, FrameBody::kPlain);
  EXPECT_EQ(frame.version, FrameVersion::kGuid);
  EXPECT_EQ(std::string(frame.guid.data(), frame.guid.size()), guid);
  EXPECT_EQ(frame.payload, "x");
}

TEST(Frame, OfProtobufSelectsAMessage) {
  const auto indexes = [](absl::string_view hex) {
    const Frame frame = Parsed(Bytes("00 00 00 00 07") + Bytes(hex), FrameBody::kProtobuf);
    return std::vector<int32_t>(frame.indexes().begin(), frame.indexes().end());
  };
  EXPECT_THAT(indexes("00"), ElementsAre(0));
  EXPECT_THAT(indexes("02 00"), ElementsAre(0));
  EXPECT_THAT(indexes("02 02"), ElementsAre(1));
  EXPECT_THAT(indexes("04 02 00"), ElementsAre(1, 0));
  EXPECT_THAT(indexes("06 80 01 fe ff ff ff 0f 02"), ElementsAre(64, INT32_MAX, 1));
}

TEST(Frame, MayHaveAnEmptyPayload) {
  EXPECT_EQ(Parsed(Bytes("00 00 00 00 07"), FrameBody::kPlain).payload, "");
  EXPECT_EQ(Parsed(Bytes("00 00 00 00 07 00"), FrameBody::kProtobuf).payload, "");
}

TEST(Frame, OfAnotherKindIsRefused) {
  EXPECT_EQ(FaultIn(""), FrameFault::kEmpty);
  for (int version = 2; version < 256; ++version) {
    EXPECT_EQ(FaultIn(std::string(40, static_cast<char>(version))), FrameFault::kUnknownVersion);
  }
}

TEST(Frame, WithBadIndexesIsRefused) {
  const auto fault = [](absl::string_view hex) {
    return FaultIn(Bytes("00 00 00 00 07") + Bytes(hex));
  };
  EXPECT_EQ(fault("01"), FrameFault::kMalformedIndexes);  // -1 of them
  EXPECT_EQ(fault("02 01"), FrameFault::kMalformedIndexes);
  EXPECT_EQ(fault("02 ff ff ff ff 1f"), FrameFault::kMalformedIndexes);
  EXPECT_EQ(fault("02 80 80 80 80 80 00"), FrameFault::kMalformedIndexes);
  EXPECT_EQ(fault("42"), FrameFault::kTooManyIndexes);
  EXPECT_EQ(fault("fe ff ff ff 0f"), FrameFault::kTooManyIndexes);
}

TEST(Frame, ThatIsCutAnywhereIsRefused) {
  const struct {
    std::string prefix;
    size_t schema;  // bytes with the version
  } kCases[] = {{Bytes("00 00 00 00 07 08 02 80 01 00 fe ff ff ff 0f"), 5},
                {"\x01" + std::string(16, 'g') + Bytes("04 02 80 01"), 17}};
  for (const auto& c : kCases) {
    EXPECT_EQ(FaultIn(c.prefix), FrameFault::kNone);
    for (size_t size = 0; size < c.prefix.size(); ++size) {
      // A copy of its own, so that a sanitizer sees a byte read beyond it.
      const std::vector<char> cut(c.prefix.begin(), c.prefix.begin() + static_cast<long>(size));
      Frame frame;
      const FrameFault fault =
          ParseFrame(absl::string_view(cut.data(), cut.size()), FrameBody::kProtobuf, frame);
      EXPECT_EQ(fault, size == 0         ? FrameFault::kEmpty
                       : size < c.schema ? FrameFault::kCutInSchema
                                         : FrameFault::kCutInIndexes)
          << size;
    }
  }
}

TEST(Frame, IsWrittenAsItWasRead) {
  for (const char* hex :
       {"00 00 01 e2 40 00", "00 ff ff ff ff 04 02 00", "00 00 00 00 01 06 80 01 fe ff ff ff 0f 02",
        "01 89 79 11 16 26 39 45 92 a9 9a 81 50 83 18 24 46 02 02"}) {
    const std::string bytes = Bytes(hex);
    EXPECT_EQ(Prefix(Parsed(bytes, FrameBody::kProtobuf), FrameBody::kProtobuf), bytes) << hex;
  }
  const std::string plain = Bytes("00 00 00 00 07");
  EXPECT_EQ(Prefix(Parsed(plain, FrameBody::kPlain), FrameBody::kPlain), plain);
}

TEST(Frame, OfTheFirstMessageIsWrittenShort) {
  Frame frame;
  frame.schema_id = 7;
  EXPECT_EQ(Prefix(frame, FrameBody::kProtobuf), Bytes("00 00 00 00 07 00"));
  frame.index_count = 1;
  EXPECT_EQ(Prefix(frame, FrameBody::kProtobuf), Bytes("00 00 00 00 07 00"));
}

TEST(Frame, IsNotWrittenWhereItDoesNotFit) {
  Frame frame;
  frame.version = FrameVersion::kGuid;
  frame.index.fill(INT32_MAX);
  frame.index_count = Frame::kIndexesMax;
  EXPECT_EQ(Prefix(frame, FrameBody::kProtobuf).size(), 1u + 16 + 1 + 5 * 32);
  for (size_t size = 0; size < 1 + 16 + 1 + 5 * 32; ++size) {
    std::vector<char> out(size);
    EXPECT_EQ(WriteFramePrefix(frame, FrameBody::kProtobuf, absl::MakeSpan(out)), 0u);
  }
  frame.index[1] = -1;
  EXPECT_EQ(Prefix(frame, FrameBody::kProtobuf), "");
}

TEST(Frame, OfAnyBytesIsReadOrRefused) {
  std::mt19937 random(7);
  for (int i = 0; i < 100'000; ++i) {
    std::vector<char> bytes(random() % 40);
    for (char& byte : bytes) byte = static_cast<char>(random() % 8 == 0 ? random() : random() % 5);
    Frame frame;
    const absl::string_view text(bytes.data(), bytes.size());
    if (ParseFrame(text, FrameBody::kProtobuf, frame) != FrameFault::kNone) continue;
    const std::string again = Prefix(frame, FrameBody::kProtobuf) + std::string(frame.payload);
    Frame reread;
    ASSERT_EQ(ParseFrame(again, FrameBody::kProtobuf, reread), FrameFault::kNone);
    EXPECT_EQ(reread.payload, frame.payload);
    EXPECT_EQ(reread.indexes(), frame.indexes());
  }
}

TEST(FrameFaults, HaveAText) {
  for (int fault = 0; fault <= static_cast<int>(FrameFault::kTooManyIndexes); ++fault) {
    EXPECT_NE(FrameFaultText(static_cast<FrameFault>(fault)), "");
  }
}

}  // namespace
}  // namespace nexus::schema

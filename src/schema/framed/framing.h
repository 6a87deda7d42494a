#pragma once

// The frame that Confluent's serializers put before a payload, to name its schema:
//
//   version 0   0x00, schema id (4 bytes, big-endian), [message indexes], payload
//   version 1   0x01, schema GUID (16 bytes),          [message indexes], payload
//
// Message indexes belong to Protobuf alone: their count and each of them as a zigzag varint. The
// one index 0, the first message of the file, is the count 0 alone. Nothing here allocates.

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace nexus::schema {

enum class FrameVersion : uint8_t { kId = 0, kGuid = 1 };

// Whether message indexes stand between the schema and the payload.
enum class FrameBody { kPlain, kProtobuf };

struct Frame {
  // As deep as messages may nest in a definition.
  static constexpr size_t kIndexesMax = 32;

  FrameVersion version = FrameVersion::kId;
  uint32_t schema_id = 0;          // of kId
  std::array<char, 16> guid = {};  // of kGuid
  std::array<int32_t, kIndexesMax> index = {};
  size_t index_count = 0;     // 0 for kPlain; at least 1 for a parsed kProtobuf
  absl::string_view payload;  // borrowed from what was parsed

  absl::Span<const int32_t> indexes() const { return {index.data(), index_count}; }
};

enum class FrameFault {
  kNone,
  kEmpty,
  kUnknownVersion,
  kCutInSchema,  // fewer bytes than an id or a GUID has
  kCutInIndexes,
  kMalformedIndexes,  // a varint of more than 32 bits, a negative number
  kTooManyIndexes,
};

// One sentence. Static.
absl::string_view FrameFaultText(FrameFault fault);

// `frame` is whole if there is no fault. What version 0 holds as an id may be no schema's.
FrameFault ParseFrame(absl::string_view bytes, FrameBody body, Frame& frame);

// The most bytes that come before a payload.
inline constexpr size_t kFramePrefixBytesMax = 1 + 16 + 5 * (1 + Frame::kIndexesMax);

// Writes all but the payload to the beginning of `out`; how many bytes that are, or 0 if `out` is
// too small or an index is negative. No index means the first message.
size_t WriteFramePrefix(const Frame& frame, FrameBody body, absl::Span<char> out);

}  // namespace nexus::schema

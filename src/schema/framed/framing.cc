#include "schema/framed/framing.h"

#include <algorithm>

namespace nexus::schema {
namespace {

constexpr size_t kIdBytes = 4;

enum class VarintFault { kNone, kCut, kMalformed };

// A zigzag varint that is not negative, taken from the beginning of `bytes`.
VarintFault TakeIndex(absl::string_view& bytes, int32_t& index) {
  uint64_t value = 0;
  for (size_t at = 0; at < 5; ++at) {
    if (at == bytes.size()) return VarintFault::kCut;
    const auto byte = static_cast<uint8_t>(bytes[at]);
    value |= static_cast<uint64_t>(byte & 0x7F) << (7 * at);
    if (byte >= 0x80) continue;
    // An odd number is a negative one.
    if (value > UINT32_MAX || (value & 1) != 0) return VarintFault::kMalformed;
    index = static_cast<int32_t>(value >> 1);
    bytes.remove_prefix(at + 1);
    return VarintFault::kNone;
  }
  return VarintFault::kMalformed;
}

FrameFault FaultOf(VarintFault fault) {
  return fault == VarintFault::kCut ? FrameFault::kCutInIndexes : FrameFault::kMalformedIndexes;
}

FrameFault TakeIndexes(absl::string_view& bytes, Frame& frame) {
  int32_t count = 0;
  VarintFault fault = TakeIndex(bytes, count);
  if (fault != VarintFault::kNone) return FaultOf(fault);
  if (static_cast<size_t>(count) > Frame::kIndexesMax) return FrameFault::kTooManyIndexes;
  frame.index_count = std::max<size_t>(1, static_cast<size_t>(count));
  frame.index[0] = 0;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    fault = TakeIndex(bytes, frame.index[i]);
    if (fault != VarintFault::kNone) return FaultOf(fault);
  }
  return FrameFault::kNone;
}

// Bytes written one after another while there is room.
class PrefixWriter {
 public:
  explicit PrefixWriter(absl::Span<char> out) : out_(out) {}

  void Byte(uint8_t byte) {
    if (size_ < out_.size()) out_[size_] = static_cast<char>(byte);
    ++size_;
  }
  void Index(uint32_t value) {
    uint64_t rest = static_cast<uint64_t>(value) << 1;  // zigzag of what is not negative
    for (; rest > 0x7F; rest >>= 7) Byte(static_cast<uint8_t>(rest | 0x80));
    Byte(static_cast<uint8_t>(rest));
  }
  size_t Written() const { return size_ <= out_.size() ? size_ : 0; }

 private:
  const absl::Span<char> out_;
  size_t size_ = 0;
};

}  // namespace

absl::string_view FrameFaultText(FrameFault fault) {
  switch (fault) {
    case FrameFault::kNone:
      return "the frame is whole";
    case FrameFault::kEmpty:
      return "there is no frame: the data is empty";
    case FrameFault::kUnknownVersion:
      return "the first byte of the frame is neither 0 nor 1";
    case FrameFault::kCutInSchema:
      return "the frame ends inside the id of its schema";
    case FrameFault::kCutInIndexes:
      return "the frame ends inside its message indexes";
    case FrameFault::kMalformedIndexes:
      return "the message indexes of the frame are malformed";
    case FrameFault::kTooManyIndexes:
      return "the frame has more message indexes than messages nest";
  }
  return "";
}

FrameFault ParseFrame(absl::string_view bytes, FrameBody body, Frame& frame) {
  frame = Frame();
  if (bytes.empty()) return FrameFault::kEmpty;
  const auto version = static_cast<uint8_t>(bytes[0]);
  if (version > 1) return FrameFault::kUnknownVersion;
  frame.version = static_cast<FrameVersion>(version);
  bytes.remove_prefix(1);
  const size_t size = frame.version == FrameVersion::kId ? kIdBytes : frame.guid.size();
  if (bytes.size() < size) return FrameFault::kCutInSchema;
  if (frame.version == FrameVersion::kId) {
    for (size_t i = 0; i < kIdBytes; ++i) {
      frame.schema_id = frame.schema_id << 8 | static_cast<uint8_t>(bytes[i]);
    }
  } else {
    std::copy_n(bytes.begin(), frame.guid.size(), frame.guid.begin());
  }
  bytes.remove_prefix(size);
  if (body == FrameBody::kProtobuf) {
    const FrameFault fault = TakeIndexes(bytes, frame);
    if (fault != FrameFault::kNone) return fault;
  }
  frame.payload = bytes;
  return FrameFault::kNone;
}

size_t WriteFramePrefix(const Frame& frame, FrameBody body, absl::Span<char> out) {
  PrefixWriter writer(out);
  writer.Byte(static_cast<uint8_t>(frame.version));
  if (frame.version == FrameVersion::kId) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      writer.Byte(static_cast<uint8_t>(frame.schema_id >> shift));
    }
  } else {
    for (const char byte : frame.guid) writer.Byte(static_cast<uint8_t>(byte));
  }
  if (body == FrameBody::kPlain) return writer.Written();
  const absl::Span<const int32_t> indexes = frame.indexes();
  if (indexes.empty() || (indexes.size() == 1 && indexes[0] == 0)) {
    writer.Index(0);
    return writer.Written();
  }
  writer.Index(static_cast<uint32_t>(indexes.size()));
  for (const int32_t index : indexes) {
    if (index < 0) return 0;
    writer.Index(static_cast<uint32_t>(index));
  }
  return writer.Written();
}

}  // namespace nexus::schema

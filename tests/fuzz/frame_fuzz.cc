// Frames before a payload: what is read is written again as the same frame.

#include <array>
#include <string>

#include "fuzz/fuzz_input.h"
#include "schema/framed/framing.h"

namespace nexus::schema {
namespace {

using fuzz::Require;

void TryOnce(absl::string_view bytes, FrameBody body) {
  Frame frame;
  const FrameFault fault = ParseFrame(bytes, body, frame);
  Require(fault == FrameFault::kNone || !FrameFaultText(fault).empty(), "a fault has a text");
  if (fault != FrameFault::kNone) return;
  Require(frame.index_count <= Frame::kIndexesMax, "indexes are bounded");
  Require(frame.payload.size() <= bytes.size(), "the payload is a part of the bytes");
  std::array<char, kFramePrefixBytesMax> prefix;
  const size_t size = WriteFramePrefix(frame, body, absl::MakeSpan(prefix));
  Require(size > 0, "a frame can be written");
  const std::string written = std::string(prefix.data(), size) + std::string(frame.payload);
  Frame again;
  Require(ParseFrame(written, body, again) == FrameFault::kNone, "what was written can be read");
  Require(again.version == frame.version && again.schema_id == frame.schema_id &&
              again.guid == frame.guid && again.indexes() == frame.indexes() &&
              again.payload == frame.payload,
          "what was written is the same frame");
}

}  // namespace
}  // namespace nexus::schema

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [bytes] = nexus::fuzz::Split<1>(data, size);
  nexus::schema::TryOnce(bytes, nexus::schema::FrameBody::kPlain);
  nexus::schema::TryOnce(bytes, nexus::schema::FrameBody::kProtobuf);
  return 0;
}

#include "storage/rocksdb/scrub_state.h"

#include "nexus/core/errors.h"
#include "storage/rocksdb/byte_codec.h"
#include "storage/rocksdb/key_codec.h"

namespace nexus::storage {
namespace {

constexpr uint8_t kScrubRunning = 1;
constexpr uint8_t kScrubChainKnown = 2;

}  // namespace

std::string EncodeScrubState(const ScrubState& state) {
  std::string out;
  AppendU8(out, kFormat);
  AppendU8(out, static_cast<uint8_t>((state.running ? kScrubRunning : 0) |
                                     (state.walk.chain_known ? kScrubChainKnown : 0)));
  AppendU64(out, state.incarnation);
  AppendU64(out, state.walk.next.value);
  AppendU64(out, state.walk.chain);
  AppendU64(out, state.walk.errors);
  AppendU64(out, static_cast<uint64_t>(state.finished.micros));
  return out;
}

absl::StatusOr<ScrubState> DecodeScrubState(absl::string_view value) {
  ByteReader in(value);
  const uint8_t format = in.U8();
  const uint8_t flags = in.U8();
  ScrubState state;
  state.running = (flags & kScrubRunning) != 0;
  state.walk.chain_known = (flags & kScrubChainKnown) != 0;
  state.incarnation = in.U64();
  state.walk.next = Position(in.U64());
  state.walk.chain = in.U64();
  state.walk.errors = in.U64();
  state.finished = Timestamp{static_cast<int64_t>(in.U64())};
  if (!in.done() || format != kFormat || state.walk.next.value == 0) {
    return MakeError(ErrorReason::kDataLoss, "the scrubber's row is damaged");
  }
  return state;
}

}  // namespace nexus::storage

#include "storage/rocksdb/anchor_codec.h"

#include "storage/rocksdb/byte_codec.h"
#include "storage/rocksdb/crc32c.h"
#include "storage/rocksdb/key_codec.h"

namespace nexus::storage {
namespace {

constexpr absl::string_view kMagic = "nxanchor";
constexpr uint8_t kClean = 1;
constexpr size_t kFieldBytes = 8 + 2 + 5 * 8;

}  // namespace

std::string EncodeAnchorSlot(const Anchor& anchor) {
  std::string slot;
  slot.reserve(kAnchorSlotBytes);
  AppendBytes(slot, kMagic);
  AppendU8(slot, kFormat);
  AppendU8(slot, anchor.clean ? kClean : 0);
  AppendU64(slot, anchor.sequence);
  AppendU64(slot, anchor.incarnation);
  AppendU64(slot, anchor.head.value);
  AppendU64(slot, anchor.chain);
  AppendU64(slot, anchor.wal);
  AppendU32(slot, Crc32c(slot));
  slot.resize(kAnchorSlotBytes, '\0');
  return slot;
}

std::optional<Anchor> DecodeAnchorSlot(absl::string_view slot) {
  if (slot.size() != kAnchorSlotBytes) return std::nullopt;
  ByteReader in(slot);
  const absl::string_view magic = in.Bytes(kMagic.size());
  const uint8_t format = in.U8();
  const uint8_t flags = in.U8();
  Anchor anchor;
  anchor.sequence = in.U64();
  anchor.incarnation = in.U64();
  anchor.head = Position(in.U64());
  anchor.chain = in.U64();
  anchor.wal = in.U64();
  const uint32_t crc = in.U32();
  if (magic != kMagic || format != kFormat || flags > kClean) return std::nullopt;
  if (crc != Crc32c(slot.substr(0, kFieldBytes))) return std::nullopt;
  anchor.clean = flags == kClean;
  return anchor;
}

}  // namespace nexus::storage

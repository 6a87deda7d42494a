#include "storage/rocksdb/posting_block.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "storage/rocksdb/byte_codec.h"
#include "storage/rocksdb/key_codec.h"

namespace nexus::storage {
namespace {

constexpr uint8_t kTipFormat = 2;  // 1 had no commit

absl::Status DamagedIndex() {
  return MakeError(ErrorReason::kDataLoss, "a damaged row in the index: rebuild it");
}

}  // namespace

std::string EncodeIndexTip(const IndexTip& tip) {
  std::string out;
  AppendU8(out, kTipFormat);
  AppendU64(out, tip.indexed_to.value);
  AppendU64(out, tip.incarnation);
  AppendBytes(out, absl::string_view(reinterpret_cast<const char*>(tip.commit.bytes.data()),
                                     tip.commit.bytes.size()));
  return out;
}

absl::StatusOr<IndexTip> DecodeIndexTip(absl::string_view value) {
  ByteReader in(value);
  const uint8_t format = in.U8();
  IndexTip tip;
  tip.indexed_to = Position(in.U64());
  tip.incarnation = in.U64();
  const absl::string_view commit = in.Bytes(tip.commit.bytes.size());
  std::copy(commit.begin(), commit.end(), tip.commit.bytes.begin());
  if (!in.done() || format != kTipFormat) return DamagedIndex();
  return tip;
}

std::string PostingPrefix(IndexTerm::Kind kind, absl::string_view text) {
  std::string out;
  out.reserve(text.size() + 12);
  AppendU8(out, static_cast<uint8_t>(kind));
  AppendText(out, text);
  return out;
}

std::string PostingKey(absl::string_view prefix, Position first) {
  std::string out;
  out.reserve(prefix.size() + 8);
  AppendBytes(out, prefix);
  AppendU64(out, first.value);
  return out;
}

void PostingBlock::Append(Position position) {
  if (count == 0) {
    first = position;
  } else if (position == last) {
    return;
  } else {
    AppendVarint(deltas, position.value - last.value);
  }
  last = position;
  ++count;
}

absl::StatusOr<std::vector<Position>> DecodePostings(absl::string_view key,
                                                     absl::string_view value) {
  ByteReader at(key);
  uint64_t position = at.U64();
  if (!at.done() || position == 0) return DamagedIndex();
  std::vector<Position> positions = {Position(position)};
  ByteReader in(value);
  while (in.left() > 0) {
    const uint64_t delta = in.Varint();
    if (!in.ok() || delta == 0 || position + delta < position) return DamagedIndex();
    position += delta;
    positions.emplace_back(position);
  }
  return positions;
}

}  // namespace nexus::storage

#include "storage/rocksdb/egress_block.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "nexus/core/errors.h"
#include "storage/rocksdb/byte_codec.h"

namespace nexus::storage {
namespace {

constexpr uint8_t kBlockFormat = 1;

// Small numbers of either sign become small ones.
uint64_t ZigZag(int64_t n) {
  return (static_cast<uint64_t>(n) << 1) ^ static_cast<uint64_t>(n >> 63);
}
int64_t UnZigZag(uint64_t n) { return static_cast<int64_t>(n >> 1) ^ -static_cast<int64_t>(n & 1); }

// What the next row is likely to be near to.
struct Last {
  EgressRow row;
  absl::flat_hash_map<std::pair<uint32_t, int32_t>, int64_t> numbers;
};

void AppendRow(const EgressRow& row, Last& last, std::string& out) {
  int64_t& number = last.numbers[{row.place, row.partition}];
  AppendVarint(out, row.position.value - last.row.position.value);
  AppendVarint(out, row.place);
  AppendVarint(out, ZigZag(row.partition));
  AppendVarint(out, ZigZag(row.number - number));
  AppendVarint(out, ZigZag(row.delivered.micros - last.row.delivered.micros));
  AppendVarint(out, (static_cast<uint64_t>(row.score) << 1) | (row.critical ? 1 : 0));
  AppendVarint(out, row.rules);
  number = row.number;
  last.row = row;
}

EgressRow ReadRow(ByteReader& in, Last& last) {
  EgressRow row;
  row.position = Position(last.row.position.value + in.Varint());
  row.place = static_cast<uint32_t>(in.Varint());
  row.partition = static_cast<int32_t>(UnZigZag(in.Varint()));
  int64_t& number = last.numbers[{row.place, row.partition}];
  row.number = number + UnZigZag(in.Varint());
  row.delivered.micros = last.row.delivered.micros + UnZigZag(in.Varint());
  const uint64_t score = in.Varint();
  row.score = static_cast<uint32_t>(score >> 1);
  row.critical = (score & 1) != 0;
  row.rules = in.Varint();
  number = row.number;
  last.row = row;
  return row;
}

absl::Status DamagedBlock() {
  return MakeError(ErrorReason::kDataLoss, "a row of the egress ledger is damaged");
}

}  // namespace

std::string EncodeEgressBlock(absl::Span<const EgressRow> rows,
                              const std::vector<std::string>& places) {
  std::string out;
  AppendU8(out, kBlockFormat);
  AppendVarint(out, places.size());
  for (const std::string& place : places) AppendText(out, place);
  AppendVarint(out, rows.size());
  Last last;
  for (const EgressRow& row : rows) AppendRow(row, last, out);
  return out;
}

absl::StatusOr<EgressBatch> DecodeEgressBlock(absl::string_view value) {
  ByteReader in(value);
  EgressBatch batch;
  if (in.U8() != kBlockFormat) return DamagedBlock();
  const uint64_t places = in.Varint();
  for (uint64_t i = 0; i < places && in.ok(); ++i) batch.places.emplace_back(in.Text());
  const uint64_t rows = in.Varint();
  if (rows > kEgressRowsMax) return DamagedBlock();
  Last last;
  for (uint64_t i = 0; i < rows && in.ok(); ++i) {
    batch.rows.push_back(ReadRow(in, last));
    if (batch.rows.back().place >= batch.places.size()) return DamagedBlock();
  }
  if (!in.done()) return DamagedBlock();
  return batch;
}

std::string EgressPrefix(absl::string_view reader) {
  std::string key(reader);
  key += '\0';
  return key;
}

std::string EgressKey(absl::string_view reader, Position last, Timestamp delivered) {
  std::string key = EgressPrefix(reader);
  AppendU64(key, last.value);
  AppendU64(key, static_cast<uint64_t>(delivered.micros));
  return key;
}

}  // namespace nexus::storage

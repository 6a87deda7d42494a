#include "storage/rocksdb/key_codec.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "storage/rocksdb/byte_codec.h"

namespace nexus::storage {
namespace {

constexpr size_t kTenantBytes = 4;
constexpr size_t kTipBytesBeforeChain = 17;
constexpr size_t kTipBytes = 25;
constexpr size_t kStreamHeadBytesMax = 1 + 4 * 10 + 2 * 8 + 2 * 16;

absl::Status Damaged(absl::string_view what) {
  return MakeError(ErrorReason::kDataLoss, absl::StrCat("a damaged ", what, " in the log"));
}

}  // namespace

std::string EncodePosition(Position position) {
  std::string out;
  AppendU64(out, position.value);
  return out;
}

absl::StatusOr<Position> DecodePosition(absl::string_view bytes) {
  ByteReader in(bytes);
  const Position position(in.U64());
  if (!in.done() || position.value == 0) return Damaged("position");
  return position;
}

std::string EncodeStreamKey(uint32_t tenant, absl::string_view name) {
  std::string out;
  out.reserve(kTenantBytes + name.size());
  AppendU32(out, tenant);
  AppendBytes(out, name);
  return out;
}

absl::StatusOr<absl::string_view> DecodeStreamName(absl::string_view key) {
  if (key.size() <= kTenantBytes) return Damaged("stream key");
  return key.substr(kTenantBytes);
}

std::string EncodeStreamHead(const log::StreamHead& head) {
  std::string out;
  out.reserve(kStreamHeadBytesMax);
  AppendU8(out, kFormat);
  AppendVarint(out, head.last_revision.value);
  AppendVarint(out, head.first_position.value);
  AppendVarint(out, head.last_position.value);
  AppendU64(out, static_cast<uint64_t>(head.created.micros));
  AppendU64(out, static_cast<uint64_t>(head.updated.micros));
  const uint64_t unsorted = head.events() - head.sorted_count;
  AppendVarint(out, unsorted);
  AppendBytes(out, head.last_sorted_id.AsBytes());
  // Where every id ascends, the last is the greatest.
  if (unsorted > 0) AppendBytes(out, head.max_id.AsBytes());
  return out;
}

absl::StatusOr<log::StreamHead> DecodeStreamHead(absl::string_view value) {
  ByteReader in(value);
  const uint8_t format = in.U8();
  log::StreamHead head;
  head.last_revision = Revision(in.Varint());
  head.first_position = Position(in.Varint());
  head.last_position = Position(in.Varint());
  head.created = Timestamp{static_cast<int64_t>(in.U64())};
  head.updated = Timestamp{static_cast<int64_t>(in.U64())};
  const uint64_t unsorted = in.Varint();
  head.last_sorted_id = ReadId<EventId>(in);
  head.max_id = unsorted > 0 ? ReadId<EventId>(in) : head.last_sorted_id;
  // The first event is sorted whatever its id.
  if (!in.done() || format != kFormat || head.first_position.value == 0 ||
      head.last_position < head.first_position || unsorted > head.last_revision.value ||
      head.max_id < head.last_sorted_id) {
    return Damaged("stream row");
  }
  head.sorted_count = head.events() - unsorted;
  return head;
}

std::string EncodeStreamCommitKey(const StreamCommitKey& key) {
  std::string out;
  out.reserve(16);
  AppendU64(out, key.stream_number.value);
  AppendU64(out, key.first_revision.value);
  return out;
}

absl::StatusOr<StreamCommitKey> DecodeStreamCommitKey(absl::string_view key) {
  ByteReader in(key);
  StreamCommitKey decoded;
  decoded.stream_number = Position(in.U64());
  decoded.first_revision = Revision(in.U64());
  if (!in.done()) return Damaged("stream index key");
  return decoded;
}

std::string EncodeEventIdKey(Position stream_number, const EventId& id) {
  std::string out;
  out.reserve(24);
  AppendU64(out, stream_number.value);
  AppendBytes(out, id.AsBytes());
  return out;
}

std::string EncodeRevision(Revision revision) {
  std::string out;
  AppendVarint(out, revision.value);
  return out;
}

absl::StatusOr<Revision> DecodeRevision(absl::string_view value) {
  ByteReader in(value);
  const Revision revision(in.Varint());
  if (!in.done()) return Damaged("event id row");
  return revision;
}

std::string EncodeCommitIdKey(uint32_t tenant, const CommitId& id) {
  std::string out;
  out.reserve(kTenantBytes + id.bytes.size());
  AppendU32(out, tenant);
  AppendBytes(out, id.AsBytes());
  return out;
}

std::string EncodeMeta(const LogMeta& meta) {
  std::string out;
  AppendU8(out, meta.format);
  AppendU64(out, meta.incarnation);
  AppendU64(out, meta.governance_epoch);
  return out;
}

absl::StatusOr<LogMeta> DecodeMeta(absl::string_view value) {
  ByteReader in(value);
  LogMeta meta;
  meta.format = in.U8();
  if (in.ok() && meta.format != kFormat) {
    return MakeError(
        ErrorReason::kUnsupportedFormat,
        absl::StrCat("the log has format ", meta.format, ", this program reads format ", kFormat,
                     ": start the nexusd that wrote it"));
  }
  meta.incarnation = in.U64();
  meta.governance_epoch = in.U64();
  if (!in.done()) return Damaged("meta row");
  return meta;
}

std::string EncodeTip(const StoredTip& stored) {
  std::string out;
  out.reserve(kTipBytes);
  AppendU8(out, kFormat);
  AppendU64(out, stored.tip.head.value);
  AppendU64(out, static_cast<uint64_t>(stored.tip.last_recorded.micros));
  AppendU64(out, stored.chain);
  return out;
}

absl::StatusOr<StoredTip> DecodeTip(absl::string_view value) {
  if (value.size() == kTipBytesBeforeChain) {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     "the log was written by a build from before the first release, without a "
                     "chain and an anchor: start with an empty data folder");
  }
  ByteReader in(value);
  const uint8_t format = in.U8();
  StoredTip stored;
  stored.tip.head = Position(in.U64());
  stored.tip.last_recorded = Timestamp{static_cast<int64_t>(in.U64())};
  stored.chain = in.U64();
  if (!in.done() || format != kFormat) return Damaged("tip row");
  return stored;
}

std::string EncodeLoss(const AcceptedLoss& loss) {
  std::string out;
  AppendU8(out, kFormat);
  AppendU64(out, loss.incarnation);
  AppendU64(out, loss.before.value);
  AppendU64(out, loss.after.value);
  AppendU64(out, static_cast<uint64_t>(loss.accepted.micros));
  AppendText(out, loss.reason);
  return out;
}

absl::StatusOr<AcceptedLoss> DecodeLoss(absl::string_view value) {
  ByteReader in(value);
  const uint8_t format = in.U8();
  AcceptedLoss loss;
  loss.incarnation = in.U64();
  loss.before = Position(in.U64());
  loss.after = Position(in.U64());
  loss.accepted = Timestamp{static_cast<int64_t>(in.U64())};
  const absl::string_view reason = in.Text();
  loss.reason.assign(reason.data(), reason.size());
  if (!in.done() || format != kFormat) return Damaged("loss row");
  return loss;
}

}  // namespace nexus::storage

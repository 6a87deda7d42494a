#include "storage/rocksdb/snapshot_codec.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/byte_codec.h"
#include "storage/rocksdb/crc32c.h"

namespace nexus::storage {
namespace {

constexpr uint8_t kSnapshotFormat = 2;
constexpr size_t kTenantBytes = 4;
constexpr size_t kRevisionBytes = 8;

uint32_t SnapshotCrc(absl::string_view key, uint8_t format, absl::string_view body) {
  const char first = static_cast<char>(format);
  return ExtendCrc32c(ExtendCrc32c(Crc32c(key), {&first, 1}), body);
}

absl::Status DamagedSnapshot(absl::string_view what) {
  return MakeError(ErrorReason::kDataLoss, absl::StrCat("a snapshot is damaged: ", what));
}

}  // namespace

std::string EncodeSnapshotLog(uint64_t incarnation) {
  std::string out;
  AppendU8(out, kSnapshotFormat);
  AppendU64(out, incarnation);
  return out;
}

absl::StatusOr<uint64_t> DecodeSnapshotLog(absl::string_view value) {
  ByteReader in(value);
  const uint8_t format = in.U8();
  const uint64_t incarnation = in.U64();
  if (in.done() && format == kSnapshotFormat) return incarnation;
  return DamagedSnapshot("the row of the log");
}

std::string SnapshotTenantPrefix(uint32_t tenant) {
  std::string out;
  AppendU32(out, tenant);
  return out;
}

std::string SnapshotPrefix(uint32_t tenant, absl::string_view stream) {
  std::string out = SnapshotTenantPrefix(tenant);
  AppendBytes(out, stream);
  AppendU8(out, 0);
  return out;
}

std::string SnapshotKey(uint32_t tenant, absl::string_view stream, Revision revision) {
  std::string out = SnapshotPrefix(tenant, stream);
  AppendU64(out, revision.value);
  return out;
}

absl::StatusOr<SnapshotPlace> DecodeSnapshotKey(absl::string_view key) {
  if (key.size() < kTenantBytes + 1 + kRevisionBytes) return DamagedSnapshot("its key");
  const size_t end = key.size() - kRevisionBytes - 1;
  if (key[end] != '\0') return DamagedSnapshot("its key");
  ByteReader in(key.substr(end + 1));
  return SnapshotPlace{key.substr(kTenantBytes, end - kTenantBytes), Revision(in.U64())};
}

std::string EncodeSnapshot(absl::string_view key, const Snapshot& snapshot) {
  const SnapshotInfo& info = snapshot.info;
  std::string body;
  body.reserve(snapshot.state.size() + info.code_digest.size() + info.aggregate.size() + 64);
  AppendVarint(body, info.position.value);
  AppendBytes(body, info.event_id.AsBytes());
  AppendU64(body, static_cast<uint64_t>(info.recorded.micros));
  AppendU64(body, static_cast<uint64_t>(info.made.micros));
  AppendVarint(body, info.events);
  AppendVarint(body, info.state_schema);
  AppendText(body, info.aggregate);
  AppendText(body, info.code_digest);
  AppendVarint(body, info.other_types.size());
  for (const std::string& type : info.other_types) AppendText(body, type);
  AppendBytes(body, snapshot.state);
  std::string out;
  out.reserve(body.size() + 5);
  AppendU8(out, kSnapshotFormat);
  AppendU32(out, SnapshotCrc(key, kSnapshotFormat, body));
  AppendBytes(out, body);
  return out;
}

absl::StatusOr<Snapshot> DecodeSnapshot(absl::string_view key, absl::string_view value) {
  NEXUS_ASSIGN_OR_RETURN(const SnapshotPlace place, DecodeSnapshotKey(key));
  ByteReader in(value);
  const uint8_t format = in.U8();
  const uint32_t crc = in.U32();
  if (!in.ok()) return DamagedSnapshot("it is too short");
  if (format != kSnapshotFormat) {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     absl::StrCat("a snapshot has the format ", format));
  }
  if (crc != SnapshotCrc(key, format, in.rest())) return DamagedSnapshot("its crc does not hold");
  Snapshot snapshot;
  SnapshotInfo& info = snapshot.info;
  info.stream = std::string(place.stream);
  info.revision = place.revision;
  info.position = Position(in.Varint());
  info.event_id = ReadId<EventId>(in);
  info.recorded.micros = static_cast<int64_t>(in.U64());
  info.made.micros = static_cast<int64_t>(in.U64());
  info.events = in.Varint();
  info.state_schema = in.Varint();
  info.aggregate = std::string(in.Text());
  info.code_digest = std::string(in.Text());
  for (uint64_t left = in.Varint(); in.ok() && left > 0; --left) {
    info.other_types.emplace_back(in.Text());
  }
  if (!in.ok()) return DamagedSnapshot("it is too short");
  snapshot.state = std::string(in.rest());
  info.state_bytes = snapshot.state.size();
  return snapshot;
}

}  // namespace nexus::storage

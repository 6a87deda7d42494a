#pragma once

// Keys and small values of the log's column families (docs/storage-format.md). Pure.
//
// Encoders cannot fail. Decoders answer DATA_LOSS on anything that no encoder wrote.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "log/log_state.h"
#include "nexus/core/ids.h"
#include "nexus/core/position.h"

namespace nexus::storage {

inline constexpr uint8_t kFormat = 1;

// A key or value that is one position: commit keys, and what index rows point at.
std::string EncodePosition(Position position);
absl::StatusOr<Position> DecodePosition(absl::string_view bytes);

std::string EncodeStreamKey(uint32_t tenant, absl::string_view name);
// The name inside a stream key; DATA_LOSS if the key is too short.
absl::StatusOr<absl::string_view> DecodeStreamName(absl::string_view key);

std::string EncodeStreamHead(const log::StreamHead& head);
absl::StatusOr<log::StreamHead> DecodeStreamHead(absl::string_view value);

// Key of `stream_commits`. A stream's number is the position of its first event.
struct StreamCommitKey {
  Position stream_number;
  Revision first_revision;

  friend bool operator==(const StreamCommitKey&, const StreamCommitKey&) = default;
};
std::string EncodeStreamCommitKey(const StreamCommitKey& key);
absl::StatusOr<StreamCommitKey> DecodeStreamCommitKey(absl::string_view key);

// Key of `event_ids`, whose value is the event's revision.
std::string EncodeEventIdKey(Position stream_number, const EventId& id);
std::string EncodeRevision(Revision revision);
absl::StatusOr<Revision> DecodeRevision(absl::string_view value);

std::string EncodeCommitIdKey(uint32_t tenant, const CommitId& id);

// The row that describes the log as a whole.
inline constexpr absl::string_view kMetaKey = "meta";
struct LogMeta {
  uint8_t format = kFormat;
  uint64_t incarnation = 1;
  uint64_t governance_epoch = 0;

  friend bool operator==(const LogMeta&, const LogMeta&) = default;
};
std::string EncodeMeta(const LogMeta& meta);
// UNSUPPORTED_FORMAT if another program wrote it.
absl::StatusOr<LogMeta> DecodeMeta(absl::string_view value);

// The row that says where the log ends; written with every group.
inline constexpr absl::string_view kTipKey = "tip";
struct StoredTip {
  log::LogTip tip;
  uint64_t chain = 0;  // over all records (chain_digest.h)

  friend bool operator==(const StoredTip&, const StoredTip&) = default;
};
std::string EncodeTip(const StoredTip& stored);
// UNSUPPORTED_FORMAT if a build from before the chain wrote it.
absl::StatusOr<StoredTip> DecodeTip(absl::string_view value);

// The row that tells of the last loss that was accepted; absent if there was none.
inline constexpr absl::string_view kLossKey = "loss";
struct AcceptedLoss {
  uint64_t incarnation = 0;  // the one that it began
  Position before;           // where the log is known to have ended
  Position after;            // where it ends
  Timestamp accepted;
  std::string reason;  // what opening had refused with

  friend bool operator==(const AcceptedLoss&, const AcceptedLoss&) = default;
};
std::string EncodeLoss(const AcceptedLoss& loss);
absl::StatusOr<AcceptedLoss> DecodeLoss(absl::string_view value);

}  // namespace nexus::storage

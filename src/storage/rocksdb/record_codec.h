#pragma once

// A commit as bytes: the value in `commits` (docs/storage-format.md). Pure; thread-safe.
//
// A record is a placement (what ordering decided) and a proposal (what was proposed). The proposal
// is most of it and is encoded before ordering, off the ordering thread.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "log/log_state.h"
#include "nexus/core/commit.h"
#include "nexus/core/event.h"

namespace nexus::storage {

struct EncodedProposal {
  std::string bytes;
  uint32_t crc = 0;
};
EncodedProposal EncodeProposal(const Commit& commit);
// The whole commit again; of `bare` its streams and the number of its events are used.
absl::StatusOr<Commit> DecodeProposal(const Commit& bare, const EncodedProposal& proposal);

// The record's bytes up to the proposal; the record is these followed by `proposal.bytes`.
std::string EncodeRecordHead(const CommitReceipt& receipt, uint64_t incarnation,
                             const EncodedProposal& proposal);

struct RecordStreamView {
  absl::string_view name;
  ExpectedRevision expected;
  uint32_t events = 0;
  Revision first;  // revision of its first event here; meaningless where `events` is 0
};

// A parsed record; views point into the value it was parsed from.
struct RecordView {
  Position first;
  uint64_t events = 0;
  Timestamp recorded;
  uint64_t incarnation = 0;
  uint32_t tenant = 0;
  CommitId id;
  absl::string_view principal;
  absl::string_view decision_id;
  absl::string_view policy_revision;
  uint64_t governance_epoch = 0;
  absl::string_view method;
  absl::string_view request_digest;
  absl::string_view input_digest;
  absl::string_view outcomes;
  std::vector<RecordStreamView> streams;
  absl::string_view event_bytes;

  Position last() const { return Position(first.value + events - 1); }
};

// DATA_LOSS if a checksum fails, the bytes make no sense, or `key` is not where the record belongs;
// UNSUPPORTED_FORMAT if a newer program wrote it. Verifies both checksums; events are not decoded.
absl::StatusOr<RecordView> ParseRecord(Position key, absl::string_view value);

// Which events of a record: those of one stream by revision, or any by position. Inclusive.
struct EventSelection {
  std::optional<uint32_t> stream_index;
  uint64_t low = 0;
  uint64_t high = UINT64_MAX;
  bool without_lists = false;  // tags and metadata stay empty: nobody asked for them
};

// The selected events in order. DATA_LOSS if the bytes make no sense.
absl::StatusOr<std::vector<RecordedEvent>> DecodeEvents(const RecordView& record,
                                                        const EventSelection& selection);
// The same, behind what `out` holds already. After an error `out` holds what is not to be used.
absl::Status DecodeEvents(const RecordView& record, const EventSelection& selection,
                          std::vector<RecordedEvent>& out);

// The whole record, owning its bytes.
absl::StatusOr<log::StoredCommit> DecodeCommit(const RecordView& record);

// Index of `name` in the record's streams, or nothing.
std::optional<uint32_t> FindStreamIndex(const RecordView& record, absl::string_view name);

}  // namespace nexus::storage

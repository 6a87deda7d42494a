#include "storage/rocksdb/stored_state.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/record_codec.h"

namespace nexus::storage {

absl::StatusOr<std::optional<log::StreamHead>> StoredState::FindStream(uint32_t tenant,
                                                                       absl::string_view name) {
  const std::string key = EncodeStreamKey(tenant, name);
  if (std::optional<log::StreamHead> cached = heads_.Find(key)) return cached;
  NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                         database_.Get(database_.streams(), key));
  if (!row.has_value()) return std::optional<log::StreamHead>();
  NEXUS_ASSIGN_OR_RETURN(const log::StreamHead head, DecodeStreamHead(*row));
  heads_.Put(key, head);
  return std::optional<log::StreamHead>(head);
}

absl::StatusOr<std::optional<log::StoredCommit>> StoredState::FindCommit(uint32_t tenant,
                                                                         const CommitId& id) {
  return LoadCommit(database_, tenant, id);
}

absl::StatusOr<std::optional<log::StoredCommit>> LoadCommit(LogDatabase& database, uint32_t tenant,
                                                            const CommitId& id) {
  NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                         database.Get(database.commit_ids(), EncodeCommitIdKey(tenant, id)));
  if (!row.has_value()) return std::optional<log::StoredCommit>();
  NEXUS_ASSIGN_OR_RETURN(const Position position, DecodePosition(*row));
  NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                         database.Get(database.commits(), *row));
  if (!value.has_value()) {
    return MakeError(ErrorReason::kDataLoss,
                     absl::StrCat("commit ", id.ToString(), " is known but its record at position ",
                                  position.value, " is missing"));
  }
  NEXUS_ASSIGN_OR_RETURN(const RecordView record, ParseRecord(position, *value));
  if (record.id != id || record.tenant != tenant) {
    return MakeError(ErrorReason::kDataLoss,
                     absl::StrCat("commit ", id.ToString(), " points at position ", position.value,
                                  ", where another commit is"));
  }
  NEXUS_ASSIGN_OR_RETURN(log::StoredCommit stored, DecodeCommit(record));
  return std::optional<log::StoredCommit>(std::move(stored));
}

}  // namespace nexus::storage

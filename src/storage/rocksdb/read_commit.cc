#include "nexus/core/status_macros.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/log_reader.h"

namespace nexus::storage {

absl::StatusOr<std::optional<PositionRange>> LogReader::LocateCommit(Position head,
                                                                     const CommitId& id) {
  NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                         database_.Get(database_.commit_ids(), EncodeCommitIdKey(kTenant, id)));
  if (!row.has_value()) return std::optional<PositionRange>();
  NEXUS_ASSIGN_OR_RETURN(const Position first, DecodePosition(*row));
  // On disk a moment before the head is published.
  if (first > head) return std::optional<PositionRange>();
  NEXUS_ASSIGN_OR_RETURN(const LoadedRecord record, Load(first));
  return std::optional<PositionRange>({first, record.view.last()});
}

}  // namespace nexus::storage

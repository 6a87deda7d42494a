#include "storage/rocksdb/log_inspection.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::storage {
namespace {

template <typename... Parts>
absl::Status Refuse(const Parts&... parts) {
  return MakeError(ErrorReason::kDataLoss, absl::StrCat(parts...));
}

absl::Status DamagedWal(const WalScan& scan) {
  return Refuse("acknowledged data is damaged: write-ahead log ", scan.bad->file,
                " has a bad record at byte ", scan.bad->offset, ", and a later one at byte ",
                scan.evidence->offset, " of ", scan.evidence->file);
}

}  // namespace

absl::StatusOr<LogInspection> InspectLog(rocksdb::FileSystem& files, const std::string& anchor_path,
                                         const std::string& log_path) {
  LogInspection found;
  absl::StatusOr<AnchorSlots> anchor = AnchorFile::Read(files, anchor_path);
  if (anchor.ok()) {
    found.anchor = *std::move(anchor);
  } else {
    found.anchor_fault = anchor.status();
  }
  NEXUS_ASSIGN_OR_RETURN(found.files, ListLogFiles(files, log_path));
  NEXUS_ASSIGN_OR_RETURN(found.wals, ScanWals(files, log_path, found.files.wals));
  return found;
}

absl::Status CheckBeforeOpening(const LogInspection& inspection) {
  const std::optional<Anchor>& anchor = inspection.anchor.newest;
  const LogFiles& files = inspection.files;
  if (!inspection.anchor_fault.ok()) return inspection.anchor_fault;
  if (anchor.has_value() && files.empty()) {
    return Refuse("the log is gone: the folder 'log' is missing or empty, but position ",
                  anchor->head.value, " was reached");
  }
  if (!files.current && (anchor.has_value() || files.tables)) {
    return Refuse("the log is damaged: its file 'log/CURRENT' is missing");
  }
  if (anchor.has_value() && files.newest_wal() < anchor->wal) {
    return Refuse("acknowledged data is missing: write-ahead log ", anchor->wal,
                  " was the newest one, but the newest one in the folder is ", files.newest_wal());
  }
  if (inspection.wals.damaged()) return DamagedWal(inspection.wals);
  if (anchor.has_value() && anchor->clean && inspection.wals.torn()) {
    return Refuse("acknowledged data is damaged: the log was closed in order at position ",
                  anchor->head.value, ", but write-ahead log ", inspection.wals.bad->file,
                  " has a bad record at byte ", inspection.wals.bad->offset);
  }
  return absl::OkStatus();
}

absl::Status CheckAgainstAnchor(const LogInspection& inspection, const RecoveredLog& recovered) {
  const std::optional<Anchor>& anchor = inspection.anchor.newest;
  const uint64_t head = recovered.tip.head.value;
  if (!anchor.has_value()) {
    if (head == 0) return absl::OkStatus();
    return Refuse("the anchor file is missing, so nobody can tell whether the log is whole");
  }
  if (recovered.meta.incarnation != anchor->incarnation) {
    return Refuse("the log is of incarnation ", recovered.meta.incarnation,
                  ", its anchor of incarnation ", anchor->incarnation);
  }
  if (head < anchor->head.value) {
    return Refuse("acknowledged data is missing: position ", anchor->head.value,
                  " was reached, but the log ends at position ", head);
  }
  if (anchor->clean && head != anchor->head.value) {
    return Refuse("the log was closed in order at position ", anchor->head.value,
                  ", but ends at position ", head, ": log and anchor are of different times");
  }
  if (recovered.chain_at != anchor->chain) {
    return Refuse("the log up to position ", anchor->head.value,
                  " is not the one that its anchor vouches for");
  }
  return absl::OkStatus();
}

absl::StatusOr<RecoveredLog> ProbeLog(LogDatabaseOptions database, const RecoveryChecks& checks) {
  database.read_only = true;
  database.may_create = false;
  database.point_in_time = true;
  NEXUS_ASSIGN_OR_RETURN(const std::unique_ptr<LogDatabase> opened,
                         LogDatabase::Open(database, nullptr));
  RecoveryChecks without_begin = checks;
  without_begin.may_begin = false;
  return RecoverLog(*opened, without_begin);
}

}  // namespace nexus::storage

#include "storage/rocksdb/rocks_status.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::storage {
namespace {

ErrorReason ReasonOfRead(const rocksdb::Status& status) {
  if (status.IsNoSpace()) return ErrorReason::kDiskFull;
  if (status.IsCorruption() || status.IsIOError() || status.IsNotFound()) {
    return ErrorReason::kDataLoss;
  }
  if (status.IsBusy() || status.IsTryAgain() || status.IsTimedOut() || status.IsIncomplete() ||
      status.IsShutdownInProgress() || status.IsAborted()) {
    return ErrorReason::kNotReady;
  }
  return ErrorReason::kInternal;
}

}  // namespace

absl::Status ToStatus(const rocksdb::Status& status, absl::string_view doing) {
  if (status.ok()) return absl::OkStatus();
  return MakeError(ReasonOfRead(status), absl::StrCat(doing, ": ", status.ToString()));
}

absl::Status ToOpenStatus(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsNoSpace()) {
    return MakeError(
        ErrorReason::kDiskFull,
        absl::StrCat("opening the log: ", status.ToString(),
                     "; free space on this disk, or run nexusd doctor --free-ballast"));
  }
  // InvalidArgument is how a missing CURRENT file or column family is told.
  const ErrorReason reason =
      status.IsInvalidArgument() ? ErrorReason::kDataLoss : ReasonOfRead(status);
  return MakeError(reason, absl::StrCat("opening the log: ", status.ToString()));
}

absl::Status ToWriteStatus(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return MakeError(ErrorReason::kOutcomeUnknown,
                   absl::StrCat("the write to the log failed (", status.ToString(),
                                "): the commit may or may not be stored; send it again with the "
                                "same id"));
}

}  // namespace nexus::storage

#include "storage/rocksdb/closed_log.h"

#include <rocksdb/env.h>

#include <utility>

#include "nexus/core/status_macros.h"
#include "storage/rocksdb/log_inspection.h"

namespace nexus::storage {
namespace {

constexpr uint64_t kStepBytesOffline = 8 << 20;

absl::StatusOr<LogInspection> InspectClosed(const DataFolder& folder) {
  rocksdb::FileSystem& files = *rocksdb::Env::Default()->GetFileSystem();
  return InspectLog(files, folder.anchor_path(), folder.log_path());
}

// As a start would, after recovery.
absl::Status CheckRecovered(const LogInspection& found, LogDatabase& database) {
  RecoveryChecks checks;
  checks.may_begin = false;
  if (found.anchor.newest.has_value()) checks.chain_at = found.anchor.newest->head;
  NEXUS_ASSIGN_OR_RETURN(const RecoveredLog recovered, RecoverLog(database, checks));
  return CheckAgainstAnchor(found, recovered);
}

}  // namespace

ClosedLog::ClosedLog(std::unique_ptr<LogDatabase> database, absl::Status refusal)
    : refusal_(std::move(refusal)),
      database_(std::move(database)),
      walk_(*database_, AuditState(), kStepBytesOffline) {}

absl::StatusOr<std::unique_ptr<ClosedLog>> ClosedLog::Open(const DataFolder& folder) {
  NEXUS_ASSIGN_OR_RETURN(const LogInspection found, InspectClosed(folder));
  LogDatabaseOptions options;
  options.path = folder.log_path();
  options.may_create = false;
  options.read_only = true;
  // What stands before the first bad record is read all the same.
  options.point_in_time = found.wals.bad.has_value();
  NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<LogDatabase> database,
                         LogDatabase::Open(options, nullptr));
  absl::Status refusal = CheckBeforeOpening(found);
  if (refusal.ok()) refusal = CheckRecovered(found, *database);
  return std::unique_ptr<ClosedLog>(new ClosedLog(std::move(database), std::move(refusal)));
}

VerifyProgress ClosedLog::Advance() {
  VerifyProgress progress = walk_.Advance();
  if (!refusal_.ok()) {
    ++progress.errors;
    progress.findings.insert(progress.findings.begin(), std::string(refusal_.message()));
  }
  return progress;
}

absl::Status CheckClosedLog(const DataFolder& folder) {
  NEXUS_ASSIGN_OR_RETURN(const LogInspection found, InspectClosed(folder));
  return CheckBeforeOpening(found);
}

}  // namespace nexus::storage

#include "app/offline.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "app/exit_code.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/ballast.h"
#include "storage/rocksdb/closed_log.h"
#include "storage/rocksdb/data_folder.h"
#include "storage/rocksdb/disk_guard.h"

namespace nexus::app {
namespace {

absl::StatusOr<std::unique_ptr<storage::DataFolder>> Take(const std::string& path) {
  if (!storage::DataFolder::Exists(path)) {
    return MakeError(ErrorReason::kConfigurationInvalid,
                     absl::StrCat("'", path, "' is not a data folder: name it with --data"));
  }
  return storage::DataFolder::Open(path);
}

int Fail(const absl::Status& status, std::ostream& err) {
  err << "nexusd: " << std::string(status.message()) << "\n";
  return ExitCodeOf(status);
}

}  // namespace

int RunVerify(const std::string& data_folder, std::ostream& out, std::ostream& err) {
  const auto folder = Take(data_folder);
  if (!folder.ok()) return Fail(folder.status(), err);
  const auto log = storage::ClosedLog::Open(**folder);
  if (!log.ok()) return Fail(log.status(), err);
  VerifyProgress progress;
  int shown_percent = 0;
  while (!progress.done) {
    progress = (*log)->Advance();
    const uint64_t head = std::max<uint64_t>(1, progress.head.value);
    const int percent = static_cast<int>(progress.position.value * 100 / head);
    if (percent >= shown_percent + 10) {
      shown_percent = percent;
      err << "position " << progress.position.value << " of " << progress.head.value << "\n";
    }
  }
  for (const std::string& finding : progress.findings) out << finding << "\n";
  out << progress.position.value << " positions read, " << progress.errors << " errors\n";
  return progress.errors == 0 ? kExitOk : kExitDataDamaged;
}

int RunDoctor(const std::string& data_folder, bool free_ballast, std::ostream& out,
              std::ostream& err) {
  const auto folder = Take(data_folder);
  if (!folder.ok()) return Fail(folder.status(), err);
  storage::Ballast ballast((*folder)->ballast_path(), 0);
  if (free_ballast) {
    const auto freed = ballast.Free();
    if (!freed.ok()) return Fail(freed.status(), err);
    out << "ballast: freed " << *freed << " bytes\n";
  } else {
    out << "ballast: " << ballast.HeldBytes() << " bytes\n";
  }
  const auto space = storage::ProbeDiskSpace(data_folder);
  if (space.ok()) {
    out << "disk: " << space->free_bytes << " of " << space->total_bytes << " bytes free\n";
  }
  const absl::Status log = storage::CheckClosedLog(**folder);
  out << "log: "
      << (log.ok() ? "nothing is wrong at first sight; nexusd verify reads it all"
                   : std::string(log.message()))
      << "\n";
  return log.ok() ? kExitOk : ExitCodeOf(log);
}

}  // namespace nexus::app

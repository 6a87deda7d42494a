#include "storage/rocksdb/log_files.h"

#include <rocksdb/file_system.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/rocks_status.h"

namespace nexus::storage {

absl::StatusOr<LogFiles> ListLogFiles(rocksdb::FileSystem& files, const std::string& folder) {
  LogFiles found;
  std::vector<std::string> names;
  const rocksdb::IOStatus listed = files.GetChildren(folder, rocksdb::IOOptions(), &names, nullptr);
  if (listed.IsNotFound()) return found;
  NEXUS_RETURN_IF_ERROR(ToStatus(listed, "listing the log's folder"));
  for (const std::string& name : names) {
    absl::string_view stem = name;
    uint64_t number = 0;
    found.current = found.current || name == "CURRENT";
    found.tables = found.tables || absl::EndsWith(name, ".sst");
    if (absl::ConsumeSuffix(&stem, ".log") && absl::SimpleAtoi(stem, &number)) {
      found.wals.push_back(number);
    }
  }
  std::sort(found.wals.begin(), found.wals.end());
  return found;
}

std::string WalPath(const std::string& folder, uint64_t number) {
  return absl::StrFormat("%s/%06d.log", folder, number);
}

}  // namespace nexus::storage

#pragma once

// A log that no daemon has open, looked at without changing it.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nexus/port/log_verification.h"
#include "storage/rocksdb/data_folder.h"
#include "storage/rocksdb/log_audit.h"
#include "storage/rocksdb/log_database.h"

namespace nexus::storage {

class ClosedLog : public LogVerification {
 public:
  // `folder` must outlive it. What a start would refuse is a finding of the walk; DATA_LOSS only if
  // nothing can be read at all.
  static absl::StatusOr<std::unique_ptr<ClosedLog>> Open(const DataFolder& folder);

  VerifyProgress Advance() override;

 private:
  ClosedLog(std::unique_ptr<LogDatabase> database, absl::Status refusal);

  const absl::Status refusal_;  // of a start
  const std::unique_ptr<LogDatabase> database_;
  LogAudit walk_;
};

// OK, or why a start would refuse it before it opens the database.
absl::Status CheckClosedLog(const DataFolder& folder);

}  // namespace nexus::storage

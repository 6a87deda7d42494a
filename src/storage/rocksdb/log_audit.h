#pragma once

// The walk over the whole log: every record with its checksums, its place, its rows and the chain
// over all of them, then the rows that no record stands behind, then every table file.
//
// Can be stopped and resumed. Not thread-safe; goes on beside appends.

#include <rocksdb/db.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nexus/port/log_verification.h"
#include "storage/rocksdb/chain_digest.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/row_audit.h"
#include "storage/rocksdb/table_audit.h"

namespace nexus::storage {

// Where a walk stands.
struct AuditState {
  Position next = Position(1);
  uint64_t chain = kChainBegin;  // over everything before `next`
  bool chain_known = true;       // false behind what could not be read
  uint64_t errors = 0;

  friend bool operator==(const AuditState&, const AuditState&) = default;
};

class LogAudit : public LogVerification {
 public:
  static constexpr size_t kFindingsMax = 100;

  // `step_bytes` bounds what Advance() reads. `database` must outlive this.
  LogAudit(LogDatabase& database, const AuditState& from, uint64_t step_bytes)
      : database_(database),
        step_bytes_(step_bytes),
        state_(from),
        from_beginning_(from.next == Position(1)) {}

  VerifyProgress Advance() override;

  const AuditState& state() const { return state_; }

 private:
  class Step;

  void Found(std::string what);
  bool AdvanceRows();
  VerifyProgress Report() const;

  LogDatabase& database_;
  const uint64_t step_bytes_;
  AuditState state_;
  Position head_;
  std::vector<std::string> findings_;
  const bool from_beginning_;
  uint64_t commits_ = 0;  // that were read by this walk
  bool records_done_ = false;
  std::unique_ptr<RowAudit> rows_;
  bool rows_done_ = false;
  std::unique_ptr<TableAudit> tables_;
  bool done_ = false;
};

}  // namespace nexus::storage

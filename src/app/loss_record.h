#pragma once

// The audit event of a loss that an operator accepted: type `$data-loss-accepted` in the stream
// `$system`.

#include "absl/status/status.h"
#include "nexus/port/log_backend.h"
#include "storage/rocksdb/key_codec.h"

namespace nexus::app {

inline constexpr absl::string_view kSystemStream = "$system";
inline constexpr absl::string_view kLossType = "$data-loss-accepted";

// The commit that records `loss`: the same one each time it is asked for.
Commit LossCommit(const storage::AcceptedLoss& loss);

// Stores it, unless that was done before. Waits for the log.
absl::Status RecordAcceptedLoss(LogBackend& log, const storage::AcceptedLoss& loss);

}  // namespace nexus::app

#pragma once

// The record under an iterator over `commits`, as a read expects it.

#include <rocksdb/iterator.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/log_reader.h"
#include "storage/rocksdb/rocks_status.h"

namespace nexus::storage {

inline absl::Status MissingPosition(Position position) {
  return MakeError(ErrorReason::kDataLoss,
                   absl::StrCat("position ", position.value, " is missing from the log"));
}

// DATA_LOSS unless the iterator stands on a record that holds `wanted`.
inline absl::StatusOr<LoadedRecord> RecordHolding(const rocksdb::Iterator& it, Position wanted) {
  if (!it.Valid()) {
    NEXUS_RETURN_IF_ERROR(ToStatus(it.status(), "reading the log"));
    return MissingPosition(wanted);
  }
  NEXUS_ASSIGN_OR_RETURN(const Position key, DecodePosition(ToView(it.key())));
  LoadedRecord loaded;
  loaded.bytes = std::make_shared<const std::string>(it.value().data(), it.value().size());
  NEXUS_ASSIGN_OR_RETURN(loaded.view, ParseRecord(key, *loaded.bytes));
  if (wanted < loaded.view.first || wanted > loaded.view.last()) return MissingPosition(wanted);
  return loaded;
}

}  // namespace nexus::storage

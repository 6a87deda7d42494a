#pragma once

// How far each reader of the log has come. Derived data: it may lag after a power cut, and a lost
// checkpoint means delivering again, never losing.
//
// Thread-safe.

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/position.h"

namespace nexus {

class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;

  // Nothing if `reader` has never saved one.
  virtual absl::StatusOr<std::optional<Position>> Load(absl::string_view reader) = 0;

  // Everything up to and including `position` is done with.
  virtual absl::Status Save(absl::string_view reader, Position position) = 0;
};

}  // namespace nexus

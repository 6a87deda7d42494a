#pragma once

// Which worker had the last task of a stream, and which state of it that worker keeps. Of the
// streams used last; the others may go anywhere.
//
// Not thread-safe: of whoever owns it.

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "command/remote/worker_roster.h"
#include "nexus/core/position.h"

namespace nexus::command {

struct Placement {
  WorkerId worker = 0;                 // 0: nobody
  std::optional<Revision> state = {};  // nothing: it keeps none
  uint64_t domain_version = 0;         // under which the state was made
};

class Placements {
 public:
  explicit Placements(size_t streams_max) : streams_max_(streams_max) {}

  Placement Find(const std::string& stream) const;
  void Put(const std::string& stream, const Placement& placement);
  void Forget(const std::string& stream);
  size_t size() const { return by_stream_.size(); }

 private:
  using Entry = std::pair<std::string, Placement>;

  const size_t streams_max_;
  std::list<Entry> used_;  // the one used last in front
  absl::flat_hash_map<std::string, std::list<Entry>::iterator> by_stream_;
};

}  // namespace nexus::command

#pragma once

// Where each event that was delivered lies with its broker: topic, partition and offset, or the
// sequence of a stream. Derived data: it may lag after a power cut by what is delivered again then.
//
// Thread-safe.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/position.h"

namespace nexus {

// One delivery. What a broker does not tell is negative.
struct EgressRow {
  Position position;
  uint32_t place = 0;  // of EgressBatch::places
  int32_t partition = -1;
  int64_t number = -1;
  Timestamp delivered;
  bool critical = false;
  uint32_t score = 0;  // in ten-thousandths
  uint64_t rules = 0;  // version of the classification

  friend bool operator==(const EgressRow&, const EgressRow&) = default;
};

struct EgressBatch {
  std::vector<std::string> places;
  std::vector<EgressRow> rows;  // in any order

  // `row.place` is set here.
  void Add(absl::string_view place, EgressRow row) {
    size_t i = places.size();
    while (i > 0 && places[i - 1] != place) --i;  // mostly the last
    if (i == 0) {
      places.emplace_back(place);
      i = places.size();
    }
    row.place = static_cast<uint32_t>(i - 1);
    rows.push_back(row);
  }
};

// A delivery as it is found again.
struct Egress {
  std::string reader;  // as in CheckpointStore
  std::string place;
  EgressRow row;
};

class EgressLedger {
 public:
  virtual ~EgressLedger() = default;

  // All or nothing: the deliveries of `batch`, and that everything up to `checkpoint` is done with.
  virtual absl::Status Save(absl::string_view reader, Position checkpoint,
                            const EgressBatch& batch) = 0;

  // Every delivery of the event at `position` that is kept, by reader and time.
  virtual absl::StatusOr<std::vector<Egress>> Find(Position position) = 0;

  // Every delivery that is kept of `reader`, and of those whose name has '#' behind that (what it
  // delivered again), from `from` to `to`, both included. In no particular order.
  using Visit = absl::FunctionRef<void(absl::string_view place, const EgressRow& row)>;
  virtual absl::Status Scan(absl::string_view reader, Position from, Position to, Visit visit) = 0;

  // How many positions below a reader's checkpoint are kept.
  virtual uint64_t positions_kept() const = 0;
};

}  // namespace nexus

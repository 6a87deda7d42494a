#pragma once

// The books of a delivery: accepted = delivered + dead-lettered + pending, whatever happened, and
// each stream in order when its events came first. Pure; not thread-safe.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"

namespace nexus::fault {

struct LoggedEvent {
  uint64_t position = 0;
  std::string stream;
  uint64_t revision = 0;
  std::string id;
  bool poison = false;  // the broker does not take it: it is to become a dead letter
};

// What a consumer got. `lane`: a partition or queue, which has an order of its own.
struct Arrival {
  int lane = 0;
  uint64_t position = 0;
  std::string id;
};

struct BookTotals {
  uint64_t accepted = 0;
  uint64_t delivered = 0;
  uint64_t dead_lettered = 0;
  uint64_t pending = 0;
  uint64_t duplicates = 0;

  double DuplicateRate() const {
    return delivered == 0 ? 0 : static_cast<double>(duplicates) / static_cast<double>(delivered);
  }
};

class Conservation {
 public:
  // More repetitions than `duplicate_rate_max` for each delivery are a storm, not an accident.
  explicit Conservation(double duplicate_rate_max) : duplicate_rate_max_(duplicate_rate_max) {}

  // An event of the log that the route matches, in the order of the log.
  void Accept(const LoggedEvent& event);
  // An event that the server said it had stored.
  void Acknowledge(const std::string& id) { acknowledged_.push_back(id); }
  // In the order of the lane.
  void Arrive(const Arrival& arrival);
  // A dead letter of the route.
  void DeadLetter(uint64_t position);
  // What the route says of itself: it is done with everything up to `checkpoint`.
  void Reach(uint64_t checkpoint, uint64_t head);
  // It was killed: what it had not saved it does not know.
  void Restarted() { told_ = 0; }

  // OK, or what is wrong, a line each and a few of each kind. What was told before stays told.
  // `drained`: nothing may be pending any more.
  absl::Status Check(bool drained) const;
  BookTotals totals() const;

 private:
  struct Entry {
    LoggedEvent event;
    uint64_t copies = 0;
    bool letter = false;

    bool done() const { return copies > 0 || letter; }
  };
  struct Stream {
    int lane = 0;
    uint64_t latest = 0;
  };

  void Fault(const std::string& kind, const std::string& text);

  const double duplicate_rate_max_;
  std::map<uint64_t, Entry> events_;  // by position
  absl::flat_hash_map<std::string, Stream> streams_;
  std::set<std::string> ids_;
  std::vector<std::string> acknowledged_;
  std::map<std::string, std::vector<std::string>> faults_;  // found while it was told
  uint64_t checkpoint_ = 0;                                 // the highest
  uint64_t told_ = 0;                                       // the last
  uint64_t duplicates_ = 0;
};

}  // namespace nexus::fault

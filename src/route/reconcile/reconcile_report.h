#pragma once

// What a comparison of a broker with the log found.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "nexus/core/position.h"

namespace nexus::route {

enum class FindingKind {
  kMissing,    // delivered, as far as the server knows, and not there
  kReordered,  // came first after a later event of its stream
  kMoved,      // the ledger has it at a place where the broker has something else
  kForeign,    // bears no event of this log
  kDuplicate,  // there more than once, which consumers have to expect
};
inline constexpr size_t kFindingKinds = 5;

// "missing" and so on.
absl::string_view FindingName(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::kMissing;
  Position position;  // 0: of no event
  std::string text;
};

struct ReconcileReport {
  // Events of the log that the route matches, and what became of them.
  uint64_t events = 0;
  uint64_t found = 0;
  uint64_t pending = 0;    // behind the checkpoint
  uint64_t held_back = 0;  // a dead letter, or waits behind one
  uint64_t given_up = 0;   // a dead letter that is closed
  // Not there, and nobody can say whether they should be.
  uint64_t expired = 0;    // the broker has removed what was there
  uint64_t elsewhere = 0;  // delivered to another place, before the route was changed
  uint64_t unknown = 0;    // older than the ledger, or than what the route is now
  // First deliveries whose order nobody can tell: their stream lies in several partitions, or they
  // were dead letters.
  uint64_t order_unknown = 0;

  // Records of the broker.
  uint64_t records = 0;
  uint64_t outside = 0;           // events of the log that the range leaves out
  uint64_t unmatched = 0;         // events of the log that the route does not match
  uint64_t duplicates_known = 0;  // of the duplicates: those that the ledger has too

  std::array<uint64_t, kFindingKinds> counts = {};
  std::vector<Finding> examples;  // the first of each kind

  uint64_t count(FindingKind kind) const { return counts[static_cast<size_t>(kind)]; }
  // Without the duplicates.
  uint64_t faults() const {
    uint64_t sum = 0;
    for (const uint64_t one : counts) sum += one;
    return sum - count(FindingKind::kDuplicate);
  }
};

}  // namespace nexus::route

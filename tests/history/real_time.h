#pragma once

// What real time says about the head of the log at a tick.

#include <cstdint>
#include <string>
#include <vector>

#include "history/history.h"
#include "history/steps.h"

namespace nexus::history {

// At tick `at` it was certain that the head was at least, or at most, `head`. One of the others
// tells why; `who` may be null.
struct Fact {
  Tick at = 0;
  uint64_t head = 0;
  const AppendCall* append = nullptr;
  const ReadCall* read = nullptr;
  const Session* session = nullptr;

  std::string Name() const;
};

class RealTime {
 public:
  explicit RealTime(Steps& steps) : steps_(steps) {}

  // From `fact.at` on the head is `fact.head` or higher: somebody was told so.
  void AddFloor(const Fact& fact) { floors_.push_back(fact); }
  // Before `fact.at` the head is `fact.head` or lower: what stands behind it was not called yet.
  void AddCeiling(const Fact& fact) { ceilings_.push_back(fact); }
  // After the last fact, before the first question.
  void Seal();

  // The highest floor that was told before `tick`; null if there is none.
  const Fact* FloorBefore(Tick tick) const;
  // The lowest ceiling of what was called after `tick`; null if there is none.
  const Fact* CeilingAfter(Tick tick) const;

 private:
  Steps& steps_;
  std::vector<Fact> floors_;
  std::vector<Fact> ceilings_;
  std::vector<size_t> highest_;  // among the floors up to here
  std::vector<size_t> lowest_;   // among the ceilings from here on
};

}  // namespace nexus::history

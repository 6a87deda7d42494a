#pragma once

// Whether one order of commits explains everything that the clients of a log were told.
//
// Each accepted append says where it stands, so the order is known, and the check costs n log n.
// With "the head" for the last position that is durable at a moment, and every call taking effect
// at one moment between its invocation and its return:
//   a  positions and revisions are gapless and disjoint, commits whole, times never run backwards
//   b  a commit that was answered before another was called stands before it
//   c  what an accepted commit expected, and its append conditions, held at its place
//   d  what a refusal says was true at one moment of the call: all that it lists, and nothing else
//   e  a commit is there once or not at all, not before its call; nothing refused, nothing unsent
//   f  reads and subscriptions show the log as it was: no gap, repetition, disorder, past or future
//   g  nothing that a client was told or shown is gone or different
// Unknown outcomes are resolved by the log as it was read in the end.

#include <cstdint>
#include <string>
#include <vector>

#include "history/history.h"

namespace nexus::history {

struct Finding {
  char rule = ' ';   // 'a' to 'g'
  std::string text;  // names the operations
};

struct Judgement {
  std::vector<Finding> findings = {};
  uint64_t steps = 0;  // comparisons and elements looked at

  // One line a finding, the first `max` of them; empty if there is none.
  std::string ToString(size_t max = 10) const;
};

Judgement Check(const History& history);

}  // namespace nexus::history

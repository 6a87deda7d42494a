#pragma once

// The parts of the check, in the order in which they run.

#include <string>
#include <vector>

#include "history/check.h"
#include "history/final_log.h"
#include "history/history.h"
#include "history/real_time.h"
#include "history/steps.h"

namespace nexus::history {

struct CheckState {
  explicit CheckState(const History& h) : history(h), log(h.log, steps), time(steps) {}

  void Found(char rule, std::string text) { findings.push_back({rule, std::move(text)}); }

  const History& history;
  Steps steps;
  FinalLog log;
  RealTime time;
  std::vector<Finding> findings;
};

// Joins calls and commits: who stored what, when; rules (a) of receipts, (e), and (g) of appends.
void ResolveCommits(CheckState& state);
// Makes the facts of real time; after ResolveCommits().
void CollectFacts(CheckState& state);
// Rules (b) and (c).
void CheckAccepted(CheckState& state);
// Rule (d).
void CheckRefusals(CheckState& state);
// Rules (f) and (g).
void CheckReads(CheckState& state);
void CheckSessions(CheckState& state);

// Whether `seen` is what the log has there; else a finding of rule (g), or (f) with `who` naming
// it.
bool IsInLog(CheckState& state, const SeenEvent& seen, const std::string& stream,
             const std::string& who);

}  // namespace nexus::history

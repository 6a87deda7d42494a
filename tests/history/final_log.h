#pragma once

// The log as it was read in the end, with what the checker asks it.

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "history/check.h"
#include "history/history.h"
#include "history/steps.h"

namespace nexus::history {

inline constexpr Tick kNeverReturned = std::numeric_limits<Tick>::max();

// A commit that is in the log, and who put it there.
struct LoggedCommit {
  CommitId id = {};
  uint64_t first = 0;
  uint64_t last = 0;
  const AppendCall* call = nullptr;  // null: the server itself
  // It took effect between these.
  Tick invoked = 0;
  Tick returned = kNeverReturned;
};

class FinalLog {
 public:
  FinalLog(const std::vector<LoggedEvent>& events, Steps& steps);

  // Rule (a); nothing else may be asked while there is a finding.
  std::vector<Finding> Check();

  uint64_t head() const { return events_.size(); }
  const LoggedEvent& at(uint64_t position) const { return events_[position - 1]; }

  std::vector<LoggedCommit>& commits() { return commits_; }
  LoggedCommit* Find(const CommitId& id);
  // The commit that holds `position`.
  const LoggedCommit& CommitAt(uint64_t position) const;
  // Whether commits end at a head of at least `low` and at most `high`.
  bool HasBoundary(uint64_t low, uint64_t high);

  // Positions of the stream's events by revision; null if it has none.
  const std::vector<uint64_t>* Stream(const std::string& name) const;
  // The stream's number of events while the head was `head`.
  uint64_t EventsOf(const std::string& stream, uint64_t head);
  // The stream's event of this id; null if it has none.
  const LoggedEvent* FindEvent(const std::string& stream, const EventId& id) const;

  // The first position beyond `after` whose event matches; nothing if there is none.
  std::optional<uint64_t> FirstMatch(const EventFilter& filter, uint64_t after);

 private:
  using Positions = std::vector<uint64_t>;
  using Index = absl::flat_hash_map<std::string, Positions>;

  void CheckEvent(const LoggedEvent& event, std::vector<Finding>& findings);
  void AddCommit(const LoggedEvent& event, std::vector<Finding>& findings);
  const Positions& Matching(const EventFilter& filter);
  // The shortest list that holds every match of `item`; null: the whole log.
  const Positions* Candidates(const FilterItem& item);
  bool Matches(const FilterItem& item, const LoggedEvent& event) const;

  const std::vector<LoggedEvent>& events_;
  Steps& steps_;
  std::vector<LoggedCommit> commits_;  // by position
  absl::flat_hash_map<CommitId, size_t> commit_ids_;
  absl::flat_hash_map<std::string, Positions> streams_;
  absl::flat_hash_map<std::pair<std::string, EventId>, uint64_t> event_ids_;
  Index keys_;  // "t:type", "g:tag", "c:category", "r:correlation"
  absl::flat_hash_map<std::string, Positions> matching_;
};

}  // namespace nexus::history
